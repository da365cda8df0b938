//! The keys, and for each of them the subscribers that were linked to it.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use slab::Slab;
use smallvec::SmallVec;

use crate::key::EventKey;
use crate::subscriber::SubscriberId;

/// A row for each key that has subscribers; it keeps its number for as long.
#[derive(Default)]
pub(super) struct Rows {
    slots: Slab<Row>,
    /// The numbers of the rows, by key.
    numbers: HashTable<u32>,
    hasher: RandomState,
    /// How often a key came or went.
    version: u64,
}

/// The subscribers of one key.
pub(super) struct Row {
    pub(super) key: EventKey,
    /// Later rows have greater ones.
    pub(super) age: u64,
    /// Those that were linked, in their order. Some may have been unlinked since: taking each out of
    /// the middle of the list would take longer the longer it is.
    listed: SmallVec<[SubscriberId; 1]>,
    /// How many of them are linked still.
    count: usize,
}

impl Row {
    /// Those that were linked, in their order; some may have been unlinked since.
    pub(super) fn listed(&self) -> &[SubscriberId] {
        &self.listed
    }

    /// How many are linked.
    pub(super) fn count(&self) -> usize {
        self.count
    }
}

impl Rows {
    /// Makes room for so many keys more.
    pub(super) fn reserve(&mut self, keys: usize) {
        let Self { slots, numbers, hasher, .. } = self;
        slots.reserve(keys);
        numbers.reserve(keys, |number| hash(hasher, slots, *number));
    }

    /// Adds a link of a key, if it is not there; returns the number of its row.
    pub(super) fn list(&mut self, key: &EventKey, id: SubscriberId) -> u32 {
        let Self { slots, numbers, hasher, version } = self;
        let hashed = hasher.hash_one(key);
        let entry = numbers.entry(
            hashed,
            |number| slots[*number as usize].key == *key,
            |number| hash(hasher, slots, *number),
        );
        match entry {
            Entry::Occupied(number) => {
                let row = &mut slots[*number.get() as usize];
                if row.listed.last() != Some(&id) {
                    row.listed.push(id);
                    row.count += 1;
                }
                *number.get()
            }
            Entry::Vacant(entry) => {
                *version += 1;
                let listed = SmallVec::from_buf([id]);
                let row = Row { key: key.clone(), age: *version, listed, count: 1 };
                let number = u32::try_from(slots.insert(row)).expect("so many keys have no room in memory");
                entry.insert(number);
                number
            }
        }
    }

    /// One link of a row is gone; the row goes with its last one.
    pub(super) fn unlist(&mut self, number: u32, mut is_linked: impl FnMut(SubscriberId) -> bool) {
        let Some(row) = self.slots.get_mut(number as usize) else { return };
        row.count -= 1;
        if row.count == 0 {
            let Row { key, .. } = self.slots.remove(number as usize);
            let hashed = self.hasher.hash_one(&key);
            if let Ok(entry) = self.numbers.find_entry(hashed, |other| *other == number) {
                entry.remove();
            }
            self.version += 1;
        } else if row.listed.len() > 2 * row.count {
            row.listed.retain(|id| is_linked(*id));
        }
    }

    /// The number of the row of a key.
    pub(super) fn number(&self, key: &EventKey) -> Option<u32> {
        let hashed = self.hasher.hash_one(key);
        self.numbers.find(hashed, |number| self.slots[*number as usize].key == *key).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Row> {
        self.slots.get(number as usize)
    }

    /// The rows, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.slots.iter().map(|(_, row)| row)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// How often a key came or went.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.numbers.clear();
        self.version += 1;
    }
}

fn hash(hasher: &RandomState, slots: &Slab<Row>, number: u32) -> u64 {
    hasher.hash_one(&slots[number as usize].key)
}
