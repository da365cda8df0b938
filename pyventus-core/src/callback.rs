//! What runs after a handler: its success and failure callbacks.

use crate::handler::{CallResult, Progress, Value};
use crate::view::{Needs, View};

/// How a callback ended; its error is logged and goes no further.
pub type CallbackResult = CallResult;

/// Runs when the handler succeeded.
pub trait SuccessCallback: Send + Sync + 'static {
    /// How the callback takes the value of the handler.
    fn takes(&self) -> Takes;

    /// How much of the emission the callback may ask for.
    fn needs(&self) -> Needs;

    /// Answers a success; a callback that takes the value leaves `None`.
    fn answer<'a>(&'a self, view: &'a View<'a>, value: &'a mut Option<Value>)
    -> Progress<'a, CallbackResult>;
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
    /// How much of the emission the callback may ask for.
    fn needs(&self) -> Needs;

    /// Answers a failure, or returns `None` for an error it is not meant for.
    fn answer<'a>(
        &'a self,
        view: &'a View<'a>,
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
    /// How much of the emission it may ask for.
    pub needs: Needs,
    /// Runs the function.
    pub answer: for<'a> fn(&'a View<'a>, &'a mut Option<Value>) -> Progress<'a, CallbackResult>,
}

impl SuccessCallback for DeclaredSuccess {
    fn takes(&self) -> Takes {
        self.takes
    }

    fn needs(&self) -> Needs {
        self.needs
    }

    fn answer<'a>(
        &'a self,
        view: &'a View<'a>,
        value: &'a mut Option<Value>,
    ) -> Progress<'a, CallbackResult> {
        (self.answer)(view, value)
    }
}

/// A function that an attribute declared as a failure callback.
#[derive(Clone, Copy)]
pub struct DeclaredFailure {
    /// How much of the emission the function may ask for.
    pub needs: Needs,
    /// Runs the function.
    pub answer: for<'a> fn(&'a View<'a>, &'a anyhow::Error) -> Option<Progress<'a, CallbackResult>>,
}

impl FailureCallback for DeclaredFailure {
    fn needs(&self) -> Needs {
        self.needs
    }

    fn answer<'a>(
        &'a self,
        view: &'a View<'a>,
        error: &'a anyhow::Error,
    ) -> Option<Progress<'a, CallbackResult>> {
        (self.answer)(view, error)
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
