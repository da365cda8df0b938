//! The links between keys and subscribers, in the order they were made.

use std::any::TypeId;
use std::collections::HashSet;
use std::sync::Arc;

use slab::Slab;
use smallvec::SmallVec;

use crate::key::EventKey;
use crate::subscriber::{Numbers, Subscriber, SubscriberId};

use super::rows::{Row, Rows};

/// The links of a registry; a key without subscribers and a subscriber without keys are not in it.
#[derive(Default)]
pub(super) struct Table {
    rows: Rows,
    /// The subscribers, in the slots that their identities name.
    subscribers: Slab<Linked>,
    numbers: Numbers,
    /// The declared handlers among the subscribers.
    declared: HashSet<TypeId, foldhash::fast::RandomState>,
    /// How many of them wish to start before or after others.
    wishes: usize,
}

/// A subscriber and the rows of its keys, in the order these were given.
struct Linked {
    /// That of the subscriber, which may have left the caches long ago.
    number: u64,
    subscriber: Arc<Subscriber>,
    rows: SmallVec<[u32; 4]>,
}

/// What was taken out of a table: user code, to be dropped with the lock released.
pub(super) type Removed = Vec<Arc<Subscriber>>;

impl Table {
    /// Makes room for so many subscribers more.
    pub(super) fn reserve(&mut self, subscribers: usize) {
        self.rows.reserve(subscribers);
        self.subscribers.reserve(subscribers);
        self.declared.reserve(subscribers);
    }

    /// Links a subscriber, which gets its identity here.
    pub(super) fn insert(&mut self, mut subscriber: Subscriber, keys: &[EventKey]) -> SubscriberId {
        let entry = self.subscribers.vacant_entry();
        let id = subscriber.identify(entry.key(), &mut self.numbers);
        self.declared.extend(subscriber.place.declaration().map(|declared| declared.handler));
        self.wishes += usize::from(subscriber.place.has_wishes());
        let mut rows = SmallVec::new();
        for key in keys {
            let row = self.rows.list(key, id);
            // A key that was given twice is one key.
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        entry.insert(Linked { number: id.number(), subscriber: Arc::new(subscriber), rows });
        id
    }

    /// Whether the declared handler is linked.
    pub(super) fn is_declared(&self, handler: TypeId) -> bool {
        self.declared.contains(&handler)
    }

    /// Whether a handler wishes to start before or after others.
    pub(super) fn has_wishes(&self) -> bool {
        self.wishes > 0
    }

    fn linked_of(&self, id: SubscriberId) -> Option<&Linked> {
        self.subscribers.get(id.slot()).filter(|linked| linked.number == id.number())
    }

    /// Takes a subscriber out, with all of its links.
    pub(super) fn remove(&mut self, id: SubscriberId) -> Option<Arc<Subscriber>> {
        self.linked_of(id)?;
        let Linked { subscriber, rows, .. } = self.take(id.slot());
        for row in rows {
            self.unlist(row);
        }
        Some(subscriber)
    }

    /// Takes the links between a subscriber and some keys out; returns how many there were.
    pub(super) fn unlink(&mut self, keys: &[EventKey], id: SubscriberId, removed: &mut Removed) -> usize {
        let linked = self.subscribers.get_mut(id.slot()).filter(|linked| linked.number == id.number());
        let Some(linked) = linked else { return 0 };
        let of_keys: SmallVec<[u32; 4]> = keys.iter().filter_map(|key| self.rows.number(key)).collect();
        let before = linked.rows.clone();
        linked.rows.retain(|row| !of_keys.contains(row));
        if linked.rows.is_empty() {
            removed.push(self.take(id.slot()).subscriber);
        }
        let unlinked = before.into_iter().filter(|row| of_keys.contains(row));
        unlinked.map(|row| self.unlist(row)).count()
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
        self.rows.clear();
        self.declared.clear();
        self.wishes = 0;
        let removed = std::mem::take(&mut self.subscribers);
        removed.into_iter().map(|(_, linked)| linked.subscriber).collect()
    }

    /// Empties a slot.
    fn take(&mut self, slot: usize) -> Linked {
        let linked = self.subscribers.remove(slot);
        let place = linked.subscriber.place;
        if let Some(declaration) = place.declaration() {
            self.declared.remove(&declaration.handler);
            self.wishes -= usize::from(place.has_wishes());
        }
        linked
    }

    /// One link of a row is gone.
    fn unlist(&mut self, row: u32) {
        let subscribers = &self.subscribers;
        self.rows.unlist(row, |id| {
            let linked = subscribers.get(id.slot()).filter(|linked| linked.number == id.number());
            linked.is_some_and(|linked| linked.rows.contains(&row))
        });
    }

    /// The keys, in the order they were first linked.
    pub(super) fn keys(&self) -> Vec<EventKey> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_unstable_by_key(|row| row.age);
        rows.into_iter().map(|row| row.key.clone()).collect()
    }

    /// The keys, in no particular order.
    pub(super) fn key_iter(&self) -> impl Iterator<Item = &EventKey> {
        self.rows.iter().map(|row| &row.key)
    }

    /// How often a key came or went.
    pub(super) fn keys_version(&self) -> u64 {
        self.rows.version()
    }

    /// The subscribers of a key, in the order they were linked.
    pub(super) fn linked(&self, key: &EventKey) -> impl Iterator<Item = SubscriberId> {
        let number = self.rows.number(key);
        let row = number.and_then(|number| self.rows.get(number));
        let all = row.is_none_or(|row| row.listed().len() == row.count());
        let is_linked = move |linked: &Linked| number.is_some_and(|number| linked.rows.contains(&number));
        let listed = row.map_or(&[][..], Row::listed).iter().copied();
        listed.filter(move |id| all || self.linked_of(*id).is_some_and(is_linked))
    }

    /// How many subscribers a key has.
    pub(super) fn linked_count(&self, key: &EventKey) -> usize {
        self.rows.number(key).and_then(|number| self.rows.get(number)).map_or(0, Row::count)
    }

    /// The keys of a subscriber, in the order they were given.
    pub(super) fn keys_of(&self, id: SubscriberId) -> impl Iterator<Item = &EventKey> {
        let rows = self.linked_of(id).map_or(&[][..], |linked| &linked.rows);
        rows.iter().filter_map(|number| self.rows.get(*number)).map(|row| &row.key)
    }

    /// All subscribers, in the order they were made.
    pub(super) fn subscribers(&self) -> Vec<Arc<Subscriber>> {
        let mut linked: Vec<_> = self.subscribers.iter().map(|(_, linked)| linked).collect();
        linked.sort_unstable_by_key(|linked| linked.number);
        linked.into_iter().map(|linked| Arc::clone(&linked.subscriber)).collect()
    }

    pub(super) fn subscriber(&self, id: SubscriberId) -> Option<&Arc<Subscriber>> {
        self.linked_of(id).map(|linked| &linked.subscriber)
    }

    pub(super) fn key_count(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn subscriber_count(&self) -> usize {
        self.subscribers.len()
    }
}
