//! A handler with its callbacks and options, and its run through to an outcome.

mod extras;
mod id;
mod place;
mod running;
mod spanned;

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use futures_channel::oneshot;
use tracing::Span;

use crate::callback::{CallbackResult, FailureCallback, Takes};
use crate::error::BindError;
use crate::handler::{
    BoxFuture, Call, Code, HandlerResult, Progress, Value, contain, drop_contained, poll_contained,
};
use crate::offload::{Offload, hand_over};
use crate::origin::Origin;
use crate::view::{Needs, Parts, View};

pub(crate) use extras::{Callbacks, Extras};
pub(crate) use id::{Numbers, SubscriberId};
pub(crate) use place::{Declaration, Place};
pub(crate) use running::{Ended, IsLast, Running, Started};

use running::Step;

/// A handler with its callbacks and options.
pub(crate) struct Subscriber {
    /// Its identity; there is none before it is linked.
    number: u64,
    slot: u32,
    pub(crate) once: bool,
    pub(crate) blocking: bool,
    /// The most that the handler and its callbacks may ask for.
    pub(crate) needs: Needs,
    pub(crate) timestamp: SystemTime,
    pub(crate) place: Place,
    pub(crate) code: Code,
    extras: Option<Box<Extras>>,
}

impl Subscriber {
    /// A handler that is not linked as yet.
    pub(crate) fn new(place: Place, code: Code, needs: Needs) -> Self {
        Self {
            number: 0,
            slot: u32::MAX,
            once: false,
            blocking: false,
            needs,
            timestamp: SystemTime::now(),
            place,
            code,
            extras: None,
        }
    }

    /// Adds what most handlers do without.
    pub(crate) fn with(mut self, extras: Option<Box<Extras>>) -> Self {
        self.extras = extras;
        self
    }

    /// Where the handler was written.
    pub(crate) fn origin(&self) -> Origin {
        self.place.origin()
    }

    /// Its identity, once it is linked.
    pub(crate) fn id(&self) -> SubscriberId {
        SubscriberId::new(self.number, self.slot)
    }

    /// Its registry keeps it in that slot.
    ///
    /// # Panics
    ///
    /// The number of the slot has more than 32 bits; memory ends before that.
    pub(crate) fn identify(&mut self, slot: usize, numbers: &mut Numbers) -> SubscriberId {
        self.slot = u32::try_from(slot).expect("so many handlers have no room in memory");
        self.number = numbers.next();
        self.id()
    }

    /// Adds what is known of a subscriber when it is complete.
    ///
    /// Callbacks that were not given are those of its linker.
    pub(crate) fn complete(&mut self, defaults: Option<Callbacks>) {
        if self.extras.is_some() || defaults.is_some() {
            let callbacks = &mut self.extras.get_or_insert_default().callbacks;
            callbacks.complete(defaults.unwrap_or_default());
            self.needs = self.needs.max(callbacks.needs());
        }
        if self.blocking {
            // It runs elsewhere, where nothing can be borrowed.
            self.needs = Needs::Context;
        }
    }

    /// What most handlers do without.
    pub(crate) fn extras(&self) -> &Extras {
        static NONE: Extras = Extras::NONE;
        self.extras.as_deref().unwrap_or(&NONE)
    }

    pub(crate) fn callbacks(&self) -> &Callbacks {
        &self.extras().callbacks
    }

    /// The code, where nothing is to be done but to run it.
    pub(crate) fn plain(&self) -> Option<&Code> {
        (!self.blocking && self.callbacks().success.is_empty()).then_some(&self.code)
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
        let keep = self.callbacks().success.iter().any(|callback| callback.takes() != Takes::Nothing);
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
            Ok(None) if self.callbacks().success.is_empty() => Step::Ended(None),
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
                if self.callbacks().failure.is_empty() && self.callbacks().default_failure.is_none() {
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
        for callback in &self.callbacks().success {
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
        for callback in &self.callbacks().failure {
            answered |= self.answer_failure_with(&**callback, view, error).await;
        }
        if let (false, Some(callback)) = (answered, &self.callbacks().default_failure) {
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
            bind.set_handler(self.origin());
        }
        tracing::error!(
            target: "pyventus",
            source = "EventHandler",
            event = view.event.name(),
            handler = %self.origin(),
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
            handler = %self.origin(),
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
                handler = %self.origin(),
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
            .field("id", &format_args!("{}", self.id()))
            .field("handler", &format_args!("{}", self.origin()))
            .field("once", &self.once)
            .field("success_callbacks", &self.callbacks().success.len())
            .field("failure_callbacks", &self.callbacks().failure.len())
            .finish_non_exhaustive()
    }
}
