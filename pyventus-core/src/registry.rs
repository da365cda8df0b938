//! Which subscribers answer which event: an ordinary structure, filled from outside.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use crate::callback::{FailureCallback, SuccessCallback};
use crate::error::SubscribeError;
use crate::key::{EventKey, EventName, KeyKind, Lookup};
use crate::order;
use crate::subscriber::{Callbacks, Subscriber, SubscriberId};

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The subscribers of one emission, in the order they start.
pub(crate) type Subscribers = Arc<[Arc<Subscriber>]>;

/// What a linker was defined with.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) name: &'static str,
    /// The most handlers per key.
    pub(crate) max_handlers: Option<usize>,
    pub(crate) default_success: Option<fn() -> Arc<dyn SuccessCallback>>,
    pub(crate) default_failure: Option<fn() -> Arc<dyn FailureCallback>>,
}

/// The links of one linker.
///
/// Changes are made under a lock. Emissions read an index of merged and ordered lists, without a
/// lock; the first emission after a change builds it anew.
pub struct Registry {
    settings: Settings,
    table: Mutex<Table>,
    /// How often the table was changed; the index is up to date where the numbers agree.
    version: AtomicU64,
    index: ArcSwap<Index>,
}

#[derive(Default)]
struct Table {
    links: Map<EventKey, Vec<SubscriberId>>,
    subscribers: BTreeMap<SubscriberId, Linked>,
}

struct Linked {
    subscriber: Arc<Subscriber>,
    keys: Vec<EventKey>,
}

/// The subscribers of everything that can be emitted, merged and ordered.
#[derive(Default)]
struct Index {
    version: u64,
    texts: Map<EventName, List>,
    events: Map<TypeId, List>,
    /// Events of a type that no key names, by the name they bear.
    names: Map<EventName, List>,
    errors: Map<TypeId, List>,
    other_events: List,
    other_errors: List,
}

#[derive(Clone)]
struct List {
    subscribers: Subscribers,
    has_once: bool,
}

impl Default for List {
    fn default() -> Self {
        Self { subscribers: Arc::new([]), has_once: false }
    }
}

impl Registry {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            table: Mutex::default(),
            version: AtomicU64::new(0),
            index: ArcSwap::from_pointee(Index::default()),
        }
    }

    /// Links a subscriber to all of its keys, or to none.
    pub(crate) fn link(
        &self,
        keys: Vec<EventKey>,
        subscriber: impl FnOnce(SubscriberId) -> Subscriber,
    ) -> Result<SubscriberId, SubscribeError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);

        let mut seen = HashSet::new();
        let keys: Vec<_> = keys.into_iter().filter(|key| seen.insert(key.clone())).collect();
        if keys.is_empty() {
            return Err(SubscribeError::NoEvents);
        }
        let id = SubscriberId(NEXT.fetch_add(1, Ordering::Relaxed));
        let mut subscriber = subscriber(id);
        self.complete(&mut subscriber.callbacks);
        let subscriber = Arc::new(subscriber);

        let mut table = self.lock();
        if let Some(max) = self.settings.max_handlers
            && let Some(full) =
                keys.iter().find(|key| table.links.get(key).is_some_and(|ids| ids.len() >= max))
        {
            let full = full.clone();
            drop(table);
            // The refused subscriber holds user code, dropped here with the lock released.
            return Err(SubscribeError::LimitExceeded { key: full, max, linker: self.settings.name });
        }
        for key in &keys {
            table.links.entry(key.clone()).or_default().push(id);
        }
        table.subscribers.insert(id, Linked { subscriber, keys });
        self.changed();
        Ok(id)
    }

    /// Unlinks a subscriber from all of its keys; returns whether it was linked.
    pub(crate) fn unlink(&self, id: SubscriberId) -> bool {
        let removed = {
            let mut table = self.lock();
            let removed = table.remove(id);
            if removed.is_some() {
                self.changed();
            }
            removed
        };
        // User code may be dropped here, with the lock released.
        removed.is_some()
    }

    pub(crate) fn contains(&self, id: SubscriberId) -> bool {
        self.lock().subscribers.contains_key(&id)
    }

    /// Returns the subscribers of an emission; the one-time ones among them are unlinked at once,
    /// so that no other emission gets them.
    pub(crate) fn take(&self, lookup: Lookup<'_>) -> Subscribers {
        let index = self.index.load();
        if index.version == self.version.load(Ordering::Acquire) {
            let list = index.find(lookup);
            if !list.has_once {
                return Arc::clone(&list.subscribers);
            }
        }
        drop(index);

        let mut table = self.lock();
        let (index, replaced) = self.refresh(&table);
        let list = index.find(lookup);
        let mut claimed = Vec::new();
        if list.has_once {
            claimed.extend(
                list.subscribers.iter().filter(|one| one.once).filter_map(|one| table.remove(one.id)),
            );
            self.changed();
        }
        let subscribers = Arc::clone(&list.subscribers);
        drop(table);
        // What was replaced may hold the last reference to user code.
        drop((claimed, replaced));
        subscribers
    }

    /// Rebuilds the index where the table has changed; returns it and the one it replaced.
    fn refresh(&self, table: &Table) -> (Arc<Index>, Option<Arc<Index>>) {
        let version = self.version.load(Ordering::Acquire);
        let index = self.index.load_full();
        if index.version == version {
            return (index, None);
        }
        let index = Arc::new(table.index(version));
        let replaced = self.index.swap(Arc::clone(&index));
        (index, Some(replaced))
    }

    /// Callbacks that were not given are the linker's own.
    fn complete(&self, callbacks: &mut Callbacks) {
        if callbacks.success.is_empty() {
            callbacks.success.extend(self.settings.default_success.map(|callback| callback()));
        }
        callbacks.default_failure = self.settings.default_failure.map(|callback| callback());
        callbacks.sort();
    }

    fn changed(&self) {
        self.version.fetch_add(1, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing under the lock can panic half-way through a change.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn remove(&mut self, id: SubscriberId) -> Option<Linked> {
        let removed = self.subscribers.remove(&id)?;
        for key in &removed.keys {
            if let Some(ids) = self.links.get_mut(key) {
                ids.retain(|linked| *linked != id);
                if ids.is_empty() {
                    self.links.remove(key);
                }
            }
        }
        Some(removed)
    }

    fn index(&self, version: u64) -> Index {
        let mut ordered: Vec<_> =
            self.subscribers.values().map(|linked| Arc::clone(&linked.subscriber)).collect();
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

        let any = self.linked(KeyKind::Any);
        let any_event = self.linked(KeyKind::AnyEvent);
        let any_error = self.linked(KeyKind::AnyError);
        let mut types_by_name: Map<&str, Vec<SubscriberId>> = Map::default();
        for (key, ids) in &self.links {
            if let KeyKind::Event(ty) = &key.0 {
                types_by_name.entry(ty.name).or_default().extend(ids);
            }
        }

        let mut index = Index {
            version,
            other_events: merge(&[any, any_event]),
            other_errors: merge(&[any, any_error]),
            ..Index::default()
        };
        for (key, ids) in &self.links {
            match &key.0 {
                KeyKind::Text(name) => {
                    let typed = types_by_name.get(&**name).map_or(&[][..], Vec::as_slice);
                    index.texts.insert(name.clone(), merge(&[ids, typed, any, any_event]));
                    index.names.insert(name.clone(), merge(&[ids, any, any_event]));
                }
                KeyKind::Event(ty) => {
                    let name = EventName::Static(ty.name);
                    let named = self.linked(KeyKind::Text(name.clone()));
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

    fn linked(&self, key: KeyKind) -> &[SubscriberId] {
        self.links.get(&EventKey(key)).map_or(&[], Vec::as_slice)
    }
}

impl Index {
    fn find(&self, lookup: Lookup<'_>) -> &List {
        match lookup {
            Lookup::Text(name) => self.texts.get(name).unwrap_or(&self.other_events),
            Lookup::Event { id, name } => {
                self.events.get(&id).or_else(|| self.names.get(name)).unwrap_or(&self.other_events)
            }
            Lookup::Error { id, .. } => self.errors.get(&id).unwrap_or(&self.other_errors),
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.lock();
        let (handlers, events) = (table.subscribers.len(), table.links.len());
        drop(table);
        f.debug_struct("Registry")
            .field("name", &self.settings.name)
            .field("handlers", &handlers)
            .field("events", &events)
            .finish_non_exhaustive()
    }
}
