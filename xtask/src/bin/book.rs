//! Builds the book in the folder that is given, as `mdbook build` does, and fails where mdBook warns.
#![expect(clippy::print_stderr, reason = "a program speaks to who runs it")]

use std::env;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, ensure};
use mdbook_driver::MDBook;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Counts the warnings and the errors.
struct Count(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Count {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::WARN {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> anyhow::Result<()> {
    let count = Arc::new(AtomicUsize::new(0));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).without_time().with_target(false);
    tracing_subscriber::registry().with(Count(Arc::clone(&count))).with(lines).with(LevelFilter::INFO).init();

    let folder = env::args().nth(1).context("the folder of the book is missing")?;
    MDBook::load(folder)?.build()?;
    let warnings = count.load(Ordering::Relaxed);
    ensure!(warnings == 0, "mdBook has warned: {warnings}");
    Ok(())
}
