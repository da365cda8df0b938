//! The events of one group: which of them wait, which are held back, which are leased, and what became of the others.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::backlog::Backlog;
use crate::counts::Counts;
use crate::delivery::Next;
use crate::letter::{DeadLetter, LetterId};

use super::after::After;

/// The number of an event in its queue.
pub(super) type EventNumber = u64;

/// The number of an item of work in its group.
pub(super) type ItemNumber = u64;

/// The present, by both clocks: leases end by the one that never jumps, events are held back by that of the calendar.
#[derive(Clone, Copy)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) time: SystemTime,
}

impl Now {
    pub(super) fn new() -> Self {
        Self { instant: Instant::now(), time: SystemTime::now() }
    }

    /// The moment after that time from now.
    pub(super) fn after(self, duration: Duration) -> Instant {
        // A time that no clock can show does not come.
        self.instant.checked_add(duration).unwrap_or(self.instant + Duration::from_hours(24 * 365 * 30))
    }
}

#[derive(Default)]
pub(super) struct Group {
    records: HashMap<EventNumber, Record>,
    items: HashMap<ItemNumber, Item>,
    last_item: ItemNumber,
    ready: VecDeque<ItemNumber>,
    held_back: BTreeSet<(SystemTime, ItemNumber)>,
    leased: BTreeSet<(Instant, ItemNumber)>,
    letters: BTreeMap<LetterId, (EventNumber, DeadLetter)>,
    counts: Counts,
    /// Wakes one consumer that waits.
    wake: Arc<Notify>,
}

/// What an event has left in the group.
#[derive(Clone, Copy, Default)]
struct Record {
    items: usize,
    letters: usize,
    dropped: bool,
}

/// A delivery that is due at some time: the first one of an event, or one that a letter was replayed as.
struct Item {
    event: EventNumber,
    progress: Option<Bytes>,
    deaths: u32,
    /// The number of the last lease.
    lease: u64,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Ready,
    HeldBack(SystemTime),
    Leased(Instant),
}

/// An item that was leased.
pub(super) struct Leased {
    pub(super) item: ItemNumber,
    pub(super) lease: u64,
    pub(super) event: EventNumber,
    pub(super) progress: Option<Bytes>,
    pub(super) deaths: u32,
}

/// A group that was removed.
pub(super) struct Removed {
    pub(super) counts: Counts,
    pub(super) last_item: ItemNumber,
    /// The events that it was not through with.
    pub(super) events: Vec<EventNumber>,
    pub(super) letters: Vec<LetterId>,
}

impl Group {
    /// A group without events, of which every item comes after that one.
    pub(super) fn after(last_item: ItemNumber) -> Self {
        Self { last_item, ..Self::default() }
    }

    /// Ends the group, and sends those who wait for it away.
    pub(super) fn end(self, after: &mut After) -> Removed {
        let Self { records, items, last_item, letters, counts, wake, .. } = self;
        after.wake_all(&wake);
        after.discard(items.into_values().filter_map(|item| item.progress));
        let events = records.into_keys().collect();
        let letters = letters.into_iter().map(|(id, (_, letter))| {
            after.discard([letter.message.into_body()]);
            after.discard(letter.letter.resume);
            id
        });
        Removed { counts, last_item, events, letters: letters.collect() }
    }

    /// Where its deliveries are.
    pub(super) fn backlog(&self, now: Now) -> Backlog {
        let due = self.held_back.range(..=(now.time, ItemNumber::MAX)).count();
        Backlog {
            waiting: (self.ready.len() + due) as u64,
            delayed: (self.held_back.len() - due) as u64,
            leased: self.leased.len() as u64,
        }
    }

    pub(super) fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Adds an event; nobody is woken yet.
    pub(super) fn add(&mut self, event: EventNumber, not_before: Option<SystemTime>, now: Now) {
        self.counts.accepted += 1;
        self.counts.pending += 1;
        self.records.insert(event, Record { items: 1, ..Record::default() });
        self.push(event, None, not_before.filter(|at| *at > now.time));
    }

    /// Whether the event has work left.
    pub(super) fn is_pending(&self, event: EventNumber) -> bool {
        self.records.get(&event).is_some_and(|record| record.items > 0)
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// Leases up to `max` items: first those whose lease has ended, then those that wait.
    pub(super) fn take(&mut self, max: usize, lease: Duration, now: Now) -> Vec<Leased> {
        self.release_held_back(now);
        let until = now.after(lease);
        let mut taken = Vec::new();
        while taken.len() < max {
            let ended = self.leased.first().filter(|(until, _)| *until <= now.instant).copied();
            let item = if let Some((_, number)) = ended {
                self.item_mut(number).deaths += 1;
                number
            } else if let Some(number) = self.ready.pop_front() {
                number
            } else {
                break;
            };
            self.put(item, State::Leased(until));
            let Item { event, progress, deaths, lease, .. } = self.item_mut(item);
            *lease += 1;
            let (event, progress) = (*event, progress.clone());
            taken.push(Leased { item, lease: *lease, event, progress, deaths: *deaths });
        }
        taken
    }

    /// When there is something to take, unless something comes before: the time from now.
    pub(super) fn next_due(&self, now: Now) -> Option<Duration> {
        let held_back = self.held_back.first().map(|(at, _)| at.duration_since(now.time).unwrap_or_default());
        let leased = self.leased.first().map(|(until, _)| until.saturating_duration_since(now.instant));
        held_back.into_iter().chain(leased).min()
    }

    /// Whether that lease is the last one of the item, and was neither settled nor released.
    pub(super) fn holds(&self, item: ItemNumber, lease: u64) -> bool {
        self.items
            .get(&item)
            .is_some_and(|item| item.lease == lease && matches!(item.state, State::Leased(_)))
    }

    /// The event that an item is of.
    pub(super) fn event_of(&self, item: ItemNumber) -> Option<EventNumber> {
        self.items.get(&item).map(|item| item.event)
    }

    /// Settles an item that is held; returns the event if the group is through with it.
    pub(super) fn settle(
        &mut self,
        number: ItemNumber,
        letters: Vec<DeadLetter>,
        next: Next,
        now: Now,
        after: &mut After,
    ) -> Option<EventNumber> {
        let event = self.item_mut(number).event;
        let buried = letters.len();
        self.letters.extend(letters.into_iter().map(|letter| (letter.id, (event, letter))));
        let done = match next {
            Next::Again { at, progress } => {
                let item = self.item_mut(number);
                item.deaths = 0;
                after.discard(std::mem::replace(&mut item.progress, progress));
                self.put(number, if at > now.time { State::HeldBack(at) } else { State::Ready });
                after.wake_one(&self.wake);
                0
            }
            Next::Done => {
                self.unlist(number);
                after.discard(self.items.remove(&number).and_then(|item| item.progress));
                1
            }
        };
        self.change(event, |record| {
            record.letters += buried;
            record.items -= done;
        })
    }

    /// Lets the lease of an item that is held end later, or earlier.
    pub(super) fn extend(&mut self, item: ItemNumber, lease: Duration, now: Now) {
        self.put(item, State::Leased(now.after(lease)));
    }

    /// Hands an item that is held back to those who wait, before all others.
    pub(super) fn release(&mut self, item: ItemNumber, after: &mut After) {
        self.unlist(item);
        self.item_mut(item).state = State::Ready;
        self.ready.push_front(item);
        after.wake_one(&self.wake);
    }

    pub(super) fn letters(&self) -> &BTreeMap<LetterId, (EventNumber, DeadLetter)> {
        &self.letters
    }

    /// Makes an item of a letter.
    pub(super) fn replay(&mut self, id: LetterId, after: &mut After) {
        let Some((event, letter)) = self.letters.remove(&id) else { return };
        self.push(event, letter.letter.resume, None);
        after.discard([letter.message.into_body()]);
        after.wake_one(&self.wake);
        self.change(event, |record| {
            record.letters -= 1;
            record.items += 1;
        });
    }

    /// Drops a letter; returns the event if the group is through with it.
    pub(super) fn drop_letter(&mut self, id: LetterId, after: &mut After) -> Option<EventNumber> {
        let (event, letter) = self.letters.remove(&id)?;
        after.discard([letter.message.into_body()]);
        after.discard(letter.letter.resume);
        self.change(event, |record| {
            record.letters -= 1;
            record.dropped = true;
        })
    }

    fn push(&mut self, event: EventNumber, progress: Option<Bytes>, not_before: Option<SystemTime>) {
        self.last_item += 1;
        let number = self.last_item;
        let item = Item { event, progress, deaths: 0, lease: 0, state: State::Ready };
        self.items.insert(number, item);
        self.put(number, not_before.map_or(State::Ready, State::HeldBack));
    }

    /// Lets those wait that were held back until now.
    fn release_held_back(&mut self, now: Now) {
        while let Some((_, number)) = self.held_back.first().filter(|(at, _)| *at <= now.time).copied() {
            self.put(number, State::Ready);
        }
    }

    /// Brings an item into a state, and onto the list of it.
    fn put(&mut self, number: ItemNumber, state: State) {
        self.unlist(number);
        self.item_mut(number).state = state;
        match state {
            State::Ready => self.ready.push_back(number),
            State::HeldBack(at) => drop(self.held_back.insert((at, number))),
            State::Leased(until) => drop(self.leased.insert((until, number))),
        }
    }

    /// Takes an item off the list of its state. One that waits was popped, or is not on the list yet.
    fn unlist(&mut self, number: ItemNumber) {
        match self.item_mut(number).state {
            State::Ready => {}
            State::HeldBack(at) => drop(self.held_back.remove(&(at, number))),
            State::Leased(until) => drop(self.leased.remove(&(until, number))),
        }
    }

    /// Changes what is left of an event, and counts it where it belongs then.
    fn change(&mut self, event: EventNumber, change: impl FnOnce(&mut Record)) -> Option<EventNumber> {
        let record = self.records.get_mut(&event).expect("an item and a letter belong to an event");
        *self.counts.of(*record) -= 1;
        change(record);
        let record = *record;
        *self.counts.of(record) += 1;
        (record.items == 0 && record.letters == 0).then(|| {
            self.records.remove(&event);
            event
        })
    }

    fn item_mut(&mut self, number: ItemNumber) -> &mut Item {
        self.items.get_mut(&number).expect("what is on a list is an item")
    }
}

impl Counts {
    /// Where an event is counted.
    fn of(&mut self, record: Record) -> &mut u64 {
        match record {
            Record { items: 1.., .. } => &mut self.pending,
            Record { letters: 1.., .. } => &mut self.dead,
            Record { dropped: true, .. } => &mut self.dropped,
            Record { .. } => &mut self.succeeded,
        }
    }
}
