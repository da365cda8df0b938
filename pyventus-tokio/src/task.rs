//! One emission as one task, and what is emitted within it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll, Waker};

use pyventus_core::{BlockingJob, EventEmission, Offload};
use tokio::runtime::Handle;

use crate::shutdown::Place;

tokio::task_local! {
    /// The emission that the current code runs in.
    static WITHIN: Within;
}

/// An emission that runs, as those that are made within it see it.
#[derive(Clone)]
struct Within {
    /// Which backend it runs on.
    backend: usize,
    nested: Arc<Nested>,
}

/// What was emitted within an emission and is to run as a part of it, in order.
#[derive(Default)]
struct Nested(Mutex<NestedState>);

#[derive(Default)]
struct NestedState {
    waiting: VecDeque<(EventEmission, Place)>,
    /// The task of the outer emission, asleep.
    waker: Option<Waker>,
    ended: bool,
}

/// Whether the current code runs in an emission of that backend.
pub(crate) fn is_within(backend: usize) -> bool {
    WITHIN.try_with(|within| within.backend == backend).unwrap_or(false)
}

/// Makes an emission a part of the one that the current code runs in; gives it back where that is
/// not one of the backend, or has ended.
#[must_use]
pub(crate) fn nest(backend: usize, emission: EventEmission, place: Place) -> Option<(EventEmission, Place)> {
    let mut nesting = Some((emission, place));
    // The error says that there is no outer emission: then nothing was taken.
    let _outside = WITHIN.try_with(|within| {
        if within.backend != backend {
            return;
        }
        let mut state = within.nested.lock();
        if !state.ended {
            state.waiting.extend(nesting.take());
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
        }
    });
    nesting
}

impl Nested {
    fn lock(&self) -> std::sync::MutexGuard<'_, NestedState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next emission; where there is none, the task is woken when one comes.
    fn next(&self, cx: &task::Context<'_>) -> Option<(EventEmission, Place)> {
        let mut state = self.lock();
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.waker = Some(cx.waker().clone());
        }
        next
    }

    /// Takes no further emissions, unless some wait still.
    fn end(&self) -> bool {
        let mut state = self.lock();
        state.ended = state.waiting.is_empty();
        state.ended
    }
}

/// An emission and what was emitted within it.
struct Level {
    nested: Arc<Nested>,
    /// The emission itself, until its handlers have ended.
    run: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// The place of a nested emission.
    place: Option<Place>,
}

impl Level {
    fn new(backend: usize, emission: EventEmission, place: Option<Place>) -> Self {
        let nested = Arc::new(Nested::default());
        let within = Within { backend, nested: Arc::clone(&nested) };
        let offload = Blocking(within.clone());
        Self { nested, run: Some(Box::pin(WITHIN.scope(within, emission.run_with(offload)))), place }
    }

    /// Whether the emission and all that was emitted within it have ended.
    fn has_ended(&mut self, cx: &mut task::Context<'_>) -> bool {
        if self.run.as_mut().is_some_and(|run| run.as_mut().poll(cx).is_ready()) {
            self.run = None;
            if let Some(place) = self.place.take() {
                place.leave();
            }
        }
        self.run.is_none() && self.nested.end()
    }
}

/// Runs an emission; what is emitted within it, where that is nested, runs as a part of it: one
/// after the other, in order, beside the handlers that may await it.
pub(crate) async fn run(backend: usize, emission: EventEmission) {
    // From the outermost to the innermost. A level that has ended goes, even if one above it has
    // not: a cascade of emissions that nobody awaits is one level high, however long it is.
    let mut levels = vec![Level::new(backend, emission, None)];
    poll_fn(|cx| {
        loop {
            let before = levels.len();
            levels.retain_mut(|level| !level.has_ended(cx));
            let Some(innermost) = levels.last() else { return Poll::Ready(()) };
            match innermost.nested.next(cx) {
                Some((emission, place)) => levels.push(Level::new(backend, emission, Some(place))),
                // The end of one level may be what another awaits.
                None if levels.len() < before => {}
                None => return Poll::Pending,
            }
        }
    })
    .await;
}

/// Moves blocking handlers to the threads of the runtime that may block.
struct Blocking(Within);

impl Offload for Blocking {
    fn offload(&self, job: BlockingJob) {
        let within = self.0.clone();
        let job = move || WITHIN.sync_scope(within, job);
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(job)),
            // Polled outside of every runtime: this thread may as well block itself.
            Err(_) => job(),
        }
    }
}
