//! The handle of a handler subscribed at run time.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::origin::Origin;
use crate::registry::Registry;
use crate::subscriber::SubscriberId;

/// A handler that was subscribed at run time.
///
/// Dropping it does not unsubscribe, and holding it does not keep the linker alive. Clones are
/// handles of the same handler, and equal.
#[derive(Clone)]
pub struct Subscription {
    registry: Weak<Registry>,
    id: SubscriberId,
    origin: Origin,
}

impl Subscription {
    pub(crate) fn new(registry: &Arc<Registry>, id: SubscriberId, origin: Origin) -> Self {
        Self { registry: Arc::downgrade(registry), id, origin }
    }

    /// Unlinks the handler from all of its events; returns whether it was still linked.
    ///
    /// Emissions under way are not touched: a handler that is unlinked while one runs still runs
    /// in it.
    // The verb of the trade: dropping the result is as common as reading it.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn unsubscribe(&self) -> bool {
        self.registry.upgrade().is_some_and(|registry| registry.unlink(self.id))
    }

    /// Returns whether the handler is linked.
    #[must_use]
    pub fn is_subscribed(&self) -> bool {
        self.registry.upgrade().is_some_and(|registry| registry.contains(self.id))
    }
}

impl PartialEq for Subscription {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Subscription {}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("id", &self.id.0)
            .field("handler", &format_args!("{}", self.origin))
            .finish_non_exhaustive()
    }
}
