//! Closing: refuse new emissions, wait for those that were taken, report what was cut.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

tokio::task_local! {
    /// The gate whose emission the code runs in, by its address.
    static WITHIN: usize;
}

/// The emissions of all requests of a layer that have not ended, and whether further ones are taken.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    closed: Mutex<bool>,
    running: TaskTracker,
    /// How many emissions were dropped before their end.
    lost: Arc<AtomicUsize>,
    /// Ends whatever still waits or runs.
    cut: CancellationToken,
}

/// The place of one emission among those that have not ended; a closing waits for it.
#[derive(Debug)]
pub(crate) struct Place {
    /// Counts the emissions that were dropped before their end.
    lost: Arc<AtomicUsize>,
    has_ended: bool,
    _token: TaskTrackerToken,
}

impl Place {
    /// The emission is not lost: it has ended, or was not to be run.
    pub(crate) fn end(mut self) {
        self.has_ended = true;
    }
}

impl pyventus_core::Place for Place {
    fn leave(self: Box<Self>) {
        self.end();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.has_ended {
            self.lost.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl Gate {
    /// Takes an emission in; one that is taken in is waited for.
    pub(crate) fn enter(&self) -> Result<Place, BackendClosed> {
        // Under the lock, so that a closing that has begun misses no emission.
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if *closed {
            return Err(BackendClosed);
        }
        Ok(Place { lost: Arc::clone(&self.lost), has_ended: false, _token: self.running.token() })
    }

    pub(crate) fn count(&self) -> usize {
        self.running.len()
    }

    /// Runs an emission, unless and until it is cut.
    pub(crate) async fn run(&self, place: Place, emission: impl Future<Output = ()>) {
        let run = self.until_cut(WITHIN.scope(self.address(), emission));
        if run.await.is_some() {
            place.end();
        }
    }

    /// Runs a job on this thread as code of an emission.
    pub(crate) fn run_blocking(&self, job: impl FnOnce()) {
        WITHIN.sync_scope(self.address(), job);
    }

    /// Waits for something, unless and until everything is cut.
    pub(crate) async fn until_cut<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.cut.run_until_cancelled(future).await
    }

    /// Whether the calling code is a handler, whose emission a closing waits for.
    pub(crate) fn is_within(&self) -> bool {
        WITHIN.try_with(|gate| *gate == self.address()).unwrap_or(false)
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Refuses whatever comes from now on.
    pub(crate) fn refuse(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Ends whatever still waits or runs; returns how much that was.
    pub(crate) async fn cut(&self) -> usize {
        let before = self.lost.load(Ordering::Acquire);
        self.cut.cancel();
        self.idle().await;
        self.lost.load(Ordering::Acquire) - before
    }

    /// Waits until nothing waits or runs.
    pub(crate) async fn idle(&self) {
        // A tracker only tells that it is empty while it is closed to its own tasks, which is
        // something else than being closed to emissions.
        self.running.close();
        self.running.wait().await;
    }
}

/// The layer was closed: the backends of its requests take no emissions any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the background tasks were closed")]
pub struct BackendClosed;

/// A handler waited for all emissions of its own layer, its own among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a handler cannot wait for the emission that it runs in")]
pub struct WouldDeadlock;

/// How a closing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// How many emissions were cut at the deadline; their handles resolve to
    /// [`EmitError::Cancelled`](pyventus_core::EmitError::Cancelled).
    pub cut: usize,
}

impl Closed {
    pub(crate) fn after_cutting(cut: usize) -> Self {
        Self { cut }
    }
}
