//! Closing: refuse new emissions, wait for running ones, report what was cut.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// The emissions that have not ended, and whether further ones are taken.
#[derive(Debug, Default)]
pub struct Gate {
    closed: Mutex<bool>,
    running: TaskTracker,
    /// How many emissions were dropped before their end.
    lost: Arc<AtomicUsize>,
    /// Ends whatever still waits or runs.
    cut: CancellationToken,
}

/// The place of one emission among those that have not ended; a closing waits for it.
#[derive(Debug)]
pub struct Place {
    /// Counts the emissions that were dropped before their end.
    lost: Arc<AtomicUsize>,
    has_ended: bool,
    _token: TaskTrackerToken,
}

impl Place {
    /// The emission is not lost: it has ended, or was not to be run.
    pub fn end(mut self) {
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
    /// Takes an emission in, unless it was closed; one that is taken in is waited for.
    #[must_use]
    pub fn enter(&self) -> Option<Place> {
        // Under the lock, so that a closing that has begun misses no emission.
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        (!*closed).then(|| self.place())
    }

    /// Takes an emission in, whether or not it was closed.
    pub(crate) fn place(&self) -> Place {
        Place { lost: Arc::clone(&self.lost), has_ended: false, _token: self.running.token() }
    }

    /// Returns how many emissions have not ended.
    #[must_use]
    pub fn count(&self) -> usize {
        self.running.len()
    }

    /// Runs an emission, unless and until it is cut.
    ///
    /// It is pinned where it was made: every function that it is passed to by value holds it twice.
    pub async fn run(&self, place: Place, emission: Pin<&mut impl Future<Output = ()>>) {
        if self.until_cut(emission).await.is_some() {
            place.end();
        }
    }

    /// Waits for something, unless and until everything is cut.
    pub async fn until_cut<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.cut.run_until_cancelled(future).await
    }

    /// Waits until nothing waits or runs; the caller says whether it is itself waited for.
    ///
    /// # Errors
    ///
    /// It is.
    pub async fn wait(&self, is_within: bool) -> Result<(), WouldDeadlock> {
        if is_within {
            return Err(WouldDeadlock);
        }
        self.idle().await;
        Ok(())
    }

    /// Refuses whatever comes from now on, waits for the rest, and cuts what has not ended by the
    /// deadline; the caller says whether it is itself waited for.
    ///
    /// # Errors
    ///
    /// It is. Nothing is cut.
    pub async fn close(&self, deadline: Duration, is_within: bool) -> Result<Closed, WouldDeadlock> {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        if is_within {
            return Err(WouldDeadlock);
        }
        if tokio::time::timeout(deadline, self.idle()).await.is_ok() {
            return Ok(Closed { cut: 0 });
        }
        let before = self.lost.load(Ordering::Acquire);
        self.cut.cancel();
        self.idle().await;
        Ok(Closed { cut: self.lost.load(Ordering::Acquire) - before })
    }

    async fn idle(&self) {
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

/// A handler waited for emissions of which its own is one.
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
