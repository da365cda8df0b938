//! Many emissions over each backend that runs handlers in this process, by two threads, to three
//! handlers: each emission has run all of them exactly once, was given back, or was cancelled.
//!
//! Run it: `cargo run --example stress -- 10000`
//!
//! It prints:
//!
//! ```text
//! InlineBackend: 10000 submitted = 10000 run + 0 returned + 0 cancelled
//! TokioBackend: 10000 submitted = 10000 run + 0 returned + 0 cancelled
//! TokioBackend, ordered: 10000 submitted = 10000 run + 0 returned + 0 cancelled
//! TokioBackend, limited to 64: 10000 submitted = 10000 run + 0 returned + 0 cancelled
//! ThreadPoolBackend of 1: 10000 submitted = 10000 run + 0 returned + 0 cancelled
//! ThreadPoolBackend of 4: 10000 submitted = 10000 run + 0 returned + 0 cancelled
//! BackgroundTasks: 10000 submitted = 10000 run + 0 returned + 0 cancelled
//! ```
//!
//! Without a number it emits 1,000,000 times over each: `cargo run --release --example stress`. Where
//! nothing is closed, nothing may be returned or cancelled: it fails where anything is.
#![expect(clippy::print_stdout, reason = "an example prints")]

mod backends;

use anyhow::{Context as _, ensure};
use pyventus::conformance::{Stress, stress};
use tokio::runtime::Builder;

use backends::{BACKENDS, Driven};

/// How many times each backend is emitted to, unless another number is given.
const EMISSIONS: usize = 1_000_000;

const THREADS: usize = 2;

fn main() -> anyhow::Result<()> {
    let emissions = match std::env::args().nth(1) {
        Some(number) => number.parse().context("the argument is the number of emissions")?,
        None => EMISSIONS,
    };
    for (name, open) in BACKENDS {
        let backend = open(Driven::start(Builder::new_multi_thread().worker_threads(THREADS))?)?;
        let result = stress(backend, emissions, THREADS);
        let Stress { submitted, ran, returned, cancelled } = result;
        println!("{name}: {submitted} submitted = {ran} run + {returned} returned + {cancelled} cancelled");
        ensure!(result.is_conserved(), "{name} has lost emissions");
        ensure!(submitted == emissions && ran == emissions, "{name} has not run all {emissions} emissions");
    }
    Ok(())
}
