//! The laws that every backend keeps, held by `TokioBackend`: with each of its options, on both
//! flavours of a runtime, and in synchronous code. And by `ThreadPoolBackend`, with one thread and
//! with several.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use pyventus_core::conformance::{Fixture, PATIENCE};
use pyventus_core::{Backend, EventEmission};
use pyventus_tokio::{ThreadPoolBackend, TokioBackend};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime that a thread of its own drives, until this is dropped.
struct Driven {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Driven {
    fn start(mut builder: Builder) -> Self {
        let runtime = builder.enable_all().build().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        let thread = thread::spawn(move || drop(runtime.block_on(stopped)));
        Self { handle, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.stop.take();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// A backend whose emissions are made inside of a runtime, or outside of every one.
struct Tokio {
    backend: TokioBackend,
    inside: bool,
    runtime: Driven,
}

impl Tokio {
    fn current_thread(backend: TokioBackend) -> Self {
        Self { backend, inside: true, runtime: Driven::start(Builder::new_current_thread()) }
    }

    fn multi_thread(backend: TokioBackend) -> Self {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2);
        Self { backend, inside: true, runtime: Driven::start(builder) }
    }

    /// The runtime is there for closing alone.
    fn synchronous(backend: TokioBackend) -> Self {
        Self { inside: false, ..Self::current_thread(backend) }
    }
}

impl Fixture for Tokio {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.backend.clone())
    }

    fn emitting(&self, code: &mut dyn FnMut()) {
        let _entered = self.inside.then(|| self.runtime.handle.enter());
        code();
    }

    fn close(&self) -> bool {
        assert_eq!(self.runtime.handle.block_on(self.backend.close(PATIENCE)).unwrap().cut, 0);
        true
    }

    fn cut(&self) -> Option<Vec<EventEmission>> {
        self.runtime.handle.block_on(self.backend.close(Duration::ZERO)).unwrap();
        // What never ran was cancelled.
        Some(Vec::new())
    }
}

macro_rules! laws_of {
    ($($context:ident),+) => {$(
        mod $context {
            use super::{Tokio, TokioBackend};

            mod plain {
                pyventus_core::backend_laws!(|| super::Tokio::$context(super::TokioBackend::new()));
            }

            mod ordered {
                pyventus_core::backend_laws!(|| super::Tokio::$context(super::TokioBackend::new().ordered()));
            }

            mod limited_to_one {
                pyventus_core::backend_laws!(|| {
                    super::Tokio::$context(super::TokioBackend::new().max_concurrency(1).unwrap())
                });
            }
        }
    )+};
}

laws_of!(current_thread, multi_thread, synchronous);

struct ThreadPool(ThreadPoolBackend);

impl ThreadPool {
    fn of(threads: usize) -> Self {
        Self(ThreadPoolBackend::new(threads).unwrap())
    }
}

impl Fixture for ThreadPool {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.0.clone())
    }

    fn close(&self) -> bool {
        self.0.close().unwrap();
        true
    }

    fn cut(&self) -> Option<Vec<EventEmission>> {
        Some(self.0.close_now())
    }
}

mod thread_pool {
    use super::ThreadPool;

    mod of_one {
        pyventus_core::backend_laws!(|| super::ThreadPool::of(1));
    }

    mod of_four {
        pyventus_core::backend_laws!(|| super::ThreadPool::of(4));
    }
}
