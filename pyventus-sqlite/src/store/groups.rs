//! Which events are for which group.

use std::collections::BTreeSet;

use pyventus_queue::{Backlog, Counts, GroupName, QueueInfo, QueueName};
use rusqlite::{Connection, params};

use crate::time::Moment;

use super::items::{self, NewItem};
use super::queues::Queue;
use super::ranges::Ranges;
use super::{EventNumber, Work, number};

/// The events that are for a group that is not there yet: those that are retained.
struct Retained {
    /// Everything after that event,
    after: EventNumber,
    /// and these before it, which some group has work left for.
    before: BTreeSet<EventNumber>,
}

impl Work<'_> {
    /// Makes a group, unless it is there, with everything that is retained.
    pub(super) fn join(&mut self, queue: &QueueName, group: &GroupName) -> rusqlite::Result<()> {
        let known = self.queues.find_or_make(queue)?;
        if known.group(group).is_some() {
            return Ok(());
        }
        let Retained { after, before } = retained(known, &mut self.ranges, self.sql)?;
        let joined = known.add_group(self.sql, group, after)?;
        joined.accept(i64::try_from(before.len()).unwrap_or(i64::MAX));
        for event in before {
            let mut query = self.sql.prepare_cached("SELECT not_before FROM events WHERE number = ?1")?;
            let not_before: Option<Moment> = query.query_row([event], |row| row.get(0))?;
            let due = not_before.unwrap_or(self.now);
            NewItem { group: joined.id, event, due, is_recorded: false, progress: None }.put(self.sql)?;
        }
        Ok(())
    }

    /// Returns what became of the events of a group, or what one would find that is not there.
    pub(crate) fn counts(&mut self, queue: &QueueName, group: &GroupName) -> rusqlite::Result<Counts> {
        let Some(known) = self.queues.find(queue)? else { return Ok(Counts::default()) };
        if let Some(group) = known.group(group) {
            return Ok(group.counts());
        }
        let retained = retained(known, &mut self.ranges, self.sql)?.count(known);
        let mut counts = Counts::default();
        (counts.accepted, counts.pending) = (retained, retained);
        Ok(counts)
    }

    /// Lists the queues that have events or groups.
    pub(crate) fn list_queues(&mut self) -> rusqlite::Result<Vec<QueueInfo>> {
        let mut queues = Vec::new();
        for name in self.queues.names()? {
            let Some(known) = self.queues.find(&name)? else { continue };
            let retained = retained(known, &mut self.ranges, self.sql)?.count(known);
            queues.push(QueueInfo::new(name, known.group_names(), retained));
        }
        queues.retain(QueueInfo::is_used);
        Ok(queues)
    }

    /// Returns where the deliveries are that a group has left.
    pub(crate) fn backlog(&mut self, queue: &QueueName, group: &GroupName) -> rusqlite::Result<Backlog> {
        let Some(known) = self.queues.find(queue)? else { return Ok(Backlog::default()) };
        let last = known.last;
        let Some(group) = known.group(group) else { return Ok(Backlog::default()) };
        let (id, cursor, now) = (group.id, group.cursor, self.now);
        let mut backlog = items::backlog(self.sql, id, now)?;
        backlog.leased += self.ranges.all(id)?.len() as u64;
        // What was never handed out has no row that says so: its events say until when they are held back.
        let query = "SELECT count(*) FROM events WHERE number > ?1 AND number <= ?2 AND not_before > ?3";
        let delayed = number(self.sql, query, params![cursor, last, now])?.unwrap_or(0);
        backlog.delayed += u64::try_from(delayed).unwrap_or(0);
        backlog.waiting += u64::try_from(last - cursor - delayed).unwrap_or(0);
        Ok(backlog)
    }
}

impl Retained {
    /// How many events that are, of that queue.
    fn count(&self, queue: &Queue) -> u64 {
        u64::try_from(queue.last - self.after).unwrap_or(0) + self.before.len() as u64
    }
}

fn retained(queue: &Queue, ranges: &mut Ranges<'_>, sql: &Connection) -> rusqlite::Result<Retained> {
    let after = queue.groups().map(|group| group.cursor).min().unwrap_or(queue.before_stored());
    let mut before = BTreeSet::new();
    for group in queue.groups() {
        before.extend(ranges.all(group.id)?);
        before.extend(items::events(sql, group.id)?);
    }
    before.retain(|event| *event <= after);
    Ok(Retained { after, before })
}
