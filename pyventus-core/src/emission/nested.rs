//! Emissions that run as a part of the one that they were emitted in.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::ops::DerefMut;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{self, Poll, Waker};

use crate::capabilities::BackendId;
use crate::offload::Offload;

use super::EventEmission;
use super::within;

/// What was emitted within an emission and is to run as a part of it, in order.
#[derive(Default)]
pub(crate) struct Nested(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<(EventEmission, Box<dyn Place>)>,
    /// The task of the outer emission, asleep.
    waker: Option<Waker>,
    ended: bool,
}

/// The place of an emission among those that its backend has taken and not ended.
///
/// It goes along with a nested emission; one that is dropped was cancelled.
pub trait Place: Send + 'static {
    /// The emission has ended.
    fn leave(self: Box<Self>);
}

impl Place for () {
    fn leave(self: Box<Self>) {}
}

impl Nested {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an emission in; gives it back where the outer one has ended.
    fn push<P: Place>(&self, emission: EventEmission, place: P) -> Result<(), (EventEmission, P)> {
        let mut state = self.lock();
        if state.ended {
            return Err((emission, place));
        }
        state.waiting.push_back((emission, Box::new(place)));
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// The next emission; where there is none, the task is woken when one comes.
    fn next(&self, cx: &task::Context<'_>) -> Option<(EventEmission, Box<dyn Place>)> {
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
struct Level<R> {
    nested: Arc<Nested>,
    /// The emission itself, until its handlers have ended.
    run: Option<Pin<R>>,
    /// Absent on the outermost level, whose place is the backend's own affair.
    place: Option<Box<dyn Place>>,
}

/// An emission that was emitted within another one.
type Inner = Level<Box<dyn Future<Output = ()> + Send>>;

impl Inner {
    fn new(emission: EventEmission, place: Box<dyn Place>, offload: &Arc<dyn Offload>) -> Self {
        let nested = Arc::new(Nested::default());
        let run = emission.run_within(Some(Arc::clone(&nested)), Arc::clone(offload));
        Self { nested, run: Some(Box::pin(run)), place: Some(place) }
    }
}

impl<R: DerefMut<Target: Future<Output = ()>>> Level<R> {
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

// For backends that run one emission after the other, or few at a time: there, an emission that
// waited for its turn behind the handler that awaits it would wait for ever.
impl EventEmission {
    /// As [`run_with`](Self::run_with), and runs what its handlers [`nest`](Self::nest) as a part
    /// of it: in the order they were emitted, each beside the handler that emitted it, which may
    /// await it. It ends when all of them have ended.
    ///
    /// A cascade of emissions that nobody awaits takes no more memory than one of them, however
    /// long it is.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run); nested emissions that have not ended are cancelled with it.
    pub async fn run_nesting(self, offload: impl Offload) {
        let offload: Arc<dyn Offload> = Arc::new(offload);
        let nested = Arc::new(Nested::default());
        // Most emit nothing: the outermost level is neither in a box nor in a list.
        let run = pin!(self.run_within(Some(Arc::clone(&nested)), Arc::clone(&offload)));
        let mut outermost = Level { nested, run: Some(run), place: None };
        let mut has_ended = false;
        // From the outer to the innermost. A level that has ended goes, even if one above it has not.
        let mut levels: Vec<Inner> = Vec::new();
        poll_fn(|cx| {
            loop {
                let before = (levels.len(), has_ended);
                has_ended = has_ended || outermost.has_ended(cx);
                levels.retain_mut(|level| !level.has_ended(cx));
                let innermost = match levels.last() {
                    Some(level) => &level.nested,
                    None if has_ended => return Poll::Ready(()),
                    None => &outermost.nested,
                };
                match innermost.next(cx) {
                    Some((emission, place)) => levels.push(Inner::new(emission, place, &offload)),
                    // The end of one level may be what another awaits.
                    None if (levels.len(), has_ended) != before => {}
                    None => return Poll::Pending,
                }
            }
        })
        .await;
    }

    /// Makes it a part of the emission that the calling code runs in, where that is one of the same
    /// backend and was run with [`run_nesting`](Self::run_nesting).
    ///
    /// # Errors
    ///
    /// There is no such outer emission, or it has ended: both are given back.
    pub fn nest<P: Place>(self, place: P) -> Result<(), (Self, P)> {
        match within::find(self.backend(), |within| within.nested.clone()).flatten() {
            Some(nested) => nested.push(self, place),
            None => Err((self, place)),
        }
    }

    /// Returns whether the calling code is a handler or a callback that runs on that backend, which
    /// cannot wait for all emissions of the backend: its own is among them.
    #[must_use]
    pub fn is_within(backend: BackendId) -> bool {
        within::find(backend, |_| ()).is_some()
    }
}
