//! How emissions and handlers end, in one word: the field `outcome` of spans, and a label of metrics.

use crate::error::BindError;
use crate::offload::HandlerCancelled;
use crate::outcome::HandlerPanic;
use crate::retry::HandlerTimedOut;

/// How an emission has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EmissionOutcome {
    /// Every handler succeeded.
    Success,
    /// A handler failed.
    Failure,
    /// It was dropped before it had ended.
    Cancelled,
    /// The event was accepted elsewhere.
    Accepted,
    /// The backend did not take it, or nobody accepted the event after all.
    Refused,
}

impl EmissionOutcome {
    /// That of an emission whose handlers have ended.
    pub(crate) fn of(has_failed: bool) -> Self {
        if has_failed { Self::Failure } else { Self::Success }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// How a handler has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HandlerOutcome {
    Success,
    /// It returned an error.
    Failure,
    Panic,
    /// A parameter could not be bound: it did not run.
    BindError,
    Timeout,
    /// It was dropped where it waited, or its thread has ended.
    Cancelled,
}

impl HandlerOutcome {
    pub(super) fn of(error: Option<&anyhow::Error>) -> Self {
        match error {
            None => Self::Success,
            Some(error) if error.is::<HandlerPanic>() => Self::Panic,
            Some(error) if error.is::<BindError>() => Self::BindError,
            Some(error) if error.is::<HandlerTimedOut>() => Self::Timeout,
            Some(error) if error.is::<HandlerCancelled>() => Self::Cancelled,
            Some(_) => Self::Failure,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Panic => "panic",
            Self::BindError => "bind_error",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
        }
    }
}
