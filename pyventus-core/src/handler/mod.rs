//! The code that answers an event; synchronous and asynchronous handlers fold here.

mod bare;

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use crate::outcome::HandlerPanic;
use crate::view::View;

/// A future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The value a handler succeeded with, its type erased.
pub type Value = Box<dyn Any + Send>;

/// How an asynchronous handler ended: with a value, where a callback wants one, or with an error.
pub type HandlerResult = Result<Option<Value>, anyhow::Error>;

/// Where a synchronous handler leaves its value, if a callback wants it.
pub type Keep<'a> = Option<&'a mut Option<Value>>;

/// Leaves a value for the callbacks: not in line, since most handlers have none that wants it.
#[cold]
#[inline(never)]
pub(crate) fn leave<T: Any + Send>(kept: &mut Option<Value>, value: T) {
    *kept = Some(Box::new(value));
}

/// How a synchronous handler ended, and how a callback did.
pub type CallResult = Result<(), anyhow::Error>;

/// A synchronous function as a handler.
pub(crate) type CallFn = fn(&View<'_>, Keep<'_>) -> CallResult;

/// An asynchronous function as a handler; its flag says whether a callback wants the value.
pub(crate) type StartFn = for<'a> fn(&'a View<'a>, bool) -> BoxFuture<'a, HandlerResult>;

/// A synchronous closure as a handler.
pub(crate) trait SyncHandler: Send + Sync + 'static {
    /// Handles one emission.
    ///
    /// # Errors
    ///
    /// The handler failed.
    fn call(&self, view: &View<'_>, keep: Keep<'_>) -> CallResult;
}

/// An asynchronous closure as a handler.
pub(crate) trait AsyncHandler: Send + Sync + 'static {
    /// Begins to handle one emission; `keep` says whether a callback wants the value.
    fn start<'a>(&'a self, view: &'a View<'a>, keep: bool) -> BoxFuture<'a, HandlerResult>;
}

/// The code of a handler that runs when it is called.
#[derive(Clone)]
pub(crate) enum Call {
    Function(CallFn),
    Closure(Arc<dyn SyncHandler>),
}

impl Call {
    /// The code of a closure.
    pub(crate) fn new(handler: impl SyncHandler) -> Self {
        match bare::call(handler) {
            Ok(function) => Self::Function(function),
            Err(handler) => Self::Closure(Arc::new(handler)),
        }
    }

    #[inline]
    pub(crate) fn call(&self, view: &View<'_>, keep: Keep<'_>) -> CallResult {
        match self {
            Self::Function(function) => function(view, keep),
            Self::Closure(closure) => closure.call(view, keep),
        }
    }
}

/// The code of a handler that has a future to be driven.
#[derive(Clone)]
pub(crate) enum Start {
    Function(StartFn),
    Closure(Arc<dyn AsyncHandler>),
}

impl Start {
    /// The code of a closure.
    pub(crate) fn new(handler: impl AsyncHandler) -> Self {
        match bare::start(handler) {
            Ok(function) => Self::Function(function),
            Err(handler) => Self::Closure(Arc::new(handler)),
        }
    }

    pub(crate) fn start<'a>(&'a self, view: &'a View<'a>, keep: bool) -> BoxFuture<'a, HandlerResult> {
        match self {
            Self::Function(function) => function(view, keep),
            Self::Closure(closure) => closure.start(view, keep),
        }
    }
}

/// The code of a handler.
#[derive(Clone)]
pub(crate) enum Code {
    Sync(Call),
    Async(Start),
}

/// A future of generated code, boxed.
#[doc(hidden)]
pub fn boxed<'a, T>(future: impl Future<Output = T> + Send + 'a) -> BoxFuture<'a, T> {
    Box::pin(future)
}

/// Code that is either done or has a future to be driven.
#[expect(missing_debug_implementations, reason = "neither a boxed future nor an erased value says anything")]
pub enum Progress<'a, T> {
    /// Synchronous code: it has run.
    Done(T),
    /// Asynchronous code: nothing has run yet.
    Pending(BoxFuture<'a, T>),
}

impl<'a, T> Progress<'a, T> {
    /// Asynchronous code on its way.
    pub fn pending(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self::Pending(Box::pin(future))
    }
}

/// Runs user code; a panic becomes [`HandlerPanic`].
pub(crate) fn contain<T>(code: impl FnOnce() -> T) -> Result<T, anyhow::Error> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let panic = HandlerPanic::new(&*payload);
        drop_contained(payload);
        panic.into()
    })
}

/// Drops a user's value; a panic in its `Drop` is logged and goes no further.
pub(crate) fn drop_contained<T>(value: T) {
    contain_drop(|| drop(value));
}

/// The same for a value that stays where it is while it is dropped.
pub(crate) fn contain_drop(drop: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(drop)) {
        let panic = HandlerPanic::new(&*payload);
        tracing::error!(target: "pyventus", source = "EventHandler", message = panic.message(), "a value panicked when it was dropped");
        // The payload of such a panic may panic again when dropped: it is leaked on purpose.
        std::mem::forget(payload);
    }
}

/// Polls a user's future; a panic is its end.
pub(crate) fn poll_contained<T>(
    future: &mut BoxFuture<'_, T>,
    cx: &mut std::task::Context<'_>,
) -> Poll<Result<T, anyhow::Error>> {
    match contain(|| future.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    }
}
