//! Where the list of an emission is, and the lists that were made so far.

use std::any::TypeId;
use std::collections::hash_map::Entry;
use std::sync::{Arc, OnceLock};

use crate::event::Slot;
use crate::key::{EventKey, EventName, EventType, KeyKind, Lookup};
use crate::order::{self, Cycle};
use crate::subscriber::{Subscriber, SubscriberId};

use super::Map;
use super::list::List;
use super::table::Table;

/// The lists that emissions read, each made when it is asked for; one index serves until the links
/// change.
#[derive(Default)]
pub(crate) struct Index {
    pub(super) version: u64,
    names: Arc<Names>,
    /// First those of the slots, then those of the names.
    lists: Box<[OnceLock<Arc<List>>]>,
    slots: usize,
    /// The place of each subscriber among all of them, where that takes more than a comparison.
    ranks: OnceLock<Option<Map<SubscriberId, usize>>>,
}

/// The places of lists that are not found by a slot; they change with the keys alone.
#[derive(Default)]
pub(super) struct Names {
    version: u64,
    /// For each text that a key names, the list of the text; behind it is that of events of a type
    /// that no key names and that bears it as a name.
    texts: Map<EventName, usize>,
    /// Types that no derive gave a slot.
    events: Map<TypeId, usize>,
    errors: Map<TypeId, usize>,
    /// The keys of all types that bear a name.
    types: Map<&'static str, Vec<EventType>>,
    /// How many places were given to names.
    given: usize,
}

/// The list of all events that no key names, and that of all errors.
const OTHERS: [usize; 2] = [0, 1];

/// Where a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position(usize);

impl Position {
    /// No place at all.
    pub(crate) const NOWHERE: Self = Self(usize::MAX);
}

impl Names {
    fn new(table: &Table) -> Self {
        let mut names = Self { version: table.keys_version(), ..Self::default() };
        names.texts.reserve(table.key_count());
        for key in table.key_iter() {
            match &key.0 {
                KeyKind::Text(name) => names.add_text(name.clone()),
                KeyKind::Event(ty) => {
                    names.add_text(EventName::Static(ty.name));
                    let place = names.give(1);
                    names.events.insert(ty.id, place);
                    names.types.entry(ty.name).or_default().push(*ty);
                }
                KeyKind::Error(ty) => {
                    let place = names.give(1);
                    names.errors.insert(ty.id, place);
                }
                KeyKind::Any | KeyKind::AnyEvent | KeyKind::AnyError => {}
            }
        }
        names
    }

    fn add_text(&mut self, name: EventName) {
        let place = self.len();
        if let Entry::Vacant(entry) = self.texts.entry(name) {
            entry.insert(place);
            self.give(2);
        }
    }

    /// Gives places; returns the first of them.
    fn give(&mut self, places: usize) -> usize {
        let first = self.len();
        self.given += places;
        first
    }

    /// How many lists there are.
    fn len(&self) -> usize {
        OTHERS.len() + self.given
    }

    fn position(&self, lookup: &Lookup<'_>) -> usize {
        let found = match lookup {
            Lookup::Text(name) => self.texts.get(*name).copied(),
            Lookup::Event { id, name, .. } => {
                let named = || self.texts.get(*name).map(|text| text + 1);
                self.events.get(id).copied().or_else(named)
            }
            Lookup::Error { id, .. } => return *self.errors.get(id).unwrap_or(&OTHERS[1]),
        };
        found.unwrap_or(OTHERS[0])
    }
}

impl Index {
    /// An index of the links as they are, without any list as yet.
    pub(super) fn new(table: &Table, version: u64, before: &Self) -> Self {
        let names = if before.names.version == table.keys_version() {
            Arc::clone(&before.names)
        } else {
            Arc::new(Names::new(table))
        };
        // Room for types that were not emitted as yet: each one beyond it costs another index.
        let slots = (Slot::taken() + 16).next_power_of_two();
        let lists = (0..slots + names.len()).map(|_| OnceLock::new()).collect();
        Self { version, names, lists, slots, ranks: OnceLock::new() }
    }

    /// Where the list of an emission is; `None` if the index is older than the type.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than what it does")]
    pub(super) fn position(&self, lookup: &Lookup<'_>) -> Option<Position> {
        if let Lookup::Event { slot: Some(slot), .. } = lookup {
            let slot = slot.number();
            return (slot < self.slots).then_some(Position(slot));
        }
        self.position_of_name(lookup)
    }

    fn position_of_name(&self, lookup: &Lookup<'_>) -> Option<Position> {
        // There is nothing at all in the very first index.
        (self.slots > 0).then(|| Position(self.slots + self.names.position(lookup)))
    }

    /// The list of an emission and where it is, if it was made and stays as it is.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than what it does")]
    pub(crate) fn find(&self, lookup: &Lookup<'_>) -> Option<(Position, &List)> {
        let position = self.position(lookup)?;
        let list = self.list(position)?;
        (!list.has_once()).then_some((position, list))
    }

    /// The list in that place, if it was made.
    #[inline]
    pub(crate) fn list(&self, position: Position) -> Option<&Arc<List>> {
        self.lists.get(position.0)?.get()
    }

    /// The list in that place, made of the links of a table; and what was found to contradict
    /// itself meanwhile.
    pub(super) fn make(
        &self,
        position: Position,
        lookup: &Lookup<'_>,
        table: &Table,
    ) -> (&Arc<List>, Option<Cycle>) {
        let list = &self.lists[position.0];
        if let Some(list) = list.get() {
            return (list, None);
        }
        let cycle = self.rank(table);
        let made = Arc::new(self.merge(lookup, table));
        (list.get_or_init(|| made), cycle)
    }

    /// Finds the place of each subscriber among all of them, if some are to start before others.
    fn rank(&self, table: &Table) -> Option<Cycle> {
        if self.ranks.get().is_some() {
            return None;
        }
        if !table.has_wishes() {
            self.ranks.get_or_init(|| None);
            return None;
        }
        let mut ordered = table.subscribers();
        let cycle = order::sort(&mut ordered);
        let ranks = ordered.iter().enumerate().map(|(rank, subscriber)| (subscriber.id(), rank)).collect();
        self.ranks.get_or_init(|| Some(ranks));
        cycle
    }

    /// Merges the links of all keys that an emission answers to, and orders them.
    fn merge(&self, lookup: &Lookup<'_>, table: &Table) -> List {
        let mut ids: Vec<SubscriberId> = Vec::new();
        let mut add = |key: KeyKind| ids.extend(table.linked(&EventKey(key)));
        match *lookup {
            Lookup::Text(name) => {
                add(KeyKind::Text(EventName::Shared(name.into())));
                let types = self.names.types.get(name).map_or(&[][..], Vec::as_slice);
                for ty in types {
                    add(KeyKind::Event(*ty));
                }
            }
            Lookup::Event { id, name, .. } => {
                add(KeyKind::Event(EventType { id, name }));
                add(KeyKind::Text(EventName::Static(name)));
            }
            Lookup::Error { id, .. } => {
                add(KeyKind::error(id));
            }
        }
        add(KeyKind::Any);
        add(if matches!(lookup, Lookup::Error { .. }) { KeyKind::AnyError } else { KeyKind::AnyEvent });
        ids.sort_unstable();
        ids.dedup();
        let mut subscribers: Vec<Arc<Subscriber>> = Vec::with_capacity(ids.len());
        subscribers.extend(ids.iter().filter_map(|id| table.subscriber(*id)).cloned());
        match self.ranks.get().and_then(Option::as_ref) {
            Some(ranks) => subscribers.sort_by_key(|subscriber| ranks.get(&subscriber.id()).copied()),
            None => order::sort_by_place(&mut subscribers),
        }
        List::new(subscribers)
    }
}
