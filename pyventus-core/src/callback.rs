//! What runs after a handler: its success and failure callbacks.

use crate::context::Context;
use crate::handler::{Progress, Value};

/// How a callback ended; its error is logged and goes no further.
pub type CallbackResult = Result<(), anyhow::Error>;

/// Runs when the handler succeeded.
pub trait SuccessCallback: Send + Sync + 'static {
    /// How the callback takes the value of the handler.
    fn takes(&self) -> Takes;

    /// Answers a success; a callback that takes the value leaves `None`.
    fn answer<'a>(
        &'a self,
        context: &'a Context,
        value: &'a mut Option<Value>,
    ) -> Progress<'a, CallbackResult>;
}

/// How a success callback takes the value of its handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Takes {
    /// Not at all.
    Nothing,
    /// By reference.
    Reference,
    /// By value: nobody after it sees the value.
    Value,
}

/// Runs when the handler failed.
pub trait FailureCallback: Send + Sync + 'static {
    /// Answers a failure, or returns `None` for an error it is not meant for.
    fn answer<'a>(
        &'a self,
        context: &'a Context,
        error: &'a anyhow::Error,
    ) -> Option<Progress<'a, CallbackResult>>;
}

/// The error is another one than the callback wants, or nothing was there to take.
pub(crate) fn value_is_gone() -> anyhow::Error {
    anyhow::anyhow!("the value of the handler was taken by another success callback")
}

/// A function that an attribute declared as a success callback.
#[derive(Clone, Copy)]
pub struct DeclaredSuccess {
    /// How the function takes the value.
    pub takes: Takes,
    /// Runs the function.
    pub answer: for<'a> fn(&'a Context, &'a mut Option<Value>) -> Progress<'a, CallbackResult>,
}

impl SuccessCallback for DeclaredSuccess {
    fn takes(&self) -> Takes {
        self.takes
    }

    fn answer<'a>(
        &'a self,
        context: &'a Context,
        value: &'a mut Option<Value>,
    ) -> Progress<'a, CallbackResult> {
        (self.answer)(context, value)
    }
}

/// A function that an attribute declared as a failure callback.
#[derive(Clone, Copy)]
pub struct DeclaredFailure {
    /// Runs the function.
    pub answer: for<'a> fn(&'a Context, &'a anyhow::Error) -> Option<Progress<'a, CallbackResult>>,
}

impl FailureCallback for DeclaredFailure {
    fn answer<'a>(
        &'a self,
        context: &'a Context,
        error: &'a anyhow::Error,
    ) -> Option<Progress<'a, CallbackResult>> {
        (self.answer)(context, error)
    }
}

impl std::fmt::Debug for DeclaredSuccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeclaredSuccess").field("takes", &self.takes).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DeclaredFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeclaredFailure").finish_non_exhaustive()
    }
}
