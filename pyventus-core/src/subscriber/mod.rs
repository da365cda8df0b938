//! A handler with its callbacks and options, and its run through to an outcome.

mod running;
mod spanned;

use std::any::TypeId;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use futures_channel::oneshot;
use tracing::Span;

use crate::callback::{CallbackResult, FailureCallback, SuccessCallback, Takes};
use crate::error::BindError;
use crate::handler::{
    BoxFuture, Call, Code, HandlerResult, Progress, Value, contain, drop_contained, poll_contained,
};
use crate::offload::{Offload, hand_over};
use crate::origin::Origin;
use crate::retry::Retry;
use crate::view::{Needs, Parts, View};

pub(crate) use running::{Ended, IsLast, Running, Started};

use running::Step;

/// A handler with its callbacks and options.
pub(crate) struct Subscriber {
    pub(crate) id: SubscriberId,
    pub(crate) origin: Origin,
    pub(crate) once: bool,
    pub(crate) blocking: bool,
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) timestamp: SystemTime,
    pub(crate) place: Place,
    pub(crate) code: Code,
    /// The most that the handler and its callbacks may ask for.
    pub(crate) needs: Needs,
    pub(crate) callbacks: Callbacks,
}

/// The identity of a subscriber, unique in the process; they are ordered as they were linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubscriberId {
    number: u64,
    /// Where its registry keeps the subscriber.
    place: usize,
}

impl SubscriberId {
    /// That of a subscriber that is not linked as yet.
    pub(crate) const UNLINKED: Self = Self { number: 0, place: usize::MAX };

    /// Another one, for a subscriber in that place.
    pub(crate) fn new(place: usize) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self { number: NEXT.fetch_add(1, Ordering::Relaxed), place }
    }

    pub(crate) fn place(self) -> usize {
        self.place
    }
}

impl fmt::Display for SubscriberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.number, f)
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

    /// Whether it is to start before or after others.
    pub(crate) fn has_wishes(&self) -> bool {
        matches!(self, Self::Declared { before, after, .. } if !before.is_empty() || !after.is_empty())
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

    /// The most that one of them may ask for.
    pub(crate) fn needs(&self) -> Needs {
        let success = self.success.iter().map(|callback| callback.needs());
        let failure = self.failure.iter().chain(&self.default_failure).map(|callback| callback.needs());
        success.chain(failure).max().unwrap_or_default()
    }
}

impl Subscriber {
    /// Adds what is known of a subscriber when it is complete.
    pub(crate) fn complete(&mut self) {
        self.needs = self.needs.max(self.callbacks.needs());
        if self.blocking {
            // It runs elsewhere, where nothing can be borrowed.
            self.needs = Needs::Context;
        }
    }

    /// The code, where nothing is to be done but to run it.
    pub(crate) fn plain(&self) -> Option<&Code> {
        (!self.blocking && self.callbacks.success.is_empty()).then_some(&self.code)
    }

    /// The same where it is a function that is called.
    pub(crate) fn call(&self) -> Option<Call> {
        match self.plain()? {
            Code::Sync(call) => Some(call.clone()),
            Code::Async(_) => None,
        }
    }

    /// A handler that was polled and is not done.
    pub(crate) fn running<'a>(
        &'a self,
        view: &'a View<'a>,
        future: BoxFuture<'a, HandlerResult>,
    ) -> Running<'a> {
        Running { subscriber: self, view, since: None, step: Step::Handling(future), is_last: None }
    }

    /// Starts the handler: it is done, or it has a future to be driven.
    pub(crate) fn start<'a>(
        self: &'a Arc<Self>,
        view: &'a View<'a>,
        offload: &dyn Offload,
        timed: bool,
    ) -> Started<'a> {
        self.attempt(view, offload, timed, None)
    }

    /// As [`start`](Self::start), where a failure may not be the last one.
    pub(crate) fn attempt<'a>(
        self: &'a Arc<Self>,
        view: &'a View<'a>,
        offload: &dyn Offload,
        timed: bool,
        is_last: Option<IsLast<'a>>,
    ) -> Started<'a> {
        let since = timed.then(Instant::now);
        let keep = self.callbacks.success.iter().any(|callback| callback.takes() != Takes::Nothing);
        let step = if self.blocking && !offload.is_in_place() {
            Step::Offloaded(self.hand_over(view, keep, offload))
        } else {
            match &self.code {
                Code::Sync(call) => {
                    let mut value = None;
                    let result = contain(|| call.call(view, keep.then_some(&mut value)));
                    self.conclude(view, result.and_then(|result| result).map(|()| value), is_last)
                }
                Code::Async(start) => match contain(|| start.start(view, keep)) {
                    Ok(future) => Step::Handling(future),
                    Err(panic) => self.conclude(view, Err(panic), is_last),
                },
            }
        };
        self.started(view, since, step, is_last)
    }

    /// A handler that was called has failed.
    #[cold]
    pub(crate) fn fail<'a>(&'a self, view: &'a View<'a>, error: anyhow::Error) -> Started<'a> {
        self.started(view, None, self.conclude(view, Err(error), None), None)
    }

    fn started<'a>(
        &'a self,
        view: &'a View<'a>,
        since: Option<Instant>,
        step: Step<'a>,
        is_last: Option<IsLast<'a>>,
    ) -> Started<'a> {
        match step {
            Step::Ended(error) => {
                Started::Ended(Ended { error, elapsed: since.map(|since| since.elapsed()) })
            }
            step => Started::Running(Running { subscriber: self, view, since, step, is_last }),
        }
    }

    /// Moves the handler to a thread that may block.
    fn hand_over(
        self: &Arc<Self>,
        view: &View<'_>,
        keep: bool,
        offload: &dyn Offload,
    ) -> oneshot::Receiver<HandlerResult> {
        let (subscriber, parts) = (Arc::clone(self), Parts::of(view.context().clone()));
        let span = Span::current();
        hand_over(offload, move || {
            let _entered = span.entered();
            let result = contain(|| subscriber.run_blocking(&parts.view(), keep));
            drop_contained((subscriber, parts));
            result.and_then(|result| result)
        })
    }

    fn run_blocking(&self, view: &View<'_>, keep: bool) -> HandlerResult {
        match &self.code {
            Code::Sync(call) => {
                let mut value = None;
                call.call(view, keep.then_some(&mut value)).map(|()| value)
            }
            Code::Async(start) => pollster::block_on(start.start(view, keep)),
        }
    }

    /// The handler has ended: logs an error, then runs the callbacks, if there are any.
    fn conclude<'a>(
        &'a self,
        view: &'a View<'a>,
        result: HandlerResult,
        is_last: Option<IsLast<'a>>,
    ) -> Step<'a> {
        match result {
            Ok(None) if self.callbacks.success.is_empty() => Step::Ended(None),
            Ok(value) => Step::Answering(Box::pin(async move {
                self.answer_success(view, value).await;
                None
            })),
            Err(error) => {
                if is_last.is_some_and(|is_last| !is_last(&error)) {
                    // Who is told of a failure is told of it once.
                    self.log_attempt(view, &error);
                    return Step::Ended(Some(error));
                }
                let error = self.log_failure(view, error);
                if self.callbacks.failure.is_empty() && self.callbacks.default_failure.is_none() {
                    return Step::Ended(Some(error));
                }
                Step::Answering(Box::pin(async move {
                    self.answer_failure(view, &error).await;
                    Some(error)
                }))
            }
        }
    }

    async fn answer_success<'a>(&'a self, view: &'a View<'a>, mut value: Option<Value>) {
        for callback in &self.callbacks.success {
            let result = match contain(|| callback.answer(view, &mut value)) {
                Ok(progress) => finish(progress).await,
                Err(panic) => Err(panic),
            };
            self.log_callback(view, "success", result);
        }
        drop_contained(value);
    }

    /// Runs every failure callback that is meant for the error, and the linker's own if none is.
    async fn answer_failure<'a>(&'a self, view: &'a View<'a>, error: &anyhow::Error) {
        let mut answered = false;
        for callback in &self.callbacks.failure {
            answered |= self.answer_failure_with(&**callback, view, error).await;
        }
        if let (false, Some(callback)) = (answered, &self.callbacks.default_failure) {
            self.answer_failure_with(&**callback, view, error).await;
        }
    }

    async fn answer_failure_with(
        &self,
        callback: &dyn FailureCallback,
        view: &View<'_>,
        error: &anyhow::Error,
    ) -> bool {
        let result = match contain(|| callback.answer(view, error)) {
            Ok(None) => return false,
            Ok(Some(progress)) => finish(progress).await,
            Err(panic) => Err(panic),
        };
        self.log_callback(view, "failure", result);
        true
    }

    /// The line comes before any failure callback, whether or not there is one.
    fn log_failure(&self, view: &View<'_>, mut error: anyhow::Error) -> anyhow::Error {
        if let Some(bind) = error.downcast_mut::<BindError>() {
            bind.set_handler(self.origin);
        }
        tracing::error!(
            target: "pyventus",
            source = "EventHandler",
            event = view.event.name(),
            handler = %self.origin,
            emission = %view.identity.get().0,
            action = "Exception:",
            "{}", describe(&error),
        );
        error
    }

    /// The line of a failure after which the handler is tried again.
    fn log_attempt(&self, view: &View<'_>, error: &anyhow::Error) {
        tracing::warn!(
            target: "pyventus",
            source = "EventHandler",
            event = view.event.name(),
            handler = %self.origin,
            emission = %view.identity.get().0,
            action = "Trying again:",
            "{}", describe(error),
        );
    }

    fn log_callback(&self, view: &View<'_>, kind: &'static str, result: CallbackResult) {
        if let Err(error) = result {
            tracing::error!(
                target: "pyventus",
                source = "EventHandler",
                event = view.event.name(),
                handler = %self.origin,
                emission = %view.identity.get().0,
                "a {kind} callback failed: {}", describe(&error),
            );
        }
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

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("id", &format_args!("{}", self.id))
            .field("handler", &format_args!("{}", self.origin))
            .field("once", &self.once)
            .field("success_callbacks", &self.callbacks.success.len())
            .field("failure_callbacks", &self.callbacks.failure.len())
            .finish_non_exhaustive()
    }
}
