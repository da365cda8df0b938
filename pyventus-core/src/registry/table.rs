//! The links between keys and subscribers, in the order they were made.

use std::any::TypeId;
use std::collections::HashSet;
use std::sync::Arc;

use crate::key::EventKey;
use crate::subscriber::{Subscriber, SubscriberId};

use super::Map;

/// The links of a registry; a key without subscribers and a subscriber without keys are not in it.
#[derive(Default)]
pub(super) struct Table {
    keys: Map<EventKey, Row>,
    /// The subscribers, in the places that their identities name.
    subscribers: Vec<Option<Linked>>,
    /// The places that are free.
    free: Vec<usize>,
    /// The declared handlers among the subscribers.
    declared: HashSet<TypeId, foldhash::fast::RandomState>,
    next_row: u64,
    /// How often a key came or went.
    keys_version: u64,
}

/// The subscribers of one key.
struct Row {
    /// Which row it is, counted from the first.
    number: u64,
    /// Those that were linked, in their order. Some may have been unlinked since: taking each out of
    /// the middle of the list would take longer the longer it is.
    linked: Vec<SubscriberId>,
    /// How many of them are linked still.
    count: usize,
}

/// A subscriber and its keys, in the order they were given.
struct Linked {
    subscriber: Arc<Subscriber>,
    keys: Vec<EventKey>,
}

/// What was taken out of a table: user code, to be dropped with the lock released.
pub(super) type Removed = Vec<Arc<Subscriber>>;

impl Table {
    /// Makes room for so many subscribers more.
    pub(super) fn reserve(&mut self, subscribers: usize) {
        self.keys.reserve(subscribers);
        self.subscribers.reserve(subscribers);
        self.declared.reserve(subscribers);
    }

    /// Links a subscriber, which gets its identity here.
    pub(super) fn insert(&mut self, mut subscriber: Subscriber, keys: Vec<EventKey>) -> Arc<Subscriber> {
        let place = self.free.pop().unwrap_or_else(|| {
            self.subscribers.push(None);
            self.subscribers.len() - 1
        });
        subscriber.id = SubscriberId::new(place);
        for key in &keys {
            let new = || {
                self.next_row += 1;
                self.keys_version += 1;
                Row { number: self.next_row, linked: Vec::new(), count: 0 }
            };
            let row = match self.keys.get_mut(key) {
                Some(row) => row,
                None => self.keys.entry(key.clone()).or_insert_with(new),
            };
            row.linked.push(subscriber.id);
            row.count += 1;
        }
        self.declared.extend(subscriber.place.handler());
        let subscriber = Arc::new(subscriber);
        self.subscribers[place] = Some(Linked { subscriber: Arc::clone(&subscriber), keys });
        subscriber
    }

    /// Whether the declared handler is linked.
    pub(super) fn is_declared(&self, subscriber: &Subscriber) -> bool {
        subscriber.place.handler().is_some_and(|handler| self.declared.contains(&handler))
    }

    fn linked_of(&self, id: SubscriberId) -> Option<&Linked> {
        self.subscribers.get(id.place())?.as_ref().filter(|linked| linked.subscriber.id == id)
    }

    /// Takes a subscriber out, with all of its links.
    pub(super) fn remove(&mut self, id: SubscriberId) -> Option<Arc<Subscriber>> {
        self.linked_of(id)?;
        let Linked { subscriber, keys } = self.subscribers[id.place()].take()?;
        self.forget(&subscriber);
        for key in &keys {
            self.unlist(key);
        }
        Some(subscriber)
    }

    /// Takes the links between a subscriber and some keys out; returns how many there were.
    pub(super) fn unlink(&mut self, keys: &[EventKey], id: SubscriberId, removed: &mut Removed) -> usize {
        let place = self.subscribers.get_mut(id.place()).and_then(Option::as_mut);
        let Some(linked) = place.filter(|linked| linked.subscriber.id == id) else { return 0 };
        let (unlinked, kept): (Vec<_>, _) =
            std::mem::take(&mut linked.keys).into_iter().partition(|key| keys.contains(key));
        linked.keys = kept;
        if linked.keys.is_empty()
            && let Some(Linked { subscriber, .. }) = self.subscribers[id.place()].take()
        {
            self.forget(&subscriber);
            removed.push(subscriber);
        }
        for key in &unlinked {
            self.unlist(key);
        }
        unlinked.len()
    }

    /// Takes a key out; returns whether it was there.
    pub(super) fn remove_key(&mut self, key: &EventKey, removed: &mut Removed) -> bool {
        let ids: Vec<_> = self.linked(key).collect();
        for id in &ids {
            self.unlink(std::slice::from_ref(key), *id, removed);
        }
        !ids.is_empty()
    }

    /// Takes everything out.
    pub(super) fn clear(&mut self) -> Removed {
        self.keys.clear();
        self.keys_version += 1;
        self.declared.clear();
        self.free.clear();
        let removed = std::mem::take(&mut self.subscribers);
        removed.into_iter().flatten().map(|linked| linked.subscriber).collect()
    }

    /// A subscriber was taken out of its place.
    fn forget(&mut self, subscriber: &Subscriber) {
        self.free.push(subscriber.id.place());
        if let Some(handler) = subscriber.place.handler() {
            self.declared.remove(&handler);
        }
    }

    /// One link of a key is gone.
    fn unlist(&mut self, key: &EventKey) {
        let Some(row) = self.keys.get_mut(key) else { return };
        row.count -= 1;
        if row.count == 0 {
            self.keys.remove(key);
            self.keys_version += 1;
        } else if row.linked.len() > 2 * row.count {
            let subscribers = &self.subscribers;
            row.linked.retain(|id| {
                subscribers[id.place()]
                    .as_ref()
                    .is_some_and(|linked| linked.subscriber.id == *id && linked.keys.contains(key))
            });
        }
    }

    /// The keys, in the order they were first linked.
    pub(super) fn keys(&self) -> Vec<EventKey> {
        let mut rows: Vec<_> = self.keys.iter().collect();
        rows.sort_unstable_by_key(|(_, row)| row.number);
        rows.into_iter().map(|(key, _)| key.clone()).collect()
    }

    /// The keys, in no particular order.
    pub(super) fn key_iter(&self) -> impl Iterator<Item = &EventKey> {
        self.keys.keys()
    }

    /// How often a key came or went.
    pub(super) fn keys_version(&self) -> u64 {
        self.keys_version
    }

    /// The subscribers of a key, in the order they were linked.
    pub(super) fn linked(&self, key: &EventKey) -> impl Iterator<Item = SubscriberId> {
        let listed = self.keys.get(key).map_or(&[][..], |row| &row.linked);
        listed
            .iter()
            .copied()
            .filter(|id| self.linked_of(*id).is_some_and(|linked| linked.keys.contains(key)))
    }

    /// How many subscribers a key has.
    pub(super) fn linked_count(&self, key: &EventKey) -> usize {
        self.keys.get(key).map_or(0, |row| row.count)
    }

    /// The keys of a subscriber, in the order they were given.
    pub(super) fn keys_of(&self, id: SubscriberId) -> &[EventKey] {
        self.linked_of(id).map_or(&[], |linked| &linked.keys)
    }

    /// All subscribers, in the order they were made.
    pub(super) fn subscribers(&self) -> Vec<Arc<Subscriber>> {
        let linked = self.subscribers.iter().flatten();
        let mut subscribers: Vec<_> = linked.map(|linked| Arc::clone(&linked.subscriber)).collect();
        subscribers.sort_unstable_by_key(|subscriber| subscriber.id);
        subscribers
    }

    pub(super) fn subscriber(&self, id: SubscriberId) -> Option<&Arc<Subscriber>> {
        self.linked_of(id).map(|linked| &linked.subscriber)
    }

    pub(super) fn key_count(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn subscriber_count(&self) -> usize {
        self.subscribers.len() - self.free.len()
    }
}
