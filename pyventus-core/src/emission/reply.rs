//! The report of an emission, on its way to the handle.

use std::future::poll_fn;
use std::hint;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::outcome::EmissionReport;

use super::Kept;

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
    /// With the empty box that the emission was in.
    Replied(Reply, Kept),
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
    pub(super) fn send(mut self, reply: Reply, spent: Kept) -> Option<Reply> {
        let channel = self.0.take()?;
        match channel.settle(State::Replied(reply, spent)) {
            Some(State::Replied(reply, _box)) => Some(reply),
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

impl State {
    fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting(_))
    }

    /// Waits no longer; returns what came before.
    fn take(&mut self) -> Result<Reply, NoReply> {
        match std::mem::replace(self, Self::Over) {
            Self::Replied(reply, _box) => Ok(reply),
            _ => Err(NoReply),
        }
    }
}

impl Awaited {
    /// What there is to be heard already.
    pub(crate) fn look(&self) -> Option<Result<Reply, NoReply>> {
        let mut state = self.0.lock();
        if state.is_waiting() { None } else { Some(state.take()) }
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Result<Reply, NoReply>> {
        let mut state = self.0.lock();
        let State::Waiting(waker) = &mut *state else { return Poll::Ready(state.take()) };
        let is_known = waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        let before = if is_known { None } else { waker.replace(cx.waker().clone()) };
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// Blocks the thread until there is something to be heard.
    pub(crate) fn wait(&self) -> Result<Reply, NoReply> {
        // To sleep and to be woken takes longer than most handlers do.
        for look in 0..LOOKS {
            if look < SPINS {
                (0..1 << look).for_each(|_| hint::spin_loop());
            } else {
                thread::yield_now();
            }
            if let Some(result) = self.look() {
                return result;
            }
        }
        pollster::block_on(poll_fn(|cx| self.poll(cx)))
    }

    /// Waits no longer; returns the reply that came before.
    pub(crate) fn close(&self) -> Option<Reply> {
        self.0.lock().take().ok()
    }
}

/// How often a thread looks before it sleeps.
const LOOKS: u32 = 11;

/// How often it does so after a pause, which is twice as long each time, before it lets others have
/// its core.
const SPINS: u32 = 7;
