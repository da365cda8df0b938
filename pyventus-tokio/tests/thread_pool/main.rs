//! What `ThreadPoolBackend` promises beside the laws: where handlers run, what they may do there, and
//! how a pool ends.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod running;
mod nesting;
mod panicking;
mod closing;
mod ending;

use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::time::Duration;

use pyventus_core::{EventEmitter, EventLinker};
use pyventus_tokio::ThreadPoolBackend;
use tokio::runtime::{Builder, Runtime};

/// How long a test waits for what ought to happen.
const PATIENCE: Duration = Duration::from_mins(1);

fn pool(threads: usize) -> ThreadPoolBackend {
    ThreadPoolBackend::new(threads).unwrap()
}

fn emitter(backend: &ThreadPoolBackend, linker: &EventLinker) -> EventEmitter {
    EventEmitter::builder(backend.clone()).linker(linker).build()
}

/// Both flavours of a runtime.
fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn push(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A handler of the event `held`, which holds its thread up until it is released.
struct Held {
    started: mpsc::Receiver<()>,
    release: mpsc::Sender<()>,
}

impl Held {
    fn link(linker: &EventLinker) -> Self {
        let (start, started) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let released = Mutex::new(released);
        linker
            .subscribe("held")
            .handler(move || {
                // Whoever looks at the test alone may have gone.
                let _unheard = start.send(());
                // Released one by one, or all at once where the sender is dropped.
                let _all = released.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(PATIENCE);
            })
            .unwrap();
        Self { started, release }
    }

    /// Waits until a thread is held up.
    fn wait_until_started(&self) {
        self.started.recv_timeout(PATIENCE).unwrap();
    }

    fn release_one(&self) {
        self.release.send(()).unwrap();
    }

    /// Releases those that are held up and those that will be.
    fn release_all(self) {
        drop(self.release);
    }
}

/// A place where threads wait for one another.
#[derive(Clone, Default)]
struct Meeting(Arc<(Mutex<usize>, Condvar)>);

impl Meeting {
    /// Waits until so many have come; returns whether they did.
    fn of(&self, threads: usize) -> bool {
        let (come, changed) = &*self.0;
        let mut come = come.lock().unwrap();
        *come += 1;
        changed.notify_all();
        let (come, _) = changed.wait_timeout_while(come, PATIENCE, |come| *come < threads).unwrap();
        *come >= threads
    }
}
