//! Queues and their groups, as they are known in a transaction.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use pyventus_queue::{Counts, GroupName, QueueName};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::schema::EVENT_BITS;

use super::records::Record;
use super::{EventNumber, GroupId};

/// The queues that were asked for.
pub(super) struct Queues<'a> {
    sql: &'a Connection,
    known: BTreeMap<QueueName, Queue>,
}

/// A queue: how many events it has had, and how many it has.
pub(super) struct Queue {
    id: i64,
    /// The last event that was published; the one before the first, if there was none.
    pub(super) last: EventNumber,
    stored: i64,
    groups: BTreeMap<GroupName, Group>,
    is_changed: bool,
}

/// A group: how far it has come, and what became of the events before that.
pub(super) struct Group {
    pub(super) id: GroupId,
    /// The last event that was handed out, or held back.
    pub(super) cursor: EventNumber,
    accepted: i64,
    succeeded: i64,
    dead: i64,
    dropped: i64,
    is_changed: bool,
    /// Whether it is known that, in this transaction, nothing is due but what was never handed out.
    pub(super) is_quiet: bool,
}

impl<'a> Queues<'a> {
    pub(super) fn new(sql: &'a Connection) -> Self {
        Self { sql, known: BTreeMap::new() }
    }

    /// Finds a queue.
    pub(super) fn find(&mut self, name: &QueueName) -> rusqlite::Result<Option<&mut Queue>> {
        if !self.known.contains_key(name) {
            let Some(queue) = Queue::read(self.sql, name)? else { return Ok(None) };
            self.known.insert(name.clone(), queue);
        }
        Ok(self.known.get_mut(name))
    }

    /// Finds a queue, or makes it.
    pub(super) fn find_or_make(&mut self, name: &QueueName) -> rusqlite::Result<&mut Queue> {
        match self.known.entry(name.clone()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(match Queue::read(self.sql, name)? {
                Some(queue) => queue,
                None => Queue::make(self.sql, name)?,
            })),
        }
    }

    /// Finds a group.
    pub(super) fn group(
        &mut self,
        queue: &QueueName,
        group: &GroupName,
    ) -> rusqlite::Result<Option<&mut Group>> {
        Ok(self.find(queue)?.and_then(|queue| queue.groups.get_mut(group)))
    }

    /// The queue of an event, which was asked for before.
    pub(super) fn of(&mut self, event: EventNumber) -> &mut Queue {
        let mut known = self.known.values_mut();
        known.find(|queue| queue.id == event >> EVENT_BITS).expect("a group of it was asked for")
    }

    /// The names of all queues.
    pub(super) fn names(&self) -> rusqlite::Result<Vec<QueueName>> {
        let mut query = self.sql.prepare_cached("SELECT name FROM queues")?;
        let mut rows = query.query([])?;
        let mut names = Vec::new();
        while let Some(row) = rows.next()? {
            // What is no name cannot be asked for, and was not made by this crate.
            names.extend(QueueName::new(row.get_ref(0)?.as_str()?).ok());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Writes what has changed.
    pub(super) fn write(&mut self) -> rusqlite::Result<()> {
        self.known.values_mut().try_for_each(|queue| queue.write(self.sql))
    }
}

impl Queue {
    fn read(sql: &Connection, name: &QueueName) -> rusqlite::Result<Option<Self>> {
        let mut query = sql.prepare_cached("SELECT id, last, stored FROM queues WHERE name = ?1")?;
        let queue = query
            .query_row([name.as_str()], |row| {
                let (id, last, stored) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(Self { id, last, stored, groups: BTreeMap::new(), is_changed: false })
            })
            .optional()?;
        let Some(mut queue) = queue else { return Ok(None) };
        let query =
            "SELECT name, id, cursor, accepted, succeeded, dead, dropped FROM groups WHERE queue = ?1";
        let mut query = sql.prepare_cached(query)?;
        let mut rows = query.query([queue.id])?;
        while let Some(row) = rows.next()? {
            let name = GroupName::new(row.get_ref(0)?.as_str()?);
            // What is no name cannot be asked for, and was not made by this crate.
            let Ok(name) = name else { continue };
            queue.groups.insert(
                name,
                Group {
                    id: row.get(1)?,
                    cursor: row.get(2)?,
                    accepted: row.get(3)?,
                    succeeded: row.get(4)?,
                    dead: row.get(5)?,
                    dropped: row.get(6)?,
                    is_changed: false,
                    is_quiet: false,
                },
            );
        }
        Ok(Some(queue))
    }

    fn make(sql: &Connection, name: &QueueName) -> rusqlite::Result<Self> {
        let insert = "INSERT INTO queues (name, last, stored) VALUES (?1, 0, 0)";
        let id = sql.prepare_cached(insert)?.insert([name.as_str()])?;
        let last = id << EVENT_BITS;
        Ok(Self { id, last, stored: 0, groups: BTreeMap::new(), is_changed: true })
    }

    /// The number before that of the first event.
    pub(super) fn start(&self) -> EventNumber {
        self.id << EVENT_BITS
    }

    pub(super) fn groups(&self) -> impl ExactSizeIterator<Item = &Group> {
        self.groups.values()
    }

    pub(super) fn group(&mut self, name: &GroupName) -> Option<&mut Group> {
        self.groups.get_mut(name)
    }

    /// Adds a group that starts behind that event; nothing else was accepted for it yet than what comes after that.
    pub(super) fn add_group(
        &mut self,
        sql: &Connection,
        name: &GroupName,
        cursor: EventNumber,
    ) -> rusqlite::Result<&mut Group> {
        let insert = "INSERT INTO groups (queue, name, cursor, accepted, succeeded, dead, dropped)
             VALUES (?1, ?2, ?3, 0, 0, 0, 0)";
        let id = sql.prepare_cached(insert)?.insert(params![self.id, name.as_str(), cursor])?;
        let (accepted, succeeded, dead, dropped) = (self.last - cursor, 0, 0, 0);
        let group =
            Group { id, cursor, accepted, succeeded, dead, dropped, is_changed: true, is_quiet: false };
        Ok(self.groups.entry(name.clone()).or_insert(group))
    }

    /// The names of its groups.
    pub(super) fn group_names(&self) -> Vec<GroupName> {
        self.groups.keys().cloned().collect()
    }

    /// Takes a group out; what is in the file of it is for the caller to delete.
    pub(super) fn remove_group(&mut self, name: &GroupName) -> Option<Group> {
        self.groups.remove(name)
    }

    /// The number before that of the first event that there is, while there are no groups: all of them are neighbours then.
    pub(super) fn before_stored(&self) -> EventNumber {
        self.last - self.stored
    }

    /// How many events there are.
    pub(super) fn stored(&self) -> usize {
        usize::try_from(self.stored).unwrap_or(0)
    }

    /// So many events were published.
    pub(super) fn has_got(&mut self, events: i64) {
        self.last += events;
        self.stored += events;
        self.is_changed = true;
        for group in self.groups.values_mut() {
            group.accept(events);
        }
    }

    /// So many events are gone.
    pub(super) fn has_lost(&mut self, events: usize) {
        self.stored -= i64::try_from(events).unwrap_or(i64::MAX);
        self.is_changed = true;
    }

    fn write(&mut self, sql: &Connection) -> rusqlite::Result<()> {
        if self.is_changed {
            let update = "UPDATE queues SET last = ?2, stored = ?3 WHERE id = ?1";
            sql.prepare_cached(update)?.execute(params![self.id, self.last, self.stored])?;
            self.is_changed = false;
        }
        self.groups.values_mut().try_for_each(|group| group.write(sql))
    }
}

impl Group {
    /// More events than before are for the group.
    pub(super) fn accept(&mut self, events: i64) {
        self.accepted += events;
        self.is_changed = true;
    }

    /// Everything up to that event was handed out, or is held back.
    pub(super) fn come_to(&mut self, event: EventNumber) {
        self.cursor = event;
        self.is_changed = true;
    }

    /// An event that had nothing but one delivery has come to its end.
    pub(super) fn succeed(&mut self) {
        self.succeeded += 1;
        self.is_changed = true;
    }

    /// Counts an event where it belongs now, instead of where it belonged.
    pub(super) fn recount(&mut self, before: Record, now: Record) {
        if let Some(count) = self.count_of(before) {
            *count -= 1;
        }
        if let Some(count) = self.count_of(now) {
            *count += 1;
        }
        self.is_changed = true;
    }

    /// Where an event is counted; what is counted nowhere is pending.
    fn count_of(&mut self, record: Record) -> Option<&mut i64> {
        match record {
            Record { items: 1.., .. } => None,
            Record { letters: 1.., .. } => Some(&mut self.dead),
            Record { dropped: true, .. } => Some(&mut self.dropped),
            Record { .. } => Some(&mut self.succeeded),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let of = |count| u64::try_from(count).unwrap_or(0);
        let mut counts = Counts::default();
        (counts.accepted, counts.succeeded) = (of(self.accepted), of(self.succeeded));
        (counts.dead, counts.dropped) = (of(self.dead), of(self.dropped));
        counts.pending = of(self.accepted - self.succeeded - self.dead - self.dropped);
        counts
    }

    fn write(&mut self, sql: &Connection) -> rusqlite::Result<()> {
        if !self.is_changed {
            return Ok(());
        }
        self.is_changed = false;
        let update = "UPDATE groups SET cursor = ?2, accepted = ?3, succeeded = ?4, dead = ?5, dropped = ?6
             WHERE id = ?1";
        let counts = [self.accepted, self.succeeded, self.dead, self.dropped];
        let [accepted, succeeded, dead, dropped] = counts;
        let values = params![self.id, self.cursor, accepted, succeeded, dead, dropped];
        sql.prepare_cached(update)?.execute(values).map(drop)
    }
}
