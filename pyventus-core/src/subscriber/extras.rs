//! What most handlers do without: callbacks, and what is said of a further attempt.

use std::sync::Arc;
use std::time::Duration;

use crate::callback::{FailureCallback, SuccessCallback, Takes};
use crate::retry::Retry;
use crate::view::Needs;

/// What most handlers do without.
#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) callbacks: Callbacks,
    /// How often a worker tries the handler.
    pub(crate) retry: Option<Retry>,
    /// How long it may take in a worker.
    pub(crate) timeout: Option<Duration>,
}

impl Extras {
    /// Those of a handler that has none.
    pub(crate) const NONE: Self = Self { callbacks: Callbacks::NONE, retry: None, timeout: None };
}

/// The callbacks of a handler, in the order they run.
#[derive(Clone, Default)]
pub(crate) struct Callbacks {
    pub(crate) success: Vec<Arc<dyn SuccessCallback>>,
    pub(crate) failure: Vec<Arc<dyn FailureCallback>>,
    /// The linker's own; runs for a failure that no other callback is meant for.
    pub(crate) default_failure: Option<Arc<dyn FailureCallback>>,
}

impl Callbacks {
    /// Those of a handler that has none.
    pub(crate) const NONE: Self = Self { success: Vec::new(), failure: Vec::new(), default_failure: None };

    pub(crate) fn is_empty(&self) -> bool {
        self.success.is_empty() && self.failure.is_empty() && self.default_failure.is_none()
    }

    /// Fills in what was not given, and puts the callback that takes the value away behind those that only
    /// look at it.
    pub(super) fn complete(&mut self, defaults: Self) {
        if self.success.is_empty() {
            self.success = defaults.success;
        }
        self.default_failure = defaults.default_failure;
        self.success.sort_by_key(|callback| callback.takes() == Takes::Value);
    }

    /// The most that one of them may ask for.
    pub(crate) fn needs(&self) -> Needs {
        let success = self.success.iter().map(|callback| callback.needs());
        let failure = self.failure.iter().chain(&self.default_failure).map(|callback| callback.needs());
        success.chain(failure).max().unwrap_or_default()
    }
}
