//! What a worker is watched with, and told to end.

use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::summary::{Summary, Tally};

/// Watches a worker and ends it, from wherever it is kept.
///
/// # Examples
///
/// ```
/// use pyventus_queue::{MemoryBroker, Worker};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let worker = Worker::new(MemoryBroker::new(1_000));
/// let handle = worker.handle();
/// let running = tokio::spawn(worker.run_until(std::future::pending::<()>()));
/// handle.stop();
/// assert_eq!(running.await??.received, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct WorkerHandle {
    pub(super) stopping: CancellationToken,
    pub(super) cut: CancellationToken,
    pub(super) tally: Arc<Tally>,
}

impl WorkerHandle {
    /// Lets the worker end: it takes no further events, and finishes what it has begun or hands it back by its
    /// [deadline](crate::Worker::grace). A second call is [`stop_now`](Self::stop_now).
    pub fn stop(&self) {
        if self.stopping.is_cancelled() {
            self.stop_now();
        } else {
            self.stopping.cancel();
        }
    }

    /// Lets the worker end at once: handlers are dropped where they wait, and what they had to do is handed back.
    pub fn stop_now(&self) {
        self.stopping.cancel();
        self.cut.cancel();
    }

    /// Returns whether the worker was told to end.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Returns what the worker has done so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.tally.summary()
    }
}

impl fmt::Debug for WorkerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerHandle")
            .field("is_stopping", &self.is_stopping())
            .field("summary", &self.summary())
            .finish_non_exhaustive()
    }
}
