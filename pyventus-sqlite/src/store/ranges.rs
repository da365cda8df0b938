//! Events that were handed out together for the first time, under one lease.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::time::Moment;

use super::{EventNumber, GroupId};

/// The most events that a range holds.
const MOST: usize = 1024;

/// How far apart the events of a range are at most.
const GAP: EventNumber = 8;

/// The ranges that were asked for, or made.
pub(super) struct Ranges<'a> {
    sql: &'a Connection,
    known: BTreeMap<(GroupId, EventNumber), Range>,
    has_changed: bool,
}

struct Range {
    until: Moment,
    /// A bit for each number from the first one on.
    held: Vec<u8>,
    is_changed: bool,
}

impl Range {
    fn new(until: Moment, first: EventNumber, events: &[EventNumber]) -> Self {
        let mut range = Self { until, held: Vec::new(), is_changed: true };
        for event in events {
            let (byte, bit) = place(first, *event).expect("no event is before the first one");
            range.held.resize(range.held.len().max(byte + 1), 0);
            range.held[byte] |= bit;
        }
        range
    }

    fn holds(&self, first: EventNumber, event: EventNumber) -> bool {
        let place = place(first, event);
        place.is_some_and(|(byte, bit)| self.held.get(byte).is_some_and(|held| held & bit != 0))
    }

    fn events(&self, first: EventNumber) -> impl Iterator<Item = EventNumber> {
        let numbers = (first..).take(self.held.len() * 8);
        numbers.filter(move |event| self.holds(first, *event))
    }
}

/// In which byte the bit of an event is, and which bit of it that is.
fn place(first: EventNumber, event: EventNumber) -> Option<(usize, u8)> {
    let distance = usize::try_from(event - first).ok()?;
    Some((distance / 8, 1 << (distance % 8)))
}

impl<'a> Ranges<'a> {
    pub(super) fn new(sql: &'a Connection) -> Self {
        Self { sql, known: BTreeMap::new(), has_changed: false }
    }

    /// Leases events, of which the first has the smallest number and the last one the largest.
    pub(super) fn lease(&mut self, group: GroupId, events: &[EventNumber], until: Moment) {
        for events in events.chunk_by(|one, next| next - one <= GAP) {
            for events in events.chunks(MOST) {
                self.known.insert((group, events[0]), Range::new(until, events[0], events));
                self.has_changed = true;
            }
        }
    }

    /// Whether an event is held that was handed out for the first time.
    pub(super) fn holds(&mut self, group: GroupId, event: EventNumber) -> rusqlite::Result<bool> {
        Ok(self.find(group, event)?.is_some())
    }

    /// Lets go of an event, and returns whether it was held.
    pub(super) fn let_go(&mut self, group: GroupId, event: EventNumber) -> rusqlite::Result<bool> {
        let Some((first, range)) = self.find(group, event)? else { return Ok(false) };
        let (byte, bit) = place(first, event).expect("it is held");
        range.held[byte] &= !bit;
        range.is_changed = true;
        self.has_changed = true;
        Ok(true)
    }

    /// Lets the leases of events that are held end at another time.
    ///
    /// Where others of the range keep theirs, the range is cut into pieces of neighbours.
    pub(super) fn extend(
        &mut self,
        group: GroupId,
        mut events: &[EventNumber],
        until: Moment,
    ) -> rusqlite::Result<()> {
        while let Some(event) = events.first() {
            let Some((first, range)) = self.find(group, *event)? else { break };
            let all: Vec<_> = range.events(first).collect();
            let old = range.until;
            // Up to the last number of the range, all of the events that are held are of it.
            let last = all.last().copied().unwrap_or(first);
            let (here, further) = events.split_at(events.partition_point(|event| *event <= last));
            events = further;
            range.held.clear();
            range.is_changed = true;
            for piece in
                all.chunk_by(|one, next| here.binary_search(one).is_ok() == here.binary_search(next).is_ok())
            {
                let until = if here.binary_search(&piece[0]).is_ok() { until } else { old };
                self.known.insert((group, piece[0]), Range::new(until, piece[0], piece));
            }
            self.has_changed = true;
        }
        Ok(())
    }

    /// The events whose leases have ended, those first whose lease has ended first.
    pub(super) fn ended(
        &mut self,
        group: GroupId,
        now: Moment,
        limit: usize,
    ) -> rusqlite::Result<Vec<EventNumber>> {
        self.write()?;
        let query = "SELECT first, until, held FROM ranges WHERE grp = ?1 AND until <= ?2 ORDER BY until";
        let mut query = self.sql.prepare_cached(query)?;
        let mut rows = query.query(params![group, now])?;
        let mut events = Vec::new();
        while events.len() < limit
            && let Some(row) = rows.next()?
        {
            let (first, range) = read(row)?;
            events.extend(range.events(first).take(limit - events.len()));
        }
        Ok(events)
    }

    /// All events of a group that are held.
    pub(super) fn all(&mut self, group: GroupId) -> rusqlite::Result<Vec<EventNumber>> {
        self.write()?;
        let mut query = self.sql.prepare_cached("SELECT first, until, held FROM ranges WHERE grp = ?1")?;
        let mut rows = query.query([group])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let (first, range) = read(row)?;
            events.extend(range.events(first));
        }
        Ok(events)
    }

    /// Forgets what was known of a group that is removed.
    pub(super) fn forget(&mut self, group: GroupId) {
        self.known.retain(|(of, _), _| *of != group);
    }

    /// When the next lease ends.
    pub(super) fn next_end(&mut self, group: GroupId) -> rusqlite::Result<Option<Moment>> {
        self.write()?;
        let query = "SELECT min(until) FROM ranges WHERE grp = ?1";
        self.sql.prepare_cached(query)?.query_row([group], |row| row.get(0))
    }

    /// Writes what has changed.
    pub(super) fn write(&mut self) -> rusqlite::Result<()> {
        if !self.has_changed {
            return Ok(());
        }
        let mut put = self.sql.prepare_cached(
            "INSERT INTO ranges (grp, first, until, held) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET until = excluded.until, held = excluded.held",
        )?;
        let mut delete = self.sql.prepare_cached("DELETE FROM ranges WHERE grp = ?1 AND first = ?2")?;
        let changed = self.known.iter_mut().filter(|(_, range)| range.is_changed);
        for ((group, first), range) in changed {
            range.is_changed = false;
            if range.held.iter().any(|held| *held != 0) {
                put.execute(params![group, first, range.until, range.held])?;
            } else {
                delete.execute(params![group, first])?;
            }
        }
        self.has_changed = false;
        Ok(())
    }

    /// The range that holds an event.
    fn find(
        &mut self,
        group: GroupId,
        event: EventNumber,
    ) -> rusqlite::Result<Option<(EventNumber, &mut Range)>> {
        // No two ranges span the same numbers: it is the last one that begins before.
        let known = self.known.range(..=(group, event)).next_back();
        let found = known
            .filter(|((of, first), range)| *of == group && range.holds(*first, event))
            .map(|((_, first), _)| *first);
        let first = match found {
            Some(first) => first,
            None => match self.load(group, event)? {
                Some(first) => first,
                None => return Ok(None),
            },
        };
        let range = self.known.get_mut(&(group, first)).filter(|range| range.holds(first, event));
        Ok(range.map(|range| (first, range)))
    }

    /// Reads the range that may hold an event, unless it is known.
    fn load(&mut self, group: GroupId, event: EventNumber) -> rusqlite::Result<Option<EventNumber>> {
        let mut query = self.sql.prepare_cached(
            "SELECT first, until, held FROM ranges WHERE grp = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
        )?;
        let Some((first, range)) = query.query_row([group, event], read).optional()? else {
            return Ok(None);
        };
        if let Entry::Vacant(unknown) = self.known.entry((group, first)) {
            unknown.insert(range);
        }
        Ok(Some(first))
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<(EventNumber, Range)> {
    Ok((row.get(0)?, Range { until: row.get(1)?, held: row.get(2)?, is_changed: false }))
}
