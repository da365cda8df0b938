//! The subscribers of everything that can be emitted, merged and ordered.

use std::any::TypeId;
use std::sync::Arc;

use crate::key::{EventName, KeyKind, Lookup};
use crate::order;
use crate::subscriber::SubscriberId;

use super::table::Table;
use super::{Map, Subscribers};

/// The lists that emissions read; made anew after a change, then never changed.
#[derive(Default)]
pub(super) struct Index {
    pub(super) version: u64,
    texts: Map<EventName, List>,
    events: Map<TypeId, List>,
    /// Events of a type that no key names, by the name they bear.
    names: Map<EventName, List>,
    errors: Map<TypeId, List>,
    other_events: List,
    other_errors: List,
}

/// The subscribers of one kind of event.
#[derive(Clone)]
pub(super) struct List {
    pub(super) subscribers: Subscribers,
    pub(super) has_once: bool,
}

impl Default for List {
    fn default() -> Self {
        Self { subscribers: Arc::new([]), has_once: false }
    }
}

impl Index {
    /// Merges and orders the links of a table.
    pub(super) fn new(table: &Table, version: u64) -> Self {
        let mut ordered = table.subscribers();
        if let Some(cycle) = order::sort(&mut ordered) {
            tracing::error!(
                target: "pyventus",
                source = "EventLinker",
                "handlers that are to start before one another keep their places in source: {cycle}",
            );
        }
        let ranks: Map<SubscriberId, usize> =
            ordered.iter().enumerate().map(|(rank, subscriber)| (subscriber.id, rank)).collect();
        let merge = |lists: &[&[SubscriberId]]| {
            let mut members: Vec<usize> = lists.iter().copied().flatten().map(|id| ranks[id]).collect();
            members.sort_unstable();
            members.dedup();
            let subscribers: Subscribers =
                members.into_iter().map(|rank| Arc::clone(&ordered[rank])).collect();
            List { has_once: subscribers.iter().any(|subscriber| subscriber.once), subscribers }
        };

        let any = table.linked(&KeyKind::Any.into());
        let any_event = table.linked(&KeyKind::AnyEvent.into());
        let any_error = table.linked(&KeyKind::AnyError.into());
        let mut types_by_name: Map<&str, Vec<SubscriberId>> = Map::default();
        for (key, ids) in table.links() {
            if let KeyKind::Event(ty) = &key.0 {
                types_by_name.entry(ty.name).or_default().extend(ids);
            }
        }

        let mut index = Self {
            version,
            other_events: merge(&[any, any_event]),
            other_errors: merge(&[any, any_error]),
            ..Self::default()
        };
        for (key, ids) in table.links() {
            match &key.0 {
                KeyKind::Text(name) => {
                    let typed = types_by_name.get(&**name).map_or(&[][..], Vec::as_slice);
                    index.texts.insert(name.clone(), merge(&[ids, typed, any, any_event]));
                    index.names.insert(name.clone(), merge(&[ids, any, any_event]));
                }
                KeyKind::Event(ty) => {
                    let name = EventName::Static(ty.name);
                    let named = table.linked(&KeyKind::Text(name.clone()).into());
                    index.events.insert(ty.id, merge(&[ids, named, any, any_event]));
                    index
                        .texts
                        .entry(name)
                        .or_insert_with(|| merge(&[&types_by_name[ty.name], any, any_event]));
                }
                KeyKind::Error(ty) => {
                    index.errors.insert(ty.id, merge(&[ids, any, any_error]));
                }
                KeyKind::Any | KeyKind::AnyEvent | KeyKind::AnyError => {}
            }
        }
        index
    }

    /// The subscribers of what is emitted.
    pub(super) fn find(&self, lookup: Lookup<'_>) -> &List {
        match lookup {
            Lookup::Text(name) => self.texts.get(name).unwrap_or(&self.other_events),
            Lookup::Event { id, name } => {
                self.events.get(&id).or_else(|| self.names.get(name)).unwrap_or(&self.other_events)
            }
            Lookup::Error { id, .. } => self.errors.get(&id).unwrap_or(&self.other_errors),
        }
    }
}
