//! What is done with the file in one transaction.

mod queues;
mod publish;
mod take;
mod settle;
mod letters;
mod groups;
mod removal;
mod ranges;
mod items;
mod records;

use pyventus_queue::{GroupName, QueueName};
use rusqlite::{Connection, OptionalExtension as _, Params, params};

use crate::time::Moment;

use queues::{Queue, Queues};
use ranges::Ranges;

pub(crate) use take::Taken;

/// The number of an event: its queue, and its number in that.
type EventNumber = i64;

/// What a group is in the file.
type GroupId = i64;

/// Where somebody who waits may find something now: in all groups of a queue, or in one.
pub(crate) type Stirred = (QueueName, Option<GroupName>);

/// One transaction: what it has read, and what it has not written yet.
///
/// The counters of queues and groups, and the ranges, are changed here and written once, at the end.
pub(crate) struct Work<'a> {
    sql: &'a Connection,
    now: Moment,
    capacity: Option<usize>,
    queues: Queues<'a>,
    ranges: Ranges<'a>,
    /// The events that a group is through with.
    through: Vec<EventNumber>,
    stirred: Vec<Stirred>,
}

impl<'a> Work<'a> {
    /// Starts the work of a transaction that has begun.
    pub(crate) fn new(sql: &'a Connection, capacity: Option<usize>) -> Self {
        let (queues, ranges) = (Queues::new(sql), Ranges::new(sql));
        Self { sql, now: Moment::now(), capacity, queues, ranges, through: Vec::new(), stirred: Vec::new() }
    }

    /// Writes what was not written yet; then the transaction can be committed.
    pub(crate) fn write(&mut self) -> rusqlite::Result<()> {
        self.ranges.write()?;
        self.forget()?;
        self.queues.write()
    }

    /// Returns where somebody may find something now.
    pub(crate) fn take_stirred(&mut self) -> Vec<Stirred> {
        std::mem::take(&mut self.stirred)
    }

    fn stir(&mut self, queue: &QueueName, group: Option<&GroupName>) {
        let is_known = |(other, of): &Stirred| other == queue && of.as_ref() == group;
        if !self.stirred.last().is_some_and(is_known) {
            self.stirred.push((queue.clone(), group.cloned()));
        }
    }

    /// Forgets the events that groups are through with, where no other group needs them.
    fn forget(&mut self) -> rusqlite::Result<()> {
        let mut through = std::mem::take(&mut self.through);
        if through.is_empty() {
            return Ok(());
        }
        through.sort_unstable();
        let mut delete = self.sql.prepare_cached("DELETE FROM events WHERE number BETWEEN ?1 AND ?2")?;
        let mut left = through.into_iter().peekable();
        while let Some(first) = left.next() {
            let queue = self.queues.of(first);
            // Where there is one group, that is the one which is through with them.
            let is_shared = queue.groups().len() > 1;
            if is_shared && is_needed(queue, first, &mut self.ranges, self.sql)? {
                continue;
            }
            // Neighbours go together.
            let mut last = first;
            while let Some(next) = left.next_if(|next| *next <= last + 1) {
                if is_shared && is_needed(queue, next, &mut self.ranges, self.sql)? {
                    break;
                }
                last = next;
            }
            queue.has_lost(delete.execute(params![first, last])?);
        }
        Ok(())
    }
}

/// Whether some group is not through with an event.
fn is_needed(
    queue: &Queue,
    event: EventNumber,
    ranges: &mut Ranges<'_>,
    sql: &Connection,
) -> rusqlite::Result<bool> {
    for group in queue.groups() {
        if group.cursor < event || ranges.holds(group.id, event)? {
            return Ok(true);
        }
    }
    Ok(items::are_of(sql, event)? || records::have_letters(sql, event)?)
}

/// Reads one number, if there is a row with one.
fn number(sql: &Connection, query: &str, parameters: impl Params) -> rusqlite::Result<Option<i64>> {
    let number = sql.prepare_cached(query)?.query_row(parameters, |row| row.get(0)).optional()?;
    Ok(number.flatten())
}
