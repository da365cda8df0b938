//! The handle of a handler in a linker.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use crate::origin::Origin;
use crate::registry::Registry;
use crate::subscriber::{Subscriber, SubscriberId};

/// A handler in a linker: what subscribing returns and what queries list.
///
/// Dropping it does not unsubscribe, and holding it keeps neither the linker nor the handler
/// alive. Clones are handles of the same handler, and equal; two handlers made from the same
/// function are not.
///
/// # Examples
///
/// ```
/// use pyventus_core::EventLinker;
///
/// let linker = EventLinker::new();
/// let subscription = linker.subscribe("order.placed").handler(|| {})?;
/// assert_eq!(subscription.origin().file(), file!());
/// assert!(subscription.unsubscribe());
/// assert!(!subscription.unsubscribe(), "it is not there any more");
/// # Ok::<(), pyventus_core::SubscribeError>(())
/// ```
#[derive(Clone)]
pub struct Subscription {
    registry: Weak<Registry>,
    id: SubscriberId,
    origin: Origin,
    once: bool,
    timestamp: SystemTime,
}

impl Subscription {
    pub(crate) fn new(registry: &Arc<Registry>, subscriber: &Subscriber) -> Self {
        Self {
            registry: Arc::downgrade(registry),
            id: subscriber.id(),
            origin: subscriber.origin(),
            once: subscriber.once,
            timestamp: subscriber.timestamp,
        }
    }

    /// The same handle, of the identity that the handler was linked with.
    pub(crate) fn of(self, id: SubscriberId) -> Self {
        Self { id, ..self }
    }

    pub(crate) fn id(&self) -> SubscriberId {
        self.id
    }

    /// Returns where the handler was written.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns whether the handler answers one event only.
    #[must_use]
    pub fn is_once(&self) -> bool {
        self.once
    }

    /// Returns when the handler was linked.
    #[must_use]
    pub fn timestamp(&self) -> SystemTime {
        self.timestamp
    }

    /// Unlinks the handler from all of its events; returns whether it was still linked.
    ///
    /// Emissions under way are not touched: a handler that is unlinked while one runs still runs
    /// in it.
    // The verb of the trade: dropping the result is as common as reading it.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn unsubscribe(&self) -> bool {
        self.registry.upgrade().is_some_and(|registry| registry.remove(self.id))
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

impl Hash for Subscription {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.origin, f)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("id", &format_args!("{}", self.id))
            .field("handler", &format_args!("{}", self.origin))
            .field("once", &self.once)
            .finish_non_exhaustive()
    }
}
