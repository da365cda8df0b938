//! What is linked: every answer is a copy, in the order things were linked.

use crate::key::{EventKey, IntoKeys, KeysError, keys_of};
use crate::subscription::Subscription;

use super::EventLinker;

/// Queries. They see the declared handlers of the program as well; each is atomic with respect to
/// every change.
impl EventLinker {
    /// Returns every event with its handlers.
    #[must_use]
    pub fn links(&self) -> Vec<(EventKey, Vec<Subscription>)> {
        let links = self.registry().links().into_iter();
        links.map(|(key, subscribers)| (key, self.handles(&subscribers))).collect()
    }

    /// Returns the events, in the order they were first linked.
    #[must_use]
    pub fn events(&self) -> Vec<EventKey> {
        self.registry().keys()
    }

    /// Returns the handlers, each once.
    #[must_use]
    pub fn handlers(&self) -> Vec<Subscription> {
        self.handles(&self.registry().subscribers())
    }

    /// Returns the events of some handlers, each once; handlers of other linkers have none here.
    #[must_use]
    pub fn events_of<'a, H>(&self, handlers: H) -> Vec<EventKey>
    where
        H: IntoIterator<Item = &'a Subscription>,
    {
        self.registry().keys_of(handlers.into_iter().map(Subscription::id))
    }

    /// Returns the handlers of some events, each once. These are the handlers linked under the very
    /// keys: those of `..` are asked for by [`EventKey::ANY`].
    ///
    /// # Errors
    ///
    /// A text is empty, or no event is given.
    pub fn handlers_of(&self, keys: impl IntoKeys) -> Result<Vec<Subscription>, KeysError> {
        Ok(self.handles(&self.registry().subscribers_of(&keys_of(keys)?)))
    }

    /// Returns how many events have handlers.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.registry().key_count()
    }

    /// Returns how many handlers there are.
    #[must_use]
    pub fn handler_count(&self) -> usize {
        self.registry().subscriber_count()
    }

    /// Returns how many events a handler is linked to.
    #[must_use]
    pub fn event_count_of(&self, handler: &Subscription) -> usize {
        self.events_of([handler]).len()
    }

    /// Returns how many handlers some events have together.
    ///
    /// # Errors
    ///
    /// A text is empty, or no event is given.
    pub fn handler_count_of(&self, keys: impl IntoKeys) -> Result<usize, KeysError> {
        Ok(self.registry().subscribers_of(&keys_of(keys)?).len())
    }

    /// Returns whether nothing is linked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.handler_count() == 0
    }

    /// Returns whether each of the events has a handler.
    ///
    /// # Errors
    ///
    /// A text is empty, or no event is given.
    pub fn contains_event(&self, keys: impl IntoKeys) -> Result<bool, KeysError> {
        let linked = self.events();
        Ok(keys_of(keys)?.iter().all(|key| linked.contains(key)))
    }

    /// Returns whether a handler is linked here.
    #[must_use]
    pub fn contains_handler(&self, handler: &Subscription) -> bool {
        self.registry().contains(handler.id())
    }

    /// Returns whether a handler is linked to each of the events.
    ///
    /// # Errors
    ///
    /// A text is empty, or no event is given.
    pub fn is_linked(&self, keys: impl IntoKeys, handler: &Subscription) -> Result<bool, KeysError> {
        let linked = self.events_of([handler]);
        Ok(keys_of(keys)?.iter().all(|key| linked.contains(key)))
    }
}
