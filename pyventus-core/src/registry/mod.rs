//! Which subscribers answer which event: an ordinary structure, filled from outside.

mod rows;
mod table;
mod index;
mod list;
mod unanswered;

pub(crate) use index::{Index, Position};
pub(crate) use list::List;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, PoisonError};

use crate::callback::{FailureCallback, SuccessCallback};
use crate::error::SubscribeError;
use crate::key::{EventKey, KeysError, Lookup};
use crate::order::{self, Cycle};
use crate::subscriber::{Callbacks, Subscriber, SubscriberId};
use crate::sync::{AtomicU64, Loaded, Mutex, MutexGuard, Ordering, Published};

use table::Table;
use unanswered::Unanswered;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The subscribers of one emission.
pub(crate) struct Chosen(Held);

enum Held {
    /// By way of the index, as most are: that costs no count that threads would share.
    Indexed(Loaded<Index>, Position),
    /// A list that is not in the index any more.
    Own(Arc<List>),
}

impl Chosen {
    /// The list in a place of the index that has one there.
    #[inline]
    pub(crate) const fn indexed(index: Loaded<Index>, position: Position) -> Self {
        Self(Held::Indexed(index, position))
    }

    #[inline]
    fn held(&self) -> &Arc<List> {
        match &self.0 {
            Held::Indexed(index, position) => index.list(*position).expect("the list was found there"),
            Held::Own(list) => list,
        }
    }

    /// The list itself, to be kept for long.
    pub(crate) fn share(&self) -> Arc<List> {
        Arc::clone(self.held())
    }
}

impl std::ops::Deref for Chosen {
    type Target = List;

    #[inline]
    fn deref(&self) -> &List {
        self.held()
    }
}

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
/// Changes are made under a lock, under which no user code runs. Emissions read an index of merged
/// and ordered lists, without a lock; the first emission after a change builds it anew.
pub struct Registry {
    settings: Settings,
    table: Mutex<Table>,
    /// How often the table was changed; the index is up to date where the numbers agree.
    version: AtomicU64,
    index: Published<Index>,
    unanswered: Unanswered,
}

impl Registry {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            table: Mutex::new(Table::default()),
            version: AtomicU64::new(0),
            index: Published::new(Index::default()),
            unanswered: Unanswered::default(),
        }
    }

    /// Makes room for so many subscribers more.
    pub(crate) fn reserve(&self, subscribers: usize) {
        self.lock().reserve(subscribers);
    }

    /// Links a subscriber to all of its keys, or to none.
    pub(crate) fn link(
        &self,
        keys: &[EventKey],
        mut subscriber: Subscriber,
    ) -> Result<SubscriberId, SubscribeError> {
        if keys.is_empty() {
            return Err(KeysError::NoEvents.into());
        }
        subscriber.complete(self.default_callbacks());

        let mut table = self.lock();
        // A refused subscriber holds user code: it is dropped with the lock released.
        self.check_limit(&table, keys)?;
        if subscriber.place.declaration().is_some_and(|declared| table.is_declared(declared.handler)) {
            return Err(SubscribeError::AlreadyLinked { handler: subscriber.origin() });
        }
        let id = table.insert(subscriber, keys);
        self.changed(&table);
        Ok(id)
    }

    fn check_limit(&self, table: &Table, keys: &[EventKey]) -> Result<(), SubscribeError> {
        let Some(max) = self.settings.max_handlers else { return Ok(()) };
        match keys.iter().find(|key| table.linked_count(key) >= max) {
            Some(full) => {
                Err(SubscribeError::LimitExceeded { key: full.clone(), max, linker: self.settings.name })
            }
            None => Ok(()),
        }
    }

    /// Whether it is known that nobody answers, which is found out by [`take`](Self::take).
    #[inline]
    pub(crate) fn is_unanswered(&self, lookup: &Lookup<'_>) -> bool {
        self.unanswered.is_known(lookup, self.version.load(Ordering::Acquire))
    }

    /// Returns the index, if it is that of the links as they are.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "to move what it returns costs more than to make it")]
    pub(crate) fn current(&self) -> Option<Loaded<Index>> {
        let index = self.index.load();
        (index.version == self.version.load(Ordering::Acquire)).then_some(index)
    }

    /// Returns the subscribers of an emission; the one-time ones among them are unlinked at once,
    /// so that no other emission gets them.
    pub(crate) fn take(&self, lookup: &Lookup<'_>) -> Chosen {
        if let Some(index) = self.current()
            && let Some((position, _)) = index.find(lookup)
        {
            return Chosen::indexed(index, position);
        }
        Chosen(Held::Own(self.take_locked(lookup)))
    }

    /// The same for a list that is to be made, or changed.
    #[cold]
    fn take_locked(&self, lookup: &Lookup<'_>) -> Arc<List> {
        let mut table = self.lock();
        let (index, position, replaced) = self.refresh(&table, lookup);
        let (list, cycle) = index.make(position, lookup, &table);
        let list = Arc::clone(list);
        if list.is_empty() {
            self.unanswered.learn(lookup, index.version);
        }
        let mut claimed = Vec::new();
        if list.has_once() {
            let once = list.subscribers().iter().filter(|subscriber| subscriber.once);
            claimed.extend(once.filter_map(|subscriber| table.remove(subscriber.id())));
            self.changed(&table);
        }
        drop(table);
        // What was replaced may hold the last reference to user code.
        drop((replaced, index));
        if let Some(cycle) = cycle {
            tracing::error!(
                target: "pyventus",
                source = "EventLinker",
                "handlers that are to start before one another keep their places in source: {cycle}",
            );
        }
        for subscriber in &claimed {
            tracing::debug!(target: "pyventus", source = "EventLinker", handler = %subscriber.origin(), "One-time handler taken");
        }
        list
    }

    /// Makes the index anew where it is out of date; returns it, where the list is, and the index
    /// that it replaced.
    fn refresh(&self, table: &Table, lookup: &Lookup<'_>) -> (Arc<Index>, Position, Option<Arc<Index>>) {
        let version = self.version.load(Ordering::Acquire);
        let current = Arc::clone(&self.index.load());
        if current.version == version
            && let Some(position) = current.position(lookup)
        {
            return (current, position, None);
        }
        let mut index = Index::new(table, version, &current);
        let position = loop {
            match index.position(lookup) {
                Some(position) => break position,
                // A type got its slot just now.
                None => index = Index::new(table, version, &current),
            }
        };
        let index = Arc::new(index);
        let replaced = self.index.swap(Arc::clone(&index));
        (index, position, Some(replaced))
    }

    /// The callbacks of handlers that have none of their own, if the linker has any.
    fn default_callbacks(&self) -> Option<Callbacks> {
        let Settings { default_success, default_failure, .. } = self.settings;
        (default_success.is_some() || default_failure.is_some()).then(|| Callbacks {
            success: default_success.map(|callback| callback()).into_iter().collect(),
            default_failure: default_failure.map(|callback| callback()),
            ..Callbacks::NONE
        })
    }

    /// Unlinks a subscriber from all of its keys; returns whether it was linked.
    pub(crate) fn remove(&self, id: SubscriberId) -> bool {
        let removed = self.change(|table| table.remove(id));
        removed.is_some()
    }

    /// Unlinks a subscriber from some keys; returns how many links there were.
    pub(crate) fn unlink(&self, keys: &[EventKey], id: SubscriberId) -> usize {
        let mut removed = Vec::new();
        self.change(|table| table.unlink(keys, id, &mut removed))
    }

    /// Removes keys with their links; returns how many of them had any.
    pub(crate) fn remove_keys(&self, keys: &[EventKey]) -> usize {
        let mut removed = Vec::new();
        self.change(|table| keys.iter().filter(|key| table.remove_key(key, &mut removed)).count())
    }

    /// Removes everything; returns how many subscribers there were.
    pub(crate) fn clear(&self) -> usize {
        let removed = self.change(Table::clear);
        removed.len()
    }

    /// Changes the table. What the change returns is dropped by the caller, without the lock.
    fn change<R>(&self, change: impl FnOnce(&mut Table) -> R) -> R {
        let mut table = self.lock();
        let changed = change(&mut table);
        self.changed(&table);
        changed
    }

    /// The keys, in the order they were first linked.
    pub(crate) fn keys(&self) -> Vec<EventKey> {
        self.lock().keys()
    }

    /// All subscribers, in the order they were linked.
    pub(crate) fn subscribers(&self) -> Vec<Arc<Subscriber>> {
        self.lock().subscribers()
    }

    /// All links: each key with its subscribers.
    pub(crate) fn links(&self) -> Vec<(EventKey, Vec<Arc<Subscriber>>)> {
        let table = self.lock();
        let of = |key: &EventKey| table.linked(key).filter_map(|id| table.subscriber(id)).cloned().collect();
        table.keys().into_iter().map(|key| (key.clone(), of(&key))).collect()
    }

    /// The keys of some subscribers, each once.
    pub(crate) fn keys_of(&self, ids: impl Iterator<Item = SubscriberId>) -> Vec<EventKey> {
        let table = self.lock();
        let wanted: HashSet<&EventKey> = ids.flat_map(|id| table.keys_of(id)).collect();
        table.keys().into_iter().filter(|key| wanted.contains(key)).collect()
    }

    /// The subscribers of some keys, each once, in the order they were linked.
    pub(crate) fn subscribers_of(&self, keys: &[EventKey]) -> Vec<Arc<Subscriber>> {
        let table = self.lock();
        let mut ids: Vec<_> = keys.iter().flat_map(|key| table.linked(key)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| table.subscriber(id)).cloned().collect()
    }

    pub(crate) fn contains(&self, id: SubscriberId) -> bool {
        self.lock().subscriber(id).is_some()
    }

    pub(crate) fn key_count(&self) -> usize {
        self.lock().key_count()
    }

    pub(crate) fn subscriber_count(&self) -> usize {
        self.lock().subscriber_count()
    }

    pub(crate) fn name(&self) -> &'static str {
        self.settings.name
    }

    /// Handlers whose wishes about the order contradict one another.
    pub(crate) fn cycle(&self) -> Option<Cycle> {
        order::sort(&mut self.subscribers())
    }

    /// Returns the subscribers of an emission, and unlinks none of them.
    pub(crate) fn look(&self, lookup: &Lookup<'_>) -> Arc<List> {
        let table = self.lock();
        let (index, position, replaced) = self.refresh(&table, lookup);
        let list = Arc::clone(index.make(position, lookup, &table).0);
        drop(table);
        // What was replaced may hold the last reference to user code.
        drop((replaced, index));
        list
    }

    fn changed(&self, _locked: &Table) {
        // Under the lock: nobody else writes it.
        self.version.store(self.version.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing under the lock can panic half-way through a change.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("name", &self.settings.name)
            .field("handlers", &self.subscriber_count())
            .field("events", &self.key_count())
            .finish_non_exhaustive()
    }
}
