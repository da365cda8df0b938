//! Whether what a request emitted is run, and why not.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;

/// For which responses the emissions of a request are run.
///
/// # Examples
///
/// ```
/// use http::StatusCode;
/// use pyventus_axum::{BackgroundTasksLayer, RunWhen};
///
/// // A login that was refused is to be counted, too.
/// let layer = BackgroundTasksLayer::new()
///     .run_when(RunWhen::status(|status| status != StatusCode::NOT_FOUND));
/// # let _layer = layer;
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum RunWhen {
    /// Where the route has succeeded: its status is that of neither a client error (4xx) nor a
    /// server error (5xx), and its body ended without an error.
    #[default]
    Success,
    /// Whatever becomes of the route, even where it panics or is dropped.
    Always,
    /// Where the status of the response is one of those that the closure chooses, and its body ended
    /// without an error. Made by [`status`](Self::status).
    Status(Arc<dyn Fn(StatusCode) -> bool + Send + Sync>),
}

impl RunWhen {
    /// Chooses by the status of the response.
    pub fn status(chooses: impl Fn(StatusCode) -> bool + Send + Sync + 'static) -> Self {
        Self::Status(Arc::new(chooses))
    }

    /// What becomes of the emissions of a request which had a response with that status.
    pub(crate) fn judge(&self, status: StatusCode) -> Verdict {
        let run = match self {
            Self::Success => !status.is_client_error() && !status.is_server_error(),
            Self::Always => true,
            Self::Status(chooses) => chooses(status),
        };
        if run { Verdict::Run } else { Verdict::Cancel(RouteFailed::Status(status)) }
    }

    /// What becomes of them where something went wrong with the response.
    pub(crate) fn judge_failure(&self, failure: RouteFailed) -> Verdict {
        match self {
            Self::Always => Verdict::Run,
            Self::Success | Self::Status(_) => Verdict::Cancel(failure),
        }
    }
}

impl fmt::Debug for RunWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "Success",
            Self::Always => "Always",
            Self::Status(_) => "Status(..)",
        })
    }
}

/// What becomes of the emissions of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    Run,
    Cancel(RouteFailed),
}

/// Why the emissions of a request were not run.
///
/// Those that waited were cancelled; one that comes later is refused with this error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteFailed {
    /// The response has a status for which the layer runs nothing; see [`RunWhen`].
    #[error("the route has ended with the status {0}, for which nothing is run")]
    Status(StatusCode),
    /// The request was dropped before there was a response, as when its client goes away, or a
    /// service ended in an error.
    #[error("the request has ended without a response")]
    NoResponse,
    /// The route panicked, or the body of its response did.
    #[error("the route has panicked")]
    Panic,
    /// The body of the response ended in an error.
    #[error("the body of the response has failed")]
    Body,
    /// What was to run them has ended: a [`Drain`](crate::Drain) was dropped, a runtime has ended, or
    /// the layer was closed.
    #[error("nobody is left to run what the request emits")]
    Dropped,
}
