//! Closing: which code runs in an emission that a closing waits for.

use std::future::Future;
use std::ptr;

use pyventus_tokio::__private::Gate;

tokio::task_local! {
    /// The gate whose emission the code runs in, by its address: that of a layer, while a backend is
    /// that of one request.
    static WITHIN: usize;
}

/// Runs an emission as one that a closing of the gate waits for.
pub(crate) fn scope<F: Future>(gate: &Gate, emission: F) -> impl Future<Output = F::Output> {
    WITHIN.scope(ptr::from_ref(gate).addr(), emission)
}

/// Runs a job on this thread as code of such an emission.
pub(crate) fn run_blocking(gate: &Gate, job: impl FnOnce()) {
    WITHIN.sync_scope(ptr::from_ref(gate).addr(), job);
}

/// Whether the calling code is a handler, whose emission a closing waits for.
pub(crate) fn is_within(gate: &Gate) -> bool {
    WITHIN.try_with(|within| *within == ptr::from_ref(gate).addr()).unwrap_or(false)
}

/// The layer was closed: the backends of its requests take no emissions any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the background tasks were closed")]
pub struct BackendClosed;
