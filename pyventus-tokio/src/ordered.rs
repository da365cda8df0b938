//! One emission after the other, in the order they were submitted.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use pyventus_core::EventEmission;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::shutdown::Place;
use crate::task::Blocking;

/// The emissions that wait for those before them.
#[derive(Default)]
pub(crate) struct Queue(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<(EventEmission, Place)>,
    /// Whether somebody runs them.
    drained: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("waiting", &self.lock().waiting.len()).finish_non_exhaustive()
    }
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an emission; returns the work of running the queue, unless somebody does it already.
    pub(crate) fn push(self: &Arc<Self>, emission: EventEmission, place: Place) -> Option<Drain> {
        let mut state = self.lock();
        state.waiting.push_back((emission, place));
        if std::mem::replace(&mut state.drained, true) {
            return None;
        }
        drop(state);
        Some(Drain { queue: Arc::clone(self), is_left: false })
    }
}

/// The work of running a queue until it is empty.
///
/// Where it is dropped before, as when its runtime ends, what still waits is cancelled, and the
/// next emission finds the queue ready again.
pub(crate) struct Drain {
    queue: Arc<Queue>,
    /// Whether the queue was found empty: then it may be somebody else's already.
    is_left: bool,
}

impl Drain {
    pub(crate) async fn run(mut self, _within: Option<TaskTrackerToken>) {
        while let Some((emission, place)) = self.next() {
            place.run(pin!(emission.run_nesting(Blocking))).await;
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
}

impl Drop for Drain {
    fn drop(&mut self) {
        if self.is_left {
            return;
        }
        let mut state = self.queue.lock();
        state.drained = false;
        let cancelled = std::mem::take(&mut state.waiting);
        // User code may be dropped here, with the lock released.
        drop(state);
        drop(cancelled);
    }
}
