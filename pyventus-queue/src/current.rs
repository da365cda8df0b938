//! The span that the code of a handler is a part of.

use std::future::Future;

use crate::envelope::TraceParent;

tokio::task_local! {
    static CURRENT: TraceParent;
}

impl TraceParent {
    /// Returns the span that the event is a part of whose handler the calling code is, if a [`Worker`](crate::Worker)
    /// runs it and the event came with one.
    ///
    /// It is not known in tasks that the handler spawns.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }
}

/// Polls a future as a part of a span.
pub(crate) async fn within<F: Future>(span: Option<TraceParent>, future: F) -> F::Output {
    match span {
        Some(span) => CURRENT.scope(span, future).await,
        None => future.await,
    }
}

/// Runs a job as a part of a span.
pub(crate) fn run_within(span: Option<TraceParent>, job: impl FnOnce()) {
    match span {
        Some(span) => CURRENT.sync_scope(span, job),
        None => job(),
    }
}
