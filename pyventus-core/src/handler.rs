//! The code that answers an event; synchronous and asynchronous handlers fold here.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use crate::context::Context;
use crate::outcome::HandlerPanic;

/// A future that may move between threads.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The value a handler succeeded with, its type erased.
pub type Value = Box<dyn Any + Send>;

/// How a handler ended: with a value, where a callback wants one, or with an error.
pub type HandlerResult = Result<Option<Value>, anyhow::Error>;

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

/// The code that answers an event.
pub trait Handler: Send + Sync + 'static {
    /// Handles one emission; `keep` says whether a callback wants the value.
    fn handle<'a>(&'a self, context: &'a Context, keep: bool) -> Progress<'a, HandlerResult>;
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
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
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
