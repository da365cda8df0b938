//! Closing: refuse new emissions, wait for running ones, report what was cut.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The emissions that have not ended, and whether further ones are taken.
#[derive(Debug, Default)]
pub struct Gate {
    /// What was done to the gate, and above that how many emissions have not ended: in one word, so
    /// that a closing that has begun misses no emission.
    state: AtomicUsize,
    /// How many emissions were dropped before their end.
    lost: AtomicUsize,
    /// Wakes those who wait until no emission is left.
    idle: Notify,
    /// Wakes whatever waits or runs, to be cut.
    cut: CancellationToken,
}

/// No further emissions are taken.
const CLOSED: usize = 1;
/// What waits or runs has ended.
const CUT: usize = 1 << 1;
/// Somebody waits, or has waited, until no emission is left.
const AWAITED: usize = 1 << 2;
/// One emission.
const ONE: usize = 1 << 3;

/// The place of one emission among those that have not ended; a closing waits for it.
#[derive(Debug)]
pub struct Place {
    /// Absent where the emission has ended.
    // In one word: it goes along with every emission.
    gate: Option<Arc<Gate>>,
}

impl Place {
    fn new(gate: &Arc<Gate>) -> Self {
        Self { gate: Some(Arc::clone(gate)) }
    }

    /// The emission is not lost: it has ended, or was not to be run.
    pub fn end(mut self) {
        if let Some(gate) = self.gate.take() {
            gate.count_out();
        }
    }

    /// Runs the emission, unless and until it is cut.
    ///
    /// It is pinned where it was made: every function that it is passed to by value holds it twice.
    pub async fn run(self, emission: Pin<&mut impl Future<Output = ()>>) {
        if let Some(gate) = &self.gate
            && gate.until_cut(emission).await.is_some()
        {
            self.end();
        }
    }
}

impl pyventus_core::Place for Place {
    fn leave(self: Box<Self>) {
        self.end();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.lost.fetch_add(1, Ordering::Relaxed);
            gate.count_out();
        }
    }
}

impl Gate {
    /// Takes an emission in, unless it was closed; one that is taken in is waited for.
    #[must_use]
    pub fn enter(self: &Arc<Self>) -> Option<Place> {
        let is_open = self.count_in();
        let place = Place::new(self);
        if is_open {
            return Some(place);
        }
        place.end();
        None
    }

    /// Takes an emission in, whether or not it was closed: it is a part of one that was taken.
    #[must_use]
    pub fn place(self: &Arc<Self>) -> Place {
        self.count_in();
        Place::new(self)
    }

    /// Counts an emission in, which is to be counted out, without a [`Place`] that sees to it;
    /// returns whether it may be taken: whether the gate is open.
    pub(crate) fn count_in(&self) -> bool {
        self.state.fetch_add(ONE, Ordering::AcqRel) & CLOSED == 0
    }

    /// Counts an emission out; returns whether none is left and none can come.
    pub(crate) fn count_out(&self) -> bool {
        let before = self.state.fetch_sub(ONE, Ordering::AcqRel);
        if before / ONE > 1 {
            return false;
        }
        if before & AWAITED != 0 {
            self.idle.notify_waiters();
        }
        before & CLOSED != 0
    }

    /// Refuses whatever comes from now on; returns whether none is left either.
    pub(crate) fn refuse(&self) -> bool {
        self.state.fetch_or(CLOSED, Ordering::AcqRel) / ONE == 0
    }

    /// Returns how many emissions have not ended.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state.load(Ordering::Acquire) / ONE
    }

    /// Waits for something, unless and until everything is cut.
    pub async fn until_cut<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        // Most are done when they are polled first: then nobody has to be woken.
        let mut cut = pin!(None);
        poll_fn(|cx| {
            if self.state.load(Ordering::Acquire) & CUT != 0 {
                return Poll::Ready(None);
            }
            if let Poll::Ready(value) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(value));
            }
            if cut.is_none() {
                cut.set(Some(self.cut.cancelled()));
            }
            cut.as_mut().as_pin_mut().map_or(Poll::Pending, |cut| cut.poll(cx).map(|()| None))
        })
        .await
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
        self.refuse();
        if is_within {
            return Err(WouldDeadlock);
        }
        // A clock is needed by those only who have to wait.
        let is_idle = self.count() == 0
            || !deadline.is_zero() && tokio::time::timeout(deadline, self.idle()).await.is_ok();
        if is_idle {
            return Ok(Closed { cut: 0 });
        }
        let before = self.lost.load(Ordering::Relaxed);
        self.state.fetch_or(CUT, Ordering::AcqRel);
        self.cut.cancel();
        self.idle().await;
        Ok(Closed { cut: self.lost.load(Ordering::Relaxed) - before })
    }

    async fn idle(&self) {
        loop {
            let mut idle = pin!(self.idle.notified());
            // Before the number is looked at: the last emission may end in between.
            idle.as_mut().enable();
            if self.state.fetch_or(AWAITED, Ordering::AcqRel) / ONE == 0 {
                return;
            }
            idle.await;
        }
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
