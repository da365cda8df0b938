//! The laws that every backend keeps, held by the tasks of one request.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response};
use pyventus_axum::{BackgroundTasks, BackgroundTasksLayer, Drain};
use pyventus_core::conformance::{Fixture, PATIENCE};
use pyventus_core::{Backend, EventEmission};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer as _, ServiceExt as _};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A request whose response was sent: what is emitted runs by itself.
struct Sent {
    runtime: Runtime,
    layer: BackgroundTasksLayer,
    tasks: BackgroundTasks,
}

impl Sent {
    fn new() -> Self {
        let (runtime, layer, handed) = (runtime(), BackgroundTasksLayer::new(), Mutex::default());
        let service = tower::service_fn(async |request: Request<()>| {
            *handed.lock().unwrap() = request.extensions().get::<BackgroundTasks>().cloned();
            Ok::<_, Infallible>(Response::new(()))
        });
        let response = runtime.block_on(layer.layer(service).oneshot(Request::new(()))).unwrap();
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
        assert_eq!(self.runtime.block_on(self.layer.close(PATIENCE)).unwrap().cut, 0);
        true
    }

    fn cut(&self) -> Option<Vec<EventEmission>> {
        self.runtime.block_on(self.layer.close(Duration::ZERO)).unwrap();
        Some(Vec::new())
    }
}

/// A request that is ended by hand.
struct ByHand {
    runtime: Runtime,
    tasks: BackgroundTasks,
    drain: Mutex<Option<Drain>>,
}

impl ByHand {
    fn new() -> Self {
        let (tasks, drain) = BackgroundTasks::new();
        Self { runtime: runtime(), tasks, drain: Mutex::new(Some(drain)) }
    }
}

impl Fixture for ByHand {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.tasks.clone())
    }

    fn emitting(&self, code: &mut dyn FnMut()) {
        let _entered = self.runtime.enter();
        code();
    }

    fn settle(&self) {
        let drain = self.drain.lock().unwrap().take();
        if let Some(drain) = drain {
            self.runtime.block_on(drain.run());
        }
    }
}

mod sent {
    pyventus_core::backend_laws!(super::Sent::new);
}

mod by_hand {
    pyventus_core::backend_laws!(super::ByHand::new);
}
