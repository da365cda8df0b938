//! Measures pyventus against the least that the same work costs.
//!
//! Floors and pyventus are interleaved in one process, round by round, so that the mood of the
//! machine falls on all of them alike; of every one the median counts. Nanoseconds differ from
//! machine to machine and from hour to hour, ratios do not: a ratio is what is to be looked at.
//!
//! ```text
//! cargo run --release -p pyventus-bench
//! cargo run --release -p pyventus-bench -- --quick --only typed_inline
//! ```

mod options;
mod sample;
mod race;
mod event;
mod floors;
mod inline;
mod runtime;
mod goals;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(wrong) => return told(io::stderr().write_all(wrong.as_bytes()), ExitCode::FAILURE),
    };
    told(run(&options), ExitCode::SUCCESS)
}

fn run(options: &Options) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for race in inline::races(options).into_iter().chain(runtime::races(options)) {
        let rows = race.run(options);
        if !rows.is_empty() {
            table::write(&mut out, race.title, &rows, options)?;
        }
    }
    Ok(())
}

/// What could not be written has nobody to be told.
fn told(written: io::Result<()>, code: ExitCode) -> ExitCode {
    if written.is_ok() { code } else { ExitCode::FAILURE }
}
