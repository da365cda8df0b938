//! The laws that every backend keeps, held by the tasks of one request on both flavours of a runtime.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http::{Request, Response};
use pyventus_axum::{BackgroundTasks, BackgroundTasksLayer, Drain};
use pyventus_core::conformance::{Fixture, PATIENCE};
use pyventus_core::{Backend, EventEmission};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tower::{Layer as _, ServiceExt as _};

/// A runtime that a thread of its own drives, until this is dropped.
struct Driven {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Driven {
    fn start(mut builder: Builder) -> Self {
        let runtime = builder.worker_threads(2).enable_all().build().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        let thread = thread::spawn(move || drop(runtime.block_on(stopped)));
        Self { handle, stop: Some(stop), thread: Some(thread) }
    }

    fn current_thread() -> Self {
        Self::start(Builder::new_current_thread())
    }

    fn multi_thread() -> Self {
        Self::start(Builder::new_multi_thread())
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.stop.take();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// A request whose response was sent: what is emitted runs by itself.
struct Sent {
    runtime: Driven,
    layer: BackgroundTasksLayer,
    tasks: BackgroundTasks,
}

impl Sent {
    fn on(runtime: Driven) -> Self {
        let (layer, handed) = (BackgroundTasksLayer::new(), Mutex::default());
        let service = tower::service_fn(async |request: Request<()>| {
            *handed.lock().unwrap() = request.extensions().get::<BackgroundTasks>().cloned();
            Ok::<_, Infallible>(Response::new(()))
        });
        let response = runtime.handle.block_on(layer.layer(service).oneshot(Request::new(()))).unwrap();
        drop(response);
        let tasks = handed.into_inner().unwrap().unwrap();
        Self { runtime, layer, tasks }
    }
}

impl Fixture for Sent {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.tasks.clone())
    }

    fn close(&self) -> bool {
        assert_eq!(self.runtime.handle.block_on(self.layer.close(PATIENCE)).unwrap().cut, 0);
        true
    }

    fn cut(&self) -> Option<Vec<EventEmission>> {
        self.runtime.handle.block_on(self.layer.close(Duration::ZERO)).unwrap();
        Some(Vec::new())
    }
}

/// A request that is ended by hand.
struct ByHand {
    runtime: Driven,
    tasks: BackgroundTasks,
    drain: Mutex<Option<Drain>>,
}

impl ByHand {
    fn on(runtime: Driven) -> Self {
        let (tasks, drain) = BackgroundTasks::new();
        Self { runtime, tasks, drain: Mutex::new(Some(drain)) }
    }
}

impl Fixture for ByHand {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.tasks.clone())
    }

    fn emitting(&self, code: &mut dyn FnMut()) {
        let _entered = self.runtime.handle.enter();
        code();
    }

    fn settle(&self) {
        let drain = self.drain.lock().unwrap().take();
        if let Some(drain) = drain {
            self.runtime.handle.block_on(drain.run());
        }
    }
}

macro_rules! laws_on {
    ($($flavour:ident),+) => {$(
        mod $flavour {
            use super::{ByHand, Driven, Sent};

            mod sent {
                pyventus_core::backend_laws!(|| super::Sent::on(super::Driven::$flavour()));
            }

            mod by_hand {
                pyventus_core::backend_laws!(|| super::ByHand::on(super::Driven::$flavour()));
            }
        }
    )+};
}

laws_on!(current_thread, multi_thread);
