//! What is done when the lock is not held any more.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Notify;

/// What is done when the lock is not held any more: bytes may run code of a user when they are dropped, and so may those
/// who are woken.
///
/// It stands before the lock that it is filled under, and takes place when it is dropped.
#[derive(Default)]
pub(super) struct After {
    discarded: Vec<Bytes>,
    one: Vec<Arc<Notify>>,
    all: Vec<Arc<Notify>>,
}

impl After {
    pub(super) fn discard(&mut self, bytes: impl IntoIterator<Item = Bytes>) {
        self.discarded.extend(bytes);
    }

    /// Wakes one of those who wait.
    pub(super) fn wake_one(&mut self, waiting: &Arc<Notify>) {
        self.one.push(Arc::clone(waiting));
    }

    /// Wakes all of those who wait.
    pub(super) fn wake_all(&mut self, waiting: &Arc<Notify>) {
        self.all.push(Arc::clone(waiting));
    }
}

impl Drop for After {
    fn drop(&mut self) {
        self.one.iter().for_each(|waiting| waiting.notify_one());
        self.all.iter().for_each(|waiting| waiting.notify_waiters());
    }
}
