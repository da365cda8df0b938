//! Which events are for which group.

use std::collections::BTreeSet;

use pyventus_queue::{Counts, GroupName, QueueName};
use rusqlite::Connection;

use crate::time::Moment;

use super::items::{self, NewItem};
use super::queues::Queue;
use super::ranges::Ranges;
use super::{EventNumber, Work};

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
        let Retained { after, before } = retained(known, &mut self.ranges, self.sql)?;
        let retained = u64::try_from(known.last - after).unwrap_or(0) + before.len() as u64;
        let mut counts = Counts::default();
        (counts.accepted, counts.pending) = (retained, retained);
        Ok(counts)
    }
}

fn retained(queue: &Queue, ranges: &mut Ranges<'_>, sql: &Connection) -> rusqlite::Result<Retained> {
    let after = queue.groups().map(|group| group.cursor).min().unwrap_or(queue.start());
    let mut before = BTreeSet::new();
    for group in queue.groups() {
        before.extend(ranges.all(group.id)?);
        before.extend(items::events(sql, group.id)?);
    }
    before.retain(|event| *event <= after);
    Ok(Retained { after, before })
}
