//! Backends of one's own keep the laws: that of the example, naive ones, and any one behind an `Arc`.

use std::sync::{Arc, Mutex};

use futures::executor::{ThreadPool, block_on};
use pyventus::conformance::Fixture;
use pyventus::{Backend, EventEmission, SubmitError};
use tokio::runtime::Builder;

use crate::local::{BACKENDS, Driven};
use crate::request_background::RequestBackground;

/// The backend of the example, and the end of its request.
#[derive(Default)]
struct Request(Arc<RequestBackground>);

impl Fixture for Request {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.0) as Arc<dyn Backend>
    }

    fn settle(&self) {
        block_on(self.0.after_response());
    }
}

/// Keeps emissions until it is told to run them, the last one first.
#[derive(Default)]
struct Later(Mutex<Vec<EventEmission>>);

impl Backend for Later {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.0.lock().unwrap().push(emission);
        Ok(())
    }
}

#[derive(Default)]
struct Kept(Arc<Later>);

impl Fixture for Kept {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.0) as Arc<dyn Backend>
    }

    fn settle(&self) {
        loop {
            // The lock is released before the emission runs.
            let last = self.0.0.lock().unwrap().pop();
            match last {
                Some(emission) => block_on(emission.run()),
                None => return,
            }
        }
    }
}

/// Spawns emissions on an executor that is not tokio, in the one line it takes.
struct Spawning(ThreadPool);

impl Backend for Spawning {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.0.spawn_ok(emission.run());
        Ok(())
    }
}

struct Spawned(Arc<Spawning>);

impl Spawned {
    fn new() -> Self {
        Self(Arc::new(Spawning(ThreadPool::builder().pool_size(2).create().unwrap())))
    }
}

impl Fixture for Spawned {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.0) as Arc<dyn Backend>
    }
}

/// A backend that is used behind one more `Arc`, which is a backend, too.
struct Shared<F>(F);

impl<F: Fixture> Fixture for Shared<F> {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.0.backend())
    }

    fn emitting(&self, code: &mut dyn FnMut()) {
        self.0.emitting(code);
    }

    fn settle(&self) {
        self.0.settle();
    }

    fn close(&self) -> bool {
        self.0.close()
    }

    fn cut(&self) -> Option<Vec<EventEmission>> {
        self.0.cut()
    }
}

#[test]
fn a_backend_behind_an_arc_says_what_the_backend_says() {
    for (name, open) in BACKENDS {
        let backend = open(Driven::start(&mut Builder::new_current_thread()).unwrap()).unwrap().backend();
        let shared = Arc::new(Arc::clone(&backend));
        assert_eq!(shared.name(), backend.name(), "{name}");
        assert_eq!(shared.id(), backend.id(), "{name}");
        assert_eq!(shared.capabilities(), backend.capabilities(), "{name}");
    }
}

mod of_the_example {
    pyventus::backend_laws!(super::Request::default);
}

mod later {
    pyventus::backend_laws!(super::Kept::default);
}

mod spawning {
    pyventus::backend_laws!(super::Spawned::new);
}

mod shared {
    use tokio::runtime::Builder;

    use super::{BACKENDS, Driven, Shared};
    use crate::local::Local;

    /// A backend of the list, by its name there.
    fn local(name: &str) -> Local {
        let (_, open) = BACKENDS.into_iter().find(|(listed, _)| *listed == name).unwrap();
        open(Driven::start(Builder::new_multi_thread().worker_threads(2)).unwrap()).unwrap()
    }

    mod of_the_example {
        pyventus::backend_laws!(|| super::Shared(crate::of_ones_own::Request::default()));
    }

    mod inline {
        pyventus::backend_laws!(|| super::Shared(super::local("InlineBackend")));
    }

    mod plain_tokio {
        pyventus::backend_laws!(|| super::Shared(super::local("TokioBackend")));
    }

    mod ordered_tokio {
        pyventus::backend_laws!(|| super::Shared(super::local("TokioBackend, ordered")));
    }

    mod thread_pool {
        pyventus::backend_laws!(|| super::Shared(super::local("ThreadPoolBackend of 4")));
    }

    mod background_tasks {
        pyventus::backend_laws!(|| super::Shared(super::local("BackgroundTasks")));
    }
}
