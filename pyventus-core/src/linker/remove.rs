//! Unlinking and removing.

use crate::key::{IntoKeys, KeysError, keys_of};
use crate::subscription::Subscription;

use super::EventLinker;

/// Removal. Emissions under way are not touched: a handler that is removed while one runs still
/// runs in it. A handler that is left without events, and an event that is left without handlers,
/// are gone.
impl EventLinker {
    /// Unlinks a handler from some events; returns how many of them it was linked to.
    ///
    /// # Errors
    ///
    /// A text is empty, or no event is given; nothing is unlinked then.
    pub fn unlink(&self, keys: impl IntoKeys, handler: &Subscription) -> Result<usize, KeysError> {
        let unlinked = self.registry().unlink(&keys_of(keys)?, handler.id());
        if unlinked > 0 {
            self.log(format_args!("{handler} was unlinked from {unlinked} events"));
        }
        Ok(unlinked)
    }

    /// Removes a handler from all of its events; returns whether it was linked.
    pub fn remove_handler(&self, handler: &Subscription) -> bool {
        let removed = self.registry().remove(handler.id());
        if removed {
            self.log(format_args!("{handler} was removed"));
        }
        removed
    }

    /// Removes some events with all of their links; returns how many of them had handlers.
    ///
    /// # Errors
    ///
    /// A text is empty, or no event is given; nothing is removed then.
    pub fn remove_event(&self, keys: impl IntoKeys) -> Result<usize, KeysError> {
        let keys = keys_of(keys)?;
        let removed = self.registry().remove_keys(&keys);
        if removed > 0 {
            self.log(format_args!("{removed} of the events {keys:?} were removed"));
        }
        Ok(removed)
    }

    /// Removes everything; returns whether anything was linked.
    pub fn clear(&self) -> bool {
        let removed = self.registry().clear();
        if removed > 0 {
            self.log(format_args!("all {removed} handlers were removed"));
        }
        removed > 0
    }
}
