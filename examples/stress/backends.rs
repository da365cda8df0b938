//! The backends that run handlers in this process, each with a runtime that it is emitted to from.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use pyventus::axum::{BackgroundTasks, Drain};
use pyventus::conformance::{Fixture, PATIENCE};
use pyventus::{Backend, EventEmission, InlineBackend, ThreadPoolBackend, TokioBackend};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// What makes a backend that is emitted to from a runtime.
type Open = fn(Driven) -> anyhow::Result<Local>;

/// Each backend, by what it is called here.
pub(crate) const BACKENDS: [(&str, Open); 7] = [
    ("InlineBackend", |runtime| Ok(Local::new(InlineBackend::new(), End::Never, runtime))),
    ("TokioBackend", |runtime| Ok(Local::tokio(TokioBackend::new(), runtime))),
    ("TokioBackend, ordered", |runtime| Ok(Local::tokio(TokioBackend::new().ordered(), runtime))),
    ("TokioBackend, limited to 64", |runtime| {
        Ok(Local::tokio(TokioBackend::new().max_concurrency(64)?, runtime))
    }),
    ("ThreadPoolBackend of 1", |runtime| Ok(Local::pool(ThreadPoolBackend::new(1)?, runtime))),
    ("ThreadPoolBackend of 4", |runtime| Ok(Local::pool(ThreadPoolBackend::new(4)?, runtime))),
    ("BackgroundTasks", |runtime| {
        let (tasks, drain) = BackgroundTasks::new();
        Ok(Local::new(tasks, End::Drain(Mutex::new(Some(drain))), runtime))
    }),
];

/// A backend, and the runtime that it is emitted to from.
pub(crate) struct Local {
    backend: Arc<dyn Backend>,
    end: End,
    runtime: Driven,
}

/// What ends what a backend has taken.
enum End {
    Never,
    Tokio(TokioBackend),
    Pool(ThreadPoolBackend),
    Drain(Mutex<Option<Drain>>),
}

impl Local {
    fn new(backend: impl Backend, end: End, runtime: Driven) -> Self {
        Self { backend: Arc::new(backend), end, runtime }
    }

    fn tokio(backend: TokioBackend, runtime: Driven) -> Self {
        Self::new(backend.clone(), End::Tokio(backend), runtime)
    }

    fn pool(backend: ThreadPoolBackend, runtime: Driven) -> Self {
        Self::new(backend.clone(), End::Pool(backend), runtime)
    }
}

impl Fixture for Local {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.backend)
    }

    fn emitting(&self, code: &mut dyn FnMut()) {
        let _entered = self.runtime.handle.enter();
        code();
    }

    /// Lets the tasks of a request begin; later ones run by themselves.
    fn settle(&self) {
        if let End::Drain(drain) = &self.end {
            let drain = drain.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(drain) = drain {
                self.runtime.handle.block_on(drain.run());
            }
        }
    }

    fn close(&self) -> bool {
        match &self.end {
            End::Tokio(backend) => self.runtime.handle.block_on(backend.close(PATIENCE)).is_ok(),
            End::Pool(backend) => backend.close().is_ok(),
            End::Never | End::Drain(_) => false,
        }
    }

    fn cut(&self) -> Option<Vec<EventEmission>> {
        match &self.end {
            End::Tokio(backend) => {
                let closed = self.runtime.handle.block_on(backend.close(Duration::ZERO));
                closed.ok().map(|_| Vec::new())
            }
            End::Pool(backend) => Some(backend.close_now()),
            End::Never | End::Drain(_) => None,
        }
    }
}

/// A runtime that a thread of its own drives until this is dropped.
pub(crate) struct Driven {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Driven {
    pub(crate) fn start(builder: &mut Builder) -> io::Result<Self> {
        let runtime = builder.enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        let thread = thread::spawn(move || drop(runtime.block_on(stopped)));
        Ok(Self { handle, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic on it was reported by the panic hook.
            drop(thread.join());
        }
    }
}
