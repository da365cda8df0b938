//! What handlers have done, in order.

use std::sync::{Mutex, PoisonError};

/// A list that handlers write to; a `static` in the test that reads it.
pub(crate) struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn push(&self, entry: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry.into());
    }

    /// Takes what was recorded so far.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
