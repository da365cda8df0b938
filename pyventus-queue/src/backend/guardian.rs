//! What holds a runtime back that ends before everything was published which its tasks have emitted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio_util::sync::CancellationToken;

use super::outbox::Outbox;

/// How long a runtime is held back.
const PATIENCE: Duration = Duration::from_secs(5);

/// The runtimes that wait for an outbox before they end.
///
/// A task of each of them does nothing until it is dropped with the runtime: most often because `main` has returned,
/// after which the threads of the process do not go on for long.
#[derive(Default)]
pub(super) struct Guardians {
    runtimes: Arc<Mutex<Vec<Id>>>,
    ended: CancellationToken,
}

impl Guardians {
    /// Sees to it that a runtime waits.
    pub(super) fn guard(&self, runtime: &Handle, outbox: &Arc<Outbox>) {
        let id = runtime.id();
        let mut known = lock(&self.runtimes);
        // There are few.
        if !known.contains(&id) {
            known.push(id);
            drop(known);
            let runtimes = Arc::clone(&self.runtimes);
            let guardian = Guardian { id, runtimes, outbox: Arc::clone(outbox) };
            let ended = self.ended.clone();
            runtime.spawn(async move {
                let _guardian = guardian;
                ended.cancelled().await;
            });
        }
    }

    /// Nobody emits any more.
    pub(super) fn end(&self) {
        self.ended.cancel();
    }
}

struct Guardian {
    id: Id,
    runtimes: Arc<Mutex<Vec<Id>>>,
    outbox: Arc<Outbox>,
}

impl Drop for Guardian {
    fn drop(&mut self) {
        lock(&self.runtimes).retain(|id| *id != self.id);
        let left = self.outbox.flush_blocking(PATIENCE);
        if left > 0 {
            tracing::error!(
                target: "pyventus",
                source = "QueueBackend",
                left,
                "a runtime ends, and the broker has not accepted all events that were emitted on it"
            );
        }
    }
}

fn lock(runtimes: &Mutex<Vec<Id>>) -> MutexGuard<'_, Vec<Id>> {
    runtimes.lock().unwrap_or_else(PoisonError::into_inner)
}
