//! Emissions on tokio, driven from a spawned task: from `block_on`, every one would cost a wake
//! more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyventus::{EventEmitter, EventLinker, TokioBackend, key};
use tokio::runtime::{Builder, Runtime};

use crate::event::{OrderPlaced, answer};
use crate::floors::{AsyncHandler, ready_handlers};
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// The flavours of the runtime, as the names of cases bear them.
#[derive(Clone, Copy, Debug)]
enum Flavour {
    Current,
    Multi,
}

impl Flavour {
    fn suffix(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Multi => "multi",
        }
    }

    fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::Current => Builder::new_current_thread(),
            Self::Multi => Builder::new_multi_thread(),
        };
        builder.worker_threads(2).build().expect("a runtime can be built")
    }
}

/// One race for each flavour and number of handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[1, 10, 100, 1000], &[1, 10, 100]);
    let mut races = Vec::new();
    for flavour in [Flavour::Current, Flavour::Multi] {
        for &n in &sizes {
            races.push(Race::new("tokio", move || contenders(n, flavour)));
        }
    }
    races
}

fn contenders(n: usize, flavour: Flavour) -> Vec<Contender> {
    vec![spawn_sequential(n, flavour), ready(n, flavour)]
}

/// Repeats a future in a task of the runtime.
fn in_task<F: Future<Output = ()> + Send>(
    runtime: &Runtime,
    times: u64,
    once: impl Fn() -> F + Send + 'static,
) -> Duration {
    let task = async move {
        let since = Instant::now();
        for _ in 0..times {
            once().await;
        }
        since.elapsed()
    };
    runtime.block_on(runtime.spawn(task)).expect("the task ends")
}

/// One task for each emission, which runs all handlers one after the other.
fn spawn_sequential(n: usize, flavour: Flavour) -> Contender {
    let runtime = flavour.runtime();
    let (handlers, event) = (ready_handlers(n), OrderPlaced::shared());
    Contender::timed("spawn_sequential", n, ("spawn_sequential", n), move |times| {
        let (handlers, event) = (Arc::clone(&handlers), Arc::clone(&event));
        in_task(&runtime, times, move || one_after_the_other(Arc::clone(&handlers), Arc::clone(&event)))
    })
}

async fn one_after_the_other(handlers: Arc<[AsyncHandler]>, event: Arc<OrderPlaced>) {
    let emission = async move {
        for handler in handlers.iter() {
            handler(Arc::clone(&event)).await;
        }
    };
    tokio::spawn(emission).await.expect("the task ends");
}

/// Handlers that are ready when they are polled first, to the end of the emission.
fn ready(n: usize, flavour: Flavour) -> Contender {
    let runtime = flavour.runtime();
    let (emitter, event) = (emitter(n), OrderPlaced::shared());
    let case = format!("tokio_ready_{}", flavour.suffix());
    Contender::timed(case, n, ("spawn_sequential", n), move |times| {
        let (emitter, event) = (emitter.clone(), Arc::clone(&event));
        in_task(&runtime, times, move || {
            let emission = emitter.emit(Arc::clone(&event));
            async move { drop(emission.await.expect("the emission ends")) }
        })
    })
}

fn emitter(n: usize) -> EventEmitter {
    let linker = EventLinker::new();
    for _ in 0..n {
        let handler = |event: Arc<OrderPlaced>| async move { answer(&event) };
        linker.subscribe(key::<OrderPlaced>()).handler(handler).expect("the handler is linked");
    }
    EventEmitter::builder(TokioBackend::new()).linker(&linker).build()
}
