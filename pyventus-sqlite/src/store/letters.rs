//! Dead letters.

use pyventus_queue::{DeadLetter, GroupName, Letter, LetterId, Page, QueueName};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, params};
use uuid::Uuid;

use crate::time::Moment;

use super::items::{self, NewItem};
use super::{EventNumber, GroupId, Work};

/// What a letter is read from, by [`read`].
macro_rules! letters {
    ($condition:literal) => {
        concat!(
            "SELECT events.id, not_before, body, letters.id, at, letter
             FROM letters JOIN events ON events.number = letters.event ",
            $condition
        )
    };
}

/// A letter that goes: which group gave up which event.
struct Gone {
    queue: QueueName,
    group: GroupName,
    id: GroupId,
    event: EventNumber,
    letter: Letter,
}

impl Work<'_> {
    /// Stores a letter.
    pub(super) fn bury(&self, group: GroupId, event: EventNumber, letter: &Letter) -> rusqlite::Result<()> {
        let text = serde_json::to_string(letter)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let insert = "INSERT INTO letters (id, grp, event, at, letter) VALUES (?1, ?2, ?3, ?4, ?5)";
        let id = LetterId::new();
        let values = params![id.as_uuid().as_bytes(), group, event, self.now, text];
        self.sql.prepare_cached(insert)?.execute(values).map(drop)
    }

    pub(crate) fn letters(
        &mut self,
        queue: &QueueName,
        group: &GroupName,
        page: Page,
    ) -> rusqlite::Result<Vec<DeadLetter>> {
        let Some(id) = self.queues.group(queue, group)?.map(|group| group.id) else {
            return Ok(Vec::new());
        };
        let query = letters!("WHERE grp = ?1 AND letters.id > ?2 ORDER BY letters.id LIMIT ?3");
        let mut query = self.sql.prepare_cached(query)?;
        // Nothing stands before all bytes.
        let after = page.after.as_ref().map_or(&[][..], |id| id.as_uuid().as_bytes());
        let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
        let mut rows = query.query(params![id, after, limit])?;
        let mut letters = Vec::new();
        while let Some(row) = rows.next()? {
            letters.push(read(row, queue.clone(), group.clone())?);
        }
        Ok(letters)
    }

    pub(crate) fn letter(&mut self, id: LetterId) -> rusqlite::Result<Option<DeadLetter>> {
        let Some((queue, group)) = self.place(id)? else { return Ok(None) };
        let mut query = self.sql.prepare_cached(letters!("WHERE letters.id = ?1"))?;
        query.query_row([id.as_uuid().as_bytes()], |row| read(row, queue, group)).optional()
    }

    /// Hands the event of a letter out again, and returns whether there was the letter.
    pub(crate) fn replay(&mut self, id: LetterId) -> rusqlite::Result<bool> {
        let Some(gone) = self.take_letter(id)? else { return Ok(false) };
        let Gone { queue, group, id, event, letter } = gone;
        let (due, progress) = (self.now, letter.resume.as_deref());
        NewItem { group: id, event, due, is_recorded: true, progress }.put(self.sql)?;
        self.change(&queue, &group, event, |record| {
            record.letters -= 1;
            record.items += 1;
        })?;
        self.is_due(&queue, &group)?;
        Ok(true)
    }

    /// Drops a letter, and returns whether it was there.
    pub(crate) fn drop_letter(&mut self, id: LetterId) -> rusqlite::Result<bool> {
        let Some(Gone { queue, group, event, .. }) = self.take_letter(id)? else { return Ok(false) };
        self.change(&queue, &group, event, |record| {
            record.letters -= 1;
            record.dropped = true;
        })?;
        Ok(true)
    }

    /// Takes a letter out of the file.
    fn take_letter(&mut self, id: LetterId) -> rusqlite::Result<Option<Gone>> {
        let Some((queue, group)) = self.place(id)? else { return Ok(None) };
        let delete = "DELETE FROM letters WHERE id = ?1 RETURNING grp, event, letter";
        let mut delete = self.sql.prepare_cached(delete)?;
        let gone = delete.query_row([id.as_uuid().as_bytes()], |row| {
            Ok(Gone { queue, group, id: row.get(0)?, event: row.get(1)?, letter: letter(row, 2)? })
        });
        gone.optional()
    }

    /// The queue and the group of a letter.
    fn place(&self, id: LetterId) -> rusqlite::Result<Option<(QueueName, GroupName)>> {
        let mut query = self.sql.prepare_cached(
            "SELECT queues.name, groups.name
             FROM letters JOIN groups ON groups.id = letters.grp JOIN queues ON queues.id = groups.queue
             WHERE letters.id = ?1",
        )?;
        let names = query.query_row([id.as_uuid().as_bytes()], |row| {
            let name = |index| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
            let queue = QueueName::new(name(0)?).map_err(|error| malformed(0, error))?;
            let group = GroupName::new(name(1)?).map_err(|error| malformed(1, error))?;
            Ok((queue, group))
        });
        names.optional()
    }
}

fn read(row: &Row<'_>, queue: QueueName, group: GroupName) -> rusqlite::Result<DeadLetter> {
    let id = LetterId::from_uuid(Uuid::from_bytes(row.get(3)?));
    let at = row.get::<_, Moment>(4)?.into();
    Ok(DeadLetter::new(id, queue, group, items::message(row)?, at, letter(row, 5)?))
}

fn letter(row: &Row<'_>, index: usize) -> rusqlite::Result<Letter> {
    serde_json::from_str(row.get_ref(index)?.as_str()?).map_err(|error| malformed(index, error))
}

fn malformed(index: usize, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, error.into())
}
