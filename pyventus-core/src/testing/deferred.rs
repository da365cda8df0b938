//! What a test awaits, or waits for.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What a test awaits in asynchronous code, or [waits](Self::wait) for in synchronous code.
#[must_use = "it does nothing unless it is awaited, or waited for with `.wait()`"]
pub struct Deferred<T>(Pin<Box<dyn Future<Output = T> + Send>>);

impl<T> Deferred<T> {
    pub(super) fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Box::pin(future))
    }

    /// Blocks the thread until it is there.
    ///
    /// In asynchronous code, `.await` it instead: a blocked thread of a runtime may be the very one
    /// that the handlers need, for a timer, say.
    #[expect(clippy::must_use_candidate, reason = "a test waits for what is done, not for the count of it")]
    pub fn wait(self) -> T {
        pollster::block_on(self.0)
    }
}

impl<T> Future for Deferred<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.0.as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").finish_non_exhaustive()
    }
}
