//! Measures pyventus against the least that the same work costs, and against its peers.
//!
//! Floors, pyventus and peers are interleaved in one process, round by round, so that the mood of
//! the machine falls on all of them alike; of every one the median counts. Nanoseconds differ from
//! machine to machine and from hour to hour, ratios do not: a ratio is what is to be looked at.
//!
//! ```text
//! cargo run --release -p pyventus-bench
//! cargo run --release -p pyventus-bench -- --quick --only typed_inline --n 1
//! cargo run --release -p pyventus-bench --features peers -- --generated
//! cargo run --release -p pyventus-bench -- --compile-time
//! cargo run --release -p pyventus-bench -- --counts
//! cargo run --release -p pyventus-bench --features brokers -- --brokers
//! ```

mod options;
mod sample;
mod race;
mod event;
mod floors;
mod inline;
mod distinct;
mod arguments;
mod in_place;
mod runtime;
mod threads;
mod pool;
mod linking;
mod keys;
#[cfg(feature = "brokers")]
mod brokers;
#[cfg(feature = "peers")]
mod peers;
mod generated;
mod first_emit;
mod compile_time;
mod counts;
mod goals;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;

use options::{Options, Scope};
use race::Race;
use table::Table;

fn main() -> ExitCode {
    let options = Options::parse(std::env::args().skip(1)).map_err(io::Error::other);
    match options.and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even that cannot be written, there is nobody to be told.
            drop(writeln!(io::stderr(), "{error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match &options.scope {
        Scope::Races | Scope::WithGenerated => race(out, options, races(options)),
        #[cfg(feature = "brokers")]
        Scope::Brokers => race(out, options, brokers::races(options)),
        Scope::CompileTime => compile_time::write(&mut out),
        Scope::Counts => counts::check(&mut out),
        Scope::WriteCounts => counts::write(&mut out),
        Scope::Repeat { case, n, times } => {
            counts::repeat(&mut out, &races(options), (case.as_str(), *n), *times)
        }
    }
}

fn race(out: impl Write, options: &Options, races: Vec<Race>) -> io::Result<()> {
    let mut table = Table::new(out, options);
    for race in races {
        table.add(&race.title, race.run(options))?;
    }
    if options.scope == Scope::WithGenerated {
        table.add("the first emission of a program", first_emit::rows(options)?)?;
    }
    table.close()
}

fn races(options: &Options) -> Vec<Race> {
    [
        inline::races(options),
        distinct::races(options),
        arguments::races(options),
        in_place::races(options),
        runtime::races(options),
        threads::races(options),
        pool::races(options),
        linking::races(options),
        keys::races(options),
    ]
    .into_iter()
    .flatten()
    .collect()
}
