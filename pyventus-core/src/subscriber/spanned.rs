//! A handler that was started within a span of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::offload::Offload;
use crate::span::HandlerSpan;
use crate::view::View;

use super::Subscriber;
use super::running::{Ended, IsLast, Running, Started, Step};

/// A handler on its way to an outcome, all of whose code runs within a span.
pub(super) struct Spanned<'a> {
    span: HandlerSpan,
    /// Absent when it has ended.
    running: Option<Running<'a>>,
}

impl Subscriber {
    /// As [`attempt`](Self::attempt), within a span.
    #[cold]
    pub(crate) fn attempt_within<'a>(
        self: &'a Arc<Self>,
        mut span: HandlerSpan,
        view: &'a View<'a>,
        offload: &dyn Offload,
        timed: bool,
        is_last: Option<IsLast<'a>>,
    ) -> Started<'a> {
        match span.in_scope(|| self.attempt(view, offload, timed, is_last)) {
            Started::Ended(ended) => {
                span.ends(ended.error.as_ref());
                Started::Ended(ended)
            }
            Started::Running(running) => {
                let step = Step::Spanned(Box::new(Spanned { span, running: Some(running) }));
                Started::Running(Running { subscriber: self, view, since: None, step, is_last: None })
            }
        }
    }
}

impl Spanned<'_> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        let Self { span, running } = self;
        let handler = running.as_mut().expect("a handler that has ended is not polled");
        let ended = ready!(span.in_scope(|| Pin::new(handler).poll(cx)));
        span.in_scope(|| *running = None);
        span.ends(ended.error.as_ref());
        Poll::Ready(ended)
    }

    /// As [`Running::fail`].
    pub(super) fn fail(&mut self, error: anyhow::Error) {
        let Self { span, running } = self;
        if let Some(running) = running {
            span.in_scope(|| running.fail(error));
        }
    }
}

impl Drop for Spanned<'_> {
    fn drop(&mut self) {
        // What the handler holds is dropped with it, which is code of the handler.
        let Self { span, running } = self;
        span.in_scope(|| *running = None);
    }
}
