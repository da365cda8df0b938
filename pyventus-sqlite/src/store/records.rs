//! What an event has left in a group, once it had a dead letter there.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{EventNumber, GroupId, number};

/// What an event has left in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) items: u32,
    pub(super) letters: u32,
    pub(super) dropped: bool,
}

impl Record {
    /// What an event has left of which there is no record: its one delivery.
    pub(super) const NONE: Self = Self { items: 1, letters: 0, dropped: false };

    /// Whether the group is through with the event.
    pub(super) fn is_through(self) -> bool {
        self.items == 0 && self.letters == 0
    }

    pub(super) fn read(sql: &Connection, group: GroupId, event: EventNumber) -> rusqlite::Result<Self> {
        let query = "SELECT items, letters, dropped FROM records WHERE event = ?1 AND grp = ?2";
        let record = sql.prepare_cached(query)?.query_row([event, group], |row| {
            Ok(Self { items: row.get(0)?, letters: row.get(1)?, dropped: row.get(2)? })
        });
        Ok(record.optional()?.unwrap_or(Self::NONE))
    }

    /// Writes the record, or deletes it where the group is through.
    pub(super) fn write(self, sql: &Connection, group: GroupId, event: EventNumber) -> rusqlite::Result<()> {
        if self.is_through() {
            let delete = "DELETE FROM records WHERE event = ?1 AND grp = ?2";
            return sql.prepare_cached(delete)?.execute([event, group]).map(drop);
        }
        let mut put = sql.prepare_cached(
            "INSERT INTO records (event, grp, items, letters, dropped) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET
                 items = excluded.items, letters = excluded.letters, dropped = excluded.dropped",
        )?;
        put.execute(params![event, group, self.items, self.letters, self.dropped]).map(drop)
    }
}

/// Whether an event has dead letters, in any group.
pub(super) fn have_letters(sql: &Connection, event: EventNumber) -> rusqlite::Result<bool> {
    Ok(number(sql, "SELECT 1 FROM records WHERE event = ?1 AND letters > 0 LIMIT 1", [event])?.is_some())
}

/// The events that a group has records of.
pub(super) fn events(sql: &Connection, group: GroupId) -> rusqlite::Result<Vec<EventNumber>> {
    let mut query = sql.prepare_cached("SELECT event FROM records WHERE grp = ?1")?;
    query.query_map([group], |row| row.get(0))?.collect()
}
