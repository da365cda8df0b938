//! Counting, and waiting for a count.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::PATIENCE;

/// A count that others wait for.
#[derive(Clone, Default)]
pub(super) struct Tally(Arc<(Mutex<usize>, Condvar)>);

impl Tally {
    pub(super) fn add(&self) {
        *self.lock() += 1;
        self.0.1.notify_all();
    }

    pub(super) fn get(&self) -> usize {
        *self.lock()
    }

    /// Waits until so many were counted.
    #[track_caller]
    pub(super) fn wait_for(&self, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        let mut counted = self.lock();
        while *counted < count {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the backend is stuck: {counted} of {count} handlers have run");
            counted = self.0.1.wait_timeout(counted, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
