//! The background tasks of one request, as a backend.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use pyventus::{Backend, EventEmission, SubmitError};

type Tasks = Vec<BoxFuture<'static, ()>>;

/// The background tasks of one request.
#[derive(Default)]
pub(crate) struct RequestBackground {
    tasks: Mutex<Tasks>,
}

impl Backend for RequestBackground {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.tasks().push(emission.run().boxed());
        Ok(())
    }
}

impl RequestBackground {
    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the tasks in order, and those that they add in turn.
    pub(crate) async fn after_response(&self) {
        loop {
            let tasks = std::mem::take(&mut *self.tasks());
            if tasks.is_empty() {
                return;
            }
            for task in tasks {
                task.await;
            }
        }
    }
}
