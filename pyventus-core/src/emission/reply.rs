//! The report of an emission, on its way to the handle.

use std::future::{Future, poll_fn};
use std::hint;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use oneshot::{AsyncReceiver, Sender};
use sync_wrapper::SyncWrapper;

use crate::key::EventName;
use crate::outcome::EmissionReport;

use super::Kept;

/// What becomes of an emission: its report, or why it was not accepted after all.
pub(crate) type Reply = Result<EmissionReport, Box<Lost>>;

/// Why an event was not accepted after all; it is logged, unless somebody hears it.
#[derive(Debug)]
pub(crate) struct Lost {
    event: EventName,
    /// Absent where it was heard.
    reason: Option<anyhow::Error>,
}

impl Lost {
    pub(super) fn new(event: EventName, reason: anyhow::Error) -> Self {
        Self { event, reason: Some(reason) }
    }

    /// Somebody hears it.
    pub(crate) fn hear(mut self) -> anyhow::Error {
        self.reason.take().expect("it is heard once")
    }
}

impl Drop for Lost {
    fn drop(&mut self) {
        if let Some(reason) = self.reason.take() {
            let event = &*self.event;
            tracing::error!(target: "pyventus", source = "EventEmitter", event, "the event was not emitted: {reason:#}");
        }
    }
}

/// An emission was dropped before it could reply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoReply;

/// With the empty box that the emission was in.
type Sent = (Reply, Kept);

/// The end that the emission has.
pub(super) struct ReplyTo(Option<Sender<Sent>>);

/// The end that the handle has.
pub(crate) struct Awaited(SyncWrapper<AsyncReceiver<Sent>>);

/// Both ends of what an emission replies by.
pub(super) fn channel() -> (ReplyTo, Awaited) {
    let (sender, receiver) = oneshot::async_channel();
    (ReplyTo(Some(sender)), Awaited(SyncWrapper::new(receiver)))
}

impl ReplyTo {
    /// Whether anybody has the handle still.
    pub(super) fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|sender| !sender.is_closed())
    }

    /// Takes the end out of what is dropped before it replies.
    pub(super) fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    /// Replies, if anybody is there to hear it.
    pub(super) fn send(self, reply: Reply, spent: Kept) {
        if let Some(sender) = self.0 {
            // An error is a reply that nobody hears.
            drop(sender.send((reply, spent)));
        }
    }
}

impl Awaited {
    /// What there is to be heard already.
    pub(crate) fn look(&mut self) -> Option<Result<Reply, NoReply>> {
        let receiver = self.0.get_mut();
        if !receiver.has_message() && !receiver.is_closed() {
            return None;
        }
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(reply) => Some(reply),
            Poll::Pending => None,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reply, NoReply>> {
        let sent = Pin::new(self.0.get_mut()).poll(cx);
        sent.map(|sent| sent.map(|(reply, _box)| reply).map_err(|_| NoReply))
    }

    /// Blocks the thread until there is something to be heard.
    pub(crate) fn wait(&mut self) -> Result<Reply, NoReply> {
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
}

/// How often a thread looks before it sleeps.
const LOOKS: u32 = 11;

/// How often it does so after a pause, which is twice as long each time, before it lets others have
/// its core.
const SPINS: u32 = 7;
