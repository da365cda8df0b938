//! The report of an emission, on its way to the handle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::outcome::EmissionReport;

/// What becomes of an emission: its report, or why it was not accepted after all.
pub(crate) type Reply = Result<EmissionReport, anyhow::Error>;

/// An emission was dropped before it could reply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoReply;

/// The end that the emission has.
pub(super) struct ReplyTo(Option<Arc<Channel>>);

/// The end that the handle has.
pub(crate) struct Awaited(Arc<Channel>);

// One word and one lock: an emission replies once, and there is no more to it.
struct Channel(Mutex<State>);

enum State {
    /// Nothing was replied as yet; the task that wants to know is asleep.
    Waiting(Option<Waker>),
    Replied(Reply),
    /// There is nothing to come, or nobody to hear it.
    Over,
}

/// Both ends of what an emission replies by.
pub(super) fn channel() -> (ReplyTo, Awaited) {
    let channel = Arc::new(Channel(Mutex::new(State::Waiting(None))));
    (ReplyTo(Some(Arc::clone(&channel))), Awaited(channel))
}

impl Channel {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is still waited for, and wakes who waits; gives back what nobody hears.
    fn settle(&self, state: State) -> Option<State> {
        let mut current = self.lock();
        let State::Waiting(waker) = &mut *current else { return Some(state) };
        let waker = waker.take();
        *current = state;
        drop(current);
        // It is foreign code: not under the lock.
        if let Some(waker) = waker {
            waker.wake();
        }
        None
    }
}

impl ReplyTo {
    /// Whether anybody has the handle still.
    pub(super) fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|channel| Arc::strong_count(channel) > 1)
    }

    /// Takes the end out of what is dropped before it replies.
    pub(super) fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    /// Replies; gives the reply back where nobody hears it.
    pub(super) fn send(mut self, reply: Reply) -> Option<Reply> {
        let channel = self.0.take()?;
        match channel.settle(State::Replied(reply)) {
            Some(State::Replied(reply)) => Some(reply),
            _ => None,
        }
    }
}

impl Drop for ReplyTo {
    fn drop(&mut self) {
        if let Some(channel) = self.0.take() {
            channel.settle(State::Over);
        }
    }
}

impl Awaited {
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Result<Reply, NoReply>> {
        let mut state = self.0.lock();
        let before = match &mut *state {
            State::Waiting(Some(waker)) if waker.will_wake(cx.waker()) => None,
            State::Waiting(waker) => waker.replace(cx.waker().clone()),
            state => {
                return Poll::Ready(match std::mem::replace(state, State::Over) {
                    State::Replied(reply) => Ok(reply),
                    _ => Err(NoReply),
                });
            }
        };
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// Waits no longer; returns the reply that came before.
    pub(crate) fn close(&self) -> Option<Reply> {
        match std::mem::replace(&mut *self.0.lock(), State::Over) {
            State::Replied(reply) => Some(reply),
            _ => None,
        }
    }
}
