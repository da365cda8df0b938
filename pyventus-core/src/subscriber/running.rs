//! A handler that was started, on its way to an outcome.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll, ready};
use std::time::{Duration, Instant};

use futures_channel::oneshot;

use crate::handler::{BoxFuture, HandlerResult, drop_contained, poll_contained};
use crate::offload::HandlerCancelled;
use crate::view::View;

use super::Subscriber;
use super::spanned::Spanned;

/// A handler that was started.
pub(crate) enum Started<'a> {
    Ended(Ended),
    Running(Running<'a>),
}

/// A handler that has ended, its callbacks included.
#[derive(Default)]
pub(crate) struct Ended {
    pub(crate) error: Option<anyhow::Error>,
    pub(crate) elapsed: Option<Duration>,
}

/// A handler, or its callbacks, on the way to an outcome.
pub(crate) struct Running<'a> {
    pub(super) subscriber: &'a Subscriber,
    pub(super) view: &'a View<'a>,
    pub(super) since: Option<Instant>,
    pub(super) step: Step<'a>,
    pub(super) is_last: Option<IsLast<'a>>,
}

/// Says of a failure whether the handler is not tried again.
pub(crate) type IsLast<'a> = &'a (dyn Fn(&anyhow::Error) -> bool + Send + Sync);

impl Running<'_> {
    /// Ends the handler itself where it waits, if it has not ended; its callbacks are left alone.
    pub(crate) fn fail(&mut self, error: anyhow::Error) {
        if matches!(self.step, Step::Handling(_) | Step::Offloaded(_)) {
            let next = self.subscriber.conclude(self.view, Err(error), self.is_last);
            drop_contained(std::mem::replace(&mut self.step, next));
        } else if let Step::Spanned(spanned) = &mut self.step {
            spanned.fail(error);
        }
    }
}

/// What a handler is at.
pub(super) enum Step<'a> {
    Handling(BoxFuture<'a, HandlerResult>),
    Offloaded(oneshot::Receiver<HandlerResult>),
    Answering(BoxFuture<'a, Option<anyhow::Error>>),
    /// Any of these, within a span.
    Spanned(Box<Spanned<'a>>),
    Ended(Option<anyhow::Error>),
}

impl Future for Running<'_> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Ended> {
        let this = &mut *self;
        loop {
            let next = match &mut this.step {
                Step::Handling(future) => {
                    let result = ready!(poll_contained(future, cx)).and_then(|result| result);
                    this.subscriber.conclude(this.view, result, this.is_last)
                }
                Step::Offloaded(result) => match ready!(Pin::new(result).poll(cx)) {
                    Ok(result) => this.subscriber.conclude(this.view, result, this.is_last),
                    Err(_) => Step::Ended(Some(HandlerCancelled.into())),
                },
                Step::Answering(future) => Step::Ended(ready!(future.as_mut().poll(cx))),
                Step::Spanned(spanned) => return spanned.poll(cx),
                Step::Ended(error) => {
                    let elapsed = this.since.map(|since| since.elapsed());
                    return Poll::Ready(Ended { error: error.take(), elapsed });
                }
            };
            drop_contained(std::mem::replace(&mut this.step, next));
        }
    }
}
