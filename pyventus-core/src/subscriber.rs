//! A handler with its callbacks and options, and its run through to an outcome.

use std::any::TypeId;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{self, Poll, ready};
use std::time::{Instant, SystemTime};

use futures_channel::oneshot;

use crate::callback::{CallbackResult, FailureCallback, SuccessCallback, Takes};
use crate::context::Context;
use crate::error::BindError;
use crate::handler::{
    BoxFuture, Handler, HandlerResult, Progress, Value, contain, drop_contained, poll_contained,
};
use crate::offload::{HandlerCancelled, Offload, hand_over};
use crate::origin::Origin;
use crate::outcome::Outcome;

/// A handler with its callbacks and options.
pub(crate) struct Subscriber {
    pub(crate) id: SubscriberId,
    pub(crate) origin: Origin,
    pub(crate) once: bool,
    pub(crate) blocking: bool,
    pub(crate) timestamp: SystemTime,
    pub(crate) place: Place,
    pub(crate) handler: Box<dyn Handler>,
    pub(crate) callbacks: Callbacks,
}

/// The identity of a subscriber, unique in the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubscriberId(pub(crate) u64);

impl SubscriberId {
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where a subscriber stands among the others.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Declared by an attribute.
    Declared {
        /// The type that the attribute left.
        handler: TypeId,
        /// Higher starts earlier.
        priority: i32,
        /// The handlers it starts before.
        before: &'static [TypeId],
        /// The handlers it starts after.
        after: &'static [TypeId],
    },
    /// Subscribed at run time, after everything declared, in order.
    Subscribed,
}

impl Place {
    /// The declared handler, if it is one.
    pub(crate) fn handler(&self) -> Option<TypeId> {
        match self {
            Self::Declared { handler, .. } => Some(*handler),
            Self::Subscribed => None,
        }
    }
}

/// The callbacks of a handler, in the order they run.
#[derive(Clone, Default)]
pub(crate) struct Callbacks {
    pub(crate) success: Vec<Arc<dyn SuccessCallback>>,
    pub(crate) failure: Vec<Arc<dyn FailureCallback>>,
    /// The linker's own; runs for a failure that no other callback is meant for.
    pub(crate) default_failure: Option<Arc<dyn FailureCallback>>,
}

impl Callbacks {
    /// Puts the callback that takes the value away behind those that only look at it.
    pub(crate) fn sort(&mut self) {
        self.success.sort_by_key(|callback| callback.takes() == Takes::Value);
    }
}

impl Subscriber {
    /// Starts the handler: it is done, or it has a future to be driven.
    pub(crate) fn start<'a>(self: &'a Arc<Self>, context: &'a Context, offload: &dyn Offload) -> Started<'a> {
        let since = Instant::now();
        let keep = self.callbacks.success.iter().any(|callback| callback.takes() != Takes::Nothing);
        if self.blocking {
            let step = Step::Offloaded(self.hand_over(context, keep, offload));
            return Started::Running(Running { subscriber: self, context, since, step });
        }
        let step = match contain(|| self.handler.handle(context, keep)) {
            Ok(Progress::Pending(future)) => Step::Handling(future),
            Ok(Progress::Done(result)) => self.conclude(context, result),
            Err(panic) => self.conclude(context, Err(panic)),
        };
        match step {
            Step::Ended(error) => Started::Ended(self.outcome(context, since, error)),
            step => Started::Running(Running { subscriber: self, context, since, step }),
        }
    }

    /// Moves the handler to a thread that may block.
    fn hand_over(
        self: &Arc<Self>,
        context: &Context,
        keep: bool,
        offload: &dyn Offload,
    ) -> oneshot::Receiver<HandlerResult> {
        let (subscriber, context) = (Arc::clone(self), context.clone());
        hand_over(offload, move || {
            let result = contain(|| match subscriber.handler.handle(&context, keep) {
                Progress::Done(result) => result,
                Progress::Pending(future) => pollster::block_on(future),
            });
            drop_contained((subscriber, context));
            result.and_then(|result| result)
        })
    }

    /// The handler has ended: logs an error, then runs the callbacks, if there are any.
    fn conclude<'a>(&'a self, context: &'a Context, result: HandlerResult) -> Step<'a> {
        match result {
            Ok(None) if self.callbacks.success.is_empty() => Step::Ended(None),
            Ok(value) => Step::Answering(Box::pin(async move {
                self.answer_success(context, value).await;
                None
            })),
            Err(error) => {
                let error = self.log_failure(context, error);
                if self.callbacks.failure.is_empty() && self.callbacks.default_failure.is_none() {
                    return Step::Ended(Some(error));
                }
                Step::Answering(Box::pin(async move {
                    self.answer_failure(context, &error).await;
                    Some(error)
                }))
            }
        }
    }

    async fn answer_success(&self, context: &Context, mut value: Option<Value>) {
        for callback in &self.callbacks.success {
            let result = match contain(|| callback.answer(context, &mut value)) {
                Ok(progress) => finish(progress).await,
                Err(panic) => Err(panic),
            };
            self.log_callback(context, "success", result);
        }
        drop_contained(value);
    }

    /// Runs every failure callback that is meant for the error, and the linker's own if none is.
    async fn answer_failure(&self, context: &Context, error: &anyhow::Error) {
        let mut answered = false;
        for callback in &self.callbacks.failure {
            answered |= self.answer_failure_with(&**callback, context, error).await;
        }
        if let (false, Some(callback)) = (answered, &self.callbacks.default_failure) {
            self.answer_failure_with(&**callback, context, error).await;
        }
    }

    async fn answer_failure_with(
        &self,
        callback: &dyn FailureCallback,
        context: &Context,
        error: &anyhow::Error,
    ) -> bool {
        let result = match contain(|| callback.answer(context, error)) {
            Ok(None) => return false,
            Ok(Some(progress)) => finish(progress).await,
            Err(panic) => Err(panic),
        };
        self.log_callback(context, "failure", result);
        true
    }

    /// The line comes before any failure callback, whether or not there is one.
    fn log_failure(&self, context: &Context, mut error: anyhow::Error) -> anyhow::Error {
        if let Some(bind) = error.downcast_mut::<BindError>() {
            bind.set_handler(self.origin);
        }
        tracing::error!(
            target: "pyventus",
            source = "EventHandler",
            event = context.event_name(),
            handler = %self.origin,
            emission = %context.id(),
            action = "Exception:",
            "{}", describe(&error),
        );
        error
    }

    fn log_callback(&self, context: &Context, kind: &'static str, result: CallbackResult) {
        if let Err(error) = result {
            tracing::error!(
                target: "pyventus",
                source = "EventHandler",
                event = context.event_name(),
                handler = %self.origin,
                emission = %context.id(),
                "a {kind} callback failed: {}", describe(&error),
            );
        }
    }

    fn outcome(&self, context: &Context, since: Instant, error: Option<anyhow::Error>) -> Outcome {
        Outcome { handler: self.origin, error, elapsed: since.elapsed(), attempts: context.attempt() }
    }
}

/// The text of an error and of its causes. The author of the error wrote the code that runs here.
fn describe(error: &anyhow::Error) -> String {
    contain(|| format!("{error:#}"))
        .unwrap_or_else(|panic| format!("an error whose text cannot be shown: {panic}"))
}

async fn finish(progress: Progress<'_, CallbackResult>) -> CallbackResult {
    match progress {
        Progress::Done(result) => result,
        Progress::Pending(mut future) => {
            let result = poll_fn(|cx| poll_contained(&mut future, cx)).await;
            drop_contained(future);
            result.and_then(|result| result)
        }
    }
}

/// A handler that was started.
pub(crate) enum Started<'a> {
    Ended(Outcome),
    Running(Running<'a>),
}

/// A handler, or its callbacks, on the way to an outcome.
pub(crate) struct Running<'a> {
    subscriber: &'a Subscriber,
    context: &'a Context,
    since: Instant,
    step: Step<'a>,
}

enum Step<'a> {
    Handling(BoxFuture<'a, HandlerResult>),
    Offloaded(oneshot::Receiver<HandlerResult>),
    Answering(BoxFuture<'a, Option<anyhow::Error>>),
    Ended(Option<anyhow::Error>),
}

impl Future for Running<'_> {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Outcome> {
        let this = &mut *self;
        loop {
            let next = match &mut this.step {
                Step::Handling(future) => {
                    let result = ready!(poll_contained(future, cx)).and_then(|result| result);
                    this.subscriber.conclude(this.context, result)
                }
                Step::Offloaded(result) => match ready!(Pin::new(result).poll(cx)) {
                    Ok(result) => this.subscriber.conclude(this.context, result),
                    Err(_) => Step::Ended(Some(HandlerCancelled.into())),
                },
                Step::Answering(future) => Step::Ended(ready!(future.as_mut().poll(cx))),
                Step::Ended(error) => {
                    return Poll::Ready(this.subscriber.outcome(this.context, this.since, error.take()));
                }
            };
            drop_contained(std::mem::replace(&mut this.step, next));
        }
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("id", &self.id.0)
            .field("handler", &format_args!("{}", self.origin))
            .field("once", &self.once)
            .field("success_callbacks", &self.callbacks.success.len())
            .field("failure_callbacks", &self.callbacks.failure.len())
            .finish_non_exhaustive()
    }
}
