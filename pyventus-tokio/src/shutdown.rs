//! Closing: refuse new emissions, wait for running ones, report what was cut.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// The emissions of a backend that have not ended, and whether further ones are taken.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    closed: Mutex<bool>,
    running: TaskTracker,
    /// How many emissions were dropped before their end.
    lost: Arc<AtomicUsize>,
    /// Ends whatever still runs.
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

impl pyventus_core::Place for Place {
    fn leave(mut self: Box<Self>) {
        self.has_ended = true;
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
    pub(crate) async fn run(&self, mut place: Place, emission: impl Future<Output = ()>) {
        place.has_ended = self.cut.run_until_cancelled(emission).await.is_some();
    }

    /// Refuses whatever comes from now on.
    pub(crate) fn refuse(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Ends whatever still runs; returns how much that was.
    pub(crate) async fn cut(&self) -> usize {
        let before = self.lost.load(Ordering::Acquire);
        self.cut.cancel();
        self.idle().await;
        self.lost.load(Ordering::Acquire) - before
    }

    /// Waits until nothing runs.
    pub(crate) async fn idle(&self) {
        // A tracker only tells that it is empty while it is closed to its own tasks, which is
        // something else than being closed to emissions.
        self.running.close();
        self.running.wait().await;
    }
}

/// The backend was closed: it takes no emissions any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackendClosed;

impl fmt::Display for BackendClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the backend was closed")
    }
}

impl std::error::Error for BackendClosed {}

/// A handler waited for all emissions of its own backend, its own among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WouldDeadlock;

impl fmt::Display for WouldDeadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a handler cannot wait for the emission that it runs in")
    }
}

impl std::error::Error for WouldDeadlock {}

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
