//! The links between keys and subscribers, in the order they were made.

use std::any::TypeId;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::key::EventKey;
use crate::subscriber::{Subscriber, SubscriberId};

use super::Map;

/// The links of a registry; a key without subscribers and a subscriber without keys are not in it.
#[derive(Default)]
pub(super) struct Table {
    keys: Map<EventKey, Row>,
    subscribers: BTreeMap<SubscriberId, Linked>,
    /// The declared handlers among the subscribers.
    declared: HashSet<TypeId>,
    next_row: u64,
}

/// The subscribers of one key.
struct Row {
    /// Which row it is, counted from the first.
    number: u64,
    subscribers: Vec<SubscriberId>,
}

/// A subscriber and its keys, in the order they were given.
struct Linked {
    subscriber: Arc<Subscriber>,
    keys: Vec<EventKey>,
}

/// What was taken out of a table: user code, to be dropped with the lock released.
pub(super) type Removed = Vec<Arc<Subscriber>>;

impl Table {
    pub(super) fn insert(&mut self, subscriber: Arc<Subscriber>, keys: Vec<EventKey>) {
        for key in &keys {
            let row = self.keys.entry(key.clone()).or_insert_with(|| {
                self.next_row += 1;
                Row { number: self.next_row, subscribers: Vec::new() }
            });
            row.subscribers.push(subscriber.id);
        }
        self.declared.extend(subscriber.place.handler());
        self.subscribers.insert(subscriber.id, Linked { subscriber, keys });
    }

    /// Whether the declared handler is linked.
    pub(super) fn is_declared(&self, subscriber: &Subscriber) -> bool {
        subscriber.place.handler().is_some_and(|handler| self.declared.contains(&handler))
    }

    /// Takes a subscriber out, with all of its links.
    pub(super) fn remove(&mut self, id: SubscriberId) -> Option<Arc<Subscriber>> {
        let Linked { subscriber, keys } = self.subscribers.remove(&id)?;
        for key in &keys {
            self.unlist(key, id);
        }
        self.forget(&subscriber);
        Some(subscriber)
    }

    /// Takes the links between a subscriber and some keys out; returns how many there were.
    pub(super) fn unlink(&mut self, keys: &[EventKey], id: SubscriberId, removed: &mut Removed) -> usize {
        let Entry::Occupied(mut linked) = self.subscribers.entry(id) else { return 0 };
        let before = linked.get().keys.len();
        linked.get_mut().keys.retain(|key| !keys.contains(key));
        let unlinked = before - linked.get().keys.len();
        if linked.get().keys.is_empty() {
            let subscriber = linked.remove().subscriber;
            self.forget(&subscriber);
            removed.push(subscriber);
        }
        for key in keys {
            self.unlist(key, id);
        }
        unlinked
    }

    /// Takes a key out; returns whether it was there.
    pub(super) fn remove_key(&mut self, key: &EventKey, removed: &mut Removed) -> bool {
        let Some(row) = self.keys.remove(key) else { return false };
        for id in row.subscribers {
            self.unlink(std::slice::from_ref(key), id, removed);
        }
        true
    }

    /// Takes everything out.
    pub(super) fn clear(&mut self) -> Removed {
        self.keys.clear();
        self.declared.clear();
        std::mem::take(&mut self.subscribers).into_values().map(|linked| linked.subscriber).collect()
    }

    fn forget(&mut self, subscriber: &Subscriber) {
        if let Some(handler) = subscriber.place.handler() {
            self.declared.remove(&handler);
        }
    }

    fn unlist(&mut self, key: &EventKey, id: SubscriberId) {
        if let Some(row) = self.keys.get_mut(key) {
            row.subscribers.retain(|listed| *listed != id);
            if row.subscribers.is_empty() {
                self.keys.remove(key);
            }
        }
    }

    /// The keys, in the order they were first linked.
    pub(super) fn keys(&self) -> Vec<EventKey> {
        let mut rows: Vec<_> = self.keys.iter().collect();
        rows.sort_unstable_by_key(|(_, row)| row.number);
        rows.into_iter().map(|(key, _)| key.clone()).collect()
    }

    /// The keys and their subscribers, in no particular order.
    pub(super) fn links(&self) -> impl Iterator<Item = (&EventKey, &[SubscriberId])> {
        self.keys.iter().map(|(key, row)| (key, &row.subscribers[..]))
    }

    /// The subscribers of a key, in the order they were linked.
    pub(super) fn linked(&self, key: &EventKey) -> &[SubscriberId] {
        self.keys.get(key).map_or(&[], |row| &row.subscribers)
    }

    /// The keys of a subscriber, in the order they were given.
    pub(super) fn keys_of(&self, id: SubscriberId) -> &[EventKey] {
        self.subscribers.get(&id).map_or(&[], |linked| &linked.keys)
    }

    /// All subscribers, in the order they were linked.
    pub(super) fn subscribers(&self) -> Vec<Arc<Subscriber>> {
        self.subscribers.values().map(|linked| Arc::clone(&linked.subscriber)).collect()
    }

    pub(super) fn subscriber(&self, id: SubscriberId) -> Option<&Arc<Subscriber>> {
        self.subscribers.get(&id).map(|linked| &linked.subscriber)
    }

    pub(super) fn key_count(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn subscriber_count(&self) -> usize {
        self.subscribers.len()
    }
}
