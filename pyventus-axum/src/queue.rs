//! The emissions of one request, one after the other.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyventus_core::{BlockingJob, EventEmission, Offload, SubmitError};
use pyventus_tokio::__private::{Blocking, Gate, Place};
use tokio::runtime::{Handle, TryCurrentError};
use tokio::sync::SetOnce;

use crate::shutdown::{self, BackendClosed};
use crate::verdict::{RouteFailed, Verdict};

/// The emissions of one request that wait for its response, or for those before them.
pub(crate) struct Queue {
    gate: Arc<Gate>,
    /// The runtime of the request, where it has one.
    runtime: Option<Handle>,
    /// Whether the lines are logged at INFO.
    debug: bool,
    /// What becomes of the emissions, once that is known.
    verdict: SetOnce<Verdict>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(EventEmission, Place)>,
    /// Whether somebody runs them, or will.
    drained: bool,
}

impl Queue {
    /// A queue that runs by itself once the verdict is given.
    pub(crate) fn new(gate: Arc<Gate>, runtime: Option<Handle>, debug: bool) -> Arc<Self> {
        Arc::new(Self { gate, runtime, debug, verdict: SetOnce::new(), state: Mutex::default() })
    }

    /// A queue that is run by hand.
    pub(crate) fn by_hand() -> (Arc<Self>, Drain) {
        let queue = Self::new(Arc::default(), None, false);
        queue.lock().drained = true;
        let drain = Drain { queue: Arc::clone(&queue), is_left: false };
        (queue, drain)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what becomes of the emissions; the first word counts.
    pub(crate) fn decide(&self, verdict: Verdict) {
        drop(self.verdict.set(verdict));
    }

    /// Takes an emission.
    pub(crate) fn push(self: &Arc<Self>, emission: EventEmission) -> Result<(), SubmitError> {
        // What a handler emits while the layer closes is a part of what was taken.
        let is_part = || shutdown::is_within(&self.gate).then(|| self.gate.place());
        let Some(place) = self.gate.enter().or_else(is_part) else {
            return Err(SubmitError::refused(emission, BackendClosed));
        };
        let (emission, place) = match emission.nest(place) {
            Ok(()) => return Ok(()),
            Err(outermost) => outermost,
        };
        if let Some(Verdict::Cancel(failure)) = self.verdict.get() {
            place.end();
            return Err(SubmitError::refused(emission, *failure));
        }
        let mut state = self.lock();
        if state.drained {
            state.waiting.push_back((emission, place));
            return Ok(());
        }
        let runtime = match self.runtime() {
            Ok(runtime) => runtime,
            Err(error) => {
                drop(state);
                place.end();
                return Err(SubmitError::refused(emission, error));
            }
        };
        state.waiting.push_back((emission, place));
        state.drained = true;
        drop(state);
        let drain = Drain { queue: Arc::clone(self), is_left: false };
        drop(runtime.spawn(drain.run_when_decided()));
        Ok(())
    }

    fn runtime(&self) -> Result<Handle, TryCurrentError> {
        self.runtime.clone().map_or_else(Handle::try_current, Ok)
    }

    fn log_cancelled(&self, count: usize, failure: RouteFailed) {
        if self.debug {
            tracing::info!(target: "pyventus", source = "BackgroundTasks", action = "Cancelled:", "{count} emissions: {failure}");
        } else {
            tracing::debug!(target: "pyventus", source = "BackgroundTasks", action = "Cancelled:", "{count} emissions: {failure}");
        }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("waiting", &self.lock().waiting.len())
            .field("verdict", &self.verdict.get())
            .finish_non_exhaustive()
    }
}

/// Runs what was emitted on [`BackgroundTasks`](crate::BackgroundTasks) that were made by hand.
///
/// Whoever holds it decides what becomes of the emissions: [`run`](Self::run) it, or drop it, and
/// they are cancelled. The layer does this for the requests it sees.
#[must_use = "dropping it cancels what is emitted"]
pub struct Drain {
    queue: Arc<Queue>,
    /// Whether the queue was found empty: then it may be somebody else's already.
    is_left: bool,
}

impl Drain {
    /// Runs what was emitted, one emission after the other, in the order they were emitted, until
    /// nothing is left.
    ///
    /// What is emitted later runs in a task of its own, on the runtime of tokio in which it is
    /// emitted; elsewhere, it is refused. What handlers emit is run before the emission of the
    /// handler has ended. Needs no runtime itself: without one, handlers that were declared
    /// `blocking` run in place.
    ///
    /// # Cancel safety
    ///
    /// Where the future is dropped, the emission that runs and those that wait are cancelled.
    pub async fn run(self) {
        self.queue.decide(Verdict::Run);
        self.run_all().await;
    }

    /// Waits for the verdict, and carries it out.
    async fn run_when_decided(mut self) {
        let queue = Arc::clone(&self.queue);
        match queue.gate.until_cut(queue.verdict.wait()).await {
            Some(Verdict::Run) => self.run_all().await,
            Some(Verdict::Cancel(failure)) => self.cancel(*failure),
            None => drop(self),
        }
    }

    async fn run_all(mut self) {
        while let Some((emission, place)) = self.next() {
            let gate = &self.queue.gate;
            let emission = emission.run_nesting(Moved(Arc::clone(gate)));
            place.run(pin!(shutdown::scope(gate, emission))).await;
        }
    }

    /// The next emission; an empty queue is left in the same moment.
    fn next(&mut self) -> Option<(EventEmission, Place)> {
        let mut state = self.queue.lock();
        let next = state.waiting.pop_front();
        state.drained = next.is_some();
        self.is_left = next.is_none();
        next
    }

    /// Drops what waits, and leaves the queue.
    fn leave(&mut self) -> VecDeque<(EventEmission, Place)> {
        let mut state = self.queue.lock();
        state.drained = false;
        self.is_left = true;
        std::mem::take(&mut state.waiting)
    }

    /// Cancels what waits: it was not to be run.
    fn cancel(&mut self, failure: RouteFailed) {
        let cancelled = self.leave();
        if !cancelled.is_empty() {
            self.queue.log_cancelled(cancelled.len(), failure);
        }
        for (emission, place) in cancelled {
            place.end();
            drop_contained(emission);
        }
    }
}

/// Drops an emission; a panic in the `Drop` of its event or of a handler goes no further.
fn drop_contained(emission: EventEmission) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(emission))) {
        tracing::error!(target: "pyventus", source = "BackgroundTasks", "a value panicked when it was dropped");
        // The payload of such a panic may panic again when dropped: it is leaked on purpose.
        std::mem::forget(payload);
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        if self.is_left {
            return;
        }
        self.queue.decide(Verdict::Cancel(RouteFailed::Dropped));
        // Those that wait are lost, as a closing counts them: they may have been meant to run.
        let cancelled = self.leave();
        if !cancelled.is_empty() {
            self.queue.log_cancelled(cancelled.len(), RouteFailed::Dropped);
        }
        for (emission, place) in cancelled {
            drop(place);
            drop_contained(emission);
        }
    }
}

impl fmt::Debug for Drain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").field("waiting", &self.queue.lock().waiting.len()).finish_non_exhaustive()
    }
}

/// Moves blocking handlers where the runtime moves them, as code of an emission of the gate.
struct Moved(Arc<Gate>);

impl Offload for Moved {
    fn offload(&self, job: BlockingJob) {
        let gate = Arc::clone(&self.0);
        Blocking.offload(Box::new(move || shutdown::run_blocking(&gate, job)));
    }
}
