//! What `TokioBackend` promises beside running handlers: order, limits, waiting, closing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod running;
mod order;
mod waiting;
mod closing;
mod ended;
mod kept;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pyventus_core::{EventEmitter, EventLinker};
use pyventus_tokio::TokioBackend;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

/// How long a test waits for what ought to happen.
const PATIENCE: Duration = Duration::from_mins(1);

type Log = Arc<Mutex<Vec<String>>>;

fn emitter(backend: &TokioBackend, linker: &EventLinker) -> EventEmitter {
    EventEmitter::builder(backend.clone()).linker(linker).build()
}

/// Both flavours of a runtime.
fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

/// A handler of every numbered event: it logs its start and its end, with a pause between.
fn logged(linker: &EventLinker, events: &'static [&'static str]) -> Log {
    let log = Log::default();
    for event in events {
        let log = Arc::clone(&log);
        linker
            .subscribe(*event)
            .handler(move || {
                let log = Arc::clone(&log);
                async move {
                    log.lock().unwrap().push(format!("{event} starts"));
                    for _ in 0..3 {
                        tokio::task::yield_now().await;
                    }
                    log.lock().unwrap().push(format!("{event} ends"));
                }
            })
            .unwrap();
    }
    log
}

fn in_turn(events: &[&str]) -> Vec<String> {
    events.iter().flat_map(|event| [format!("{event} starts"), format!("{event} ends")]).collect()
}

/// A handler of the event `held`, which waits until it is released, and counts when it starts.
struct Held {
    started: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl Held {
    fn link(linker: &EventLinker) -> Self {
        let held = Self { started: Arc::new(Semaphore::new(0)), released: Arc::new(Semaphore::new(0)) };
        let (started, released) = (Arc::clone(&held.started), Arc::clone(&held.released));
        linker
            .subscribe("held")
            .handler(move || {
                started.add_permits(1);
                let released = Arc::clone(&released);
                async move { released.acquire().await.map(tokio::sync::SemaphorePermit::forget) }
            })
            .unwrap();
        held
    }

    /// Waits until one has started.
    async fn started(&self) {
        self.started.acquire().await.unwrap().forget();
    }

    fn release(&self, count: usize) {
        self.released.add_permits(count);
    }
}

/// What makes a backend of each kind.
const KINDS: [fn(TokioBackend) -> TokioBackend; 3] =
    [|backend| backend, TokioBackend::ordered, |backend| backend.max_concurrency(2).unwrap()];
