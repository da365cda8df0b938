//! Emissions on tokio, driven from a spawned task: from `block_on`, every one would cost a wake
//! more.

mod ready;
mod pattern;
mod yielding;
mod returning;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pyventus::{EventEmitter, EventLinker, TokioBackend};
use tokio::runtime::{Builder, Runtime};

use crate::event::OrderPlaced;
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

pub(crate) use ready::link_ready;

/// The flavours of the runtime, as the names of cases bear them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    Current,
    Multi,
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Current => "current",
            Self::Multi => "multi",
        })
    }
}

impl Flavour {
    const BOTH: [Self; 2] = [Self::Current, Self::Multi];

    pub(crate) fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::Current => Builder::new_current_thread(),
            Self::Multi => Builder::new_multi_thread(),
        };
        builder.worker_threads(2).build().expect("a runtime can be built")
    }
}

/// One race for each flavour and number of handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    [ready::races(options), yielding::races(options), returning::races(options)]
        .into_iter()
        .flatten()
        .collect()
}

/// Those races for each flavour and number of handlers.
fn races_of(
    title: &'static str,
    sizes: &[usize],
    contenders: fn(usize, Flavour) -> Vec<Contender>,
) -> Vec<Race> {
    let race = |flavour, n| Race::new(format!("{title}, tokio"), move || contenders(n, flavour));
    Flavour::BOTH.into_iter().flat_map(|flavour| sizes.iter().map(move |&n| race(flavour, n))).collect()
}

/// A contender that repeats what it does in a task of a runtime of its own.
pub(crate) fn in_task<O, F>(
    case: &str,
    n: usize,
    flavour: Flavour,
    prepare: impl FnOnce(&Runtime) -> O + 'static,
) -> Contender
where
    O: Fn() -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send,
{
    Contender::timed(format!("{case}_{flavour}"), n, move || {
        let runtime = flavour.runtime();
        let once = prepare(&runtime);
        move |times| {
            let once = once.clone();
            drive(&runtime, async move {
                let since = Instant::now();
                for _ in 0..times {
                    once().await;
                }
                since.elapsed()
            })
        }
    })
}

/// Runs a future in a task of the runtime.
fn drive(runtime: &Runtime, task: impl Future<Output = Duration> + Send + 'static) -> Duration {
    runtime.block_on(runtime.spawn(task)).expect("the task ends")
}

/// Emits a shared event and awaits the end of the emission.
fn emit_to_the_end(
    case: &str,
    n: usize,
    flavour: Flavour,
    emitter: impl FnOnce() -> EventEmitter + 'static,
) -> Contender {
    in_task(case, n, flavour, move |_| {
        let (emitter, event) = (emitter(), OrderPlaced::shared());
        move || {
            let emission = emitter.emit(Arc::clone(&event));
            async move { drop(emission.await.expect("the emission ends")) }
        }
    })
}

/// An emitter for those handlers.
fn emitter(backend: TokioBackend, link: impl FnOnce(&EventLinker)) -> EventEmitter {
    let linker = EventLinker::new();
    link(&linker);
    EventEmitter::builder(backend).linker(&linker).build()
}
