//! Deliveries that have a row of their own: what is held back, handed out again, or taken over.

use pyventus_queue::{Backlog, Message, MessageId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use crate::time::Moment;

use super::{EventNumber, GroupId, number};

/// What an item is in the file. No number is used twice.
pub(super) type ItemId = i64;

/// A delivery that nobody holds, as it is written.
pub(super) struct NewItem<'a> {
    pub(super) group: GroupId,
    pub(super) event: EventNumber,
    pub(super) due: Moment,
    /// Whether there is a record of the event in the group.
    pub(super) is_recorded: bool,
    pub(super) progress: Option<&'a [u8]>,
}

impl NewItem<'_> {
    pub(super) fn put(&self, sql: &Connection) -> rusqlite::Result<()> {
        let mut insert = sql.prepare_cached(
            "INSERT INTO items (grp, event, due, leased, lease, deaths, recorded, progress)
             VALUES (?1, ?2, ?3, 0, 0, 0, ?4, ?5)",
        )?;
        let Self { group, event, due, is_recorded, progress } = self;
        insert.execute(params![group, event, due, is_recorded, progress]).map(drop)
    }
}

/// Makes an item of an event whose first lease has ended, and leases that.
pub(super) fn take_over(
    sql: &Connection,
    group: GroupId,
    event: EventNumber,
    until: Moment,
) -> rusqlite::Result<ItemId> {
    let mut insert = sql.prepare_cached(
        "INSERT INTO items (grp, event, due, leased, lease, deaths, recorded) VALUES (?1, ?2, ?3, 1, 1, 1, 0)",
    )?;
    insert.insert(params![group, event, until])
}

/// An item that is held.
pub(super) struct HeldItem {
    pub(super) id: ItemId,
    pub(super) event: EventNumber,
    pub(super) is_recorded: bool,
}

/// Finds an item under its last lease.
pub(super) fn held(
    sql: &Connection,
    group: GroupId,
    id: ItemId,
    lease: u64,
) -> rusqlite::Result<Option<HeldItem>> {
    let Ok(lease) = i64::try_from(lease) else { return Ok(None) };
    let mut query = sql.prepare_cached(
        "SELECT event, recorded FROM items WHERE id = ?1 AND grp = ?2 AND lease = ?3 AND leased",
    )?;
    let held = query.query_row(params![id, group, lease], |row| {
        Ok(HeldItem { id, event: row.get(0)?, is_recorded: row.get(1)? })
    });
    held.optional()
}

impl HeldItem {
    /// Hands the item out again, not before that moment.
    pub(super) fn put_back(
        &self,
        sql: &Connection,
        due: Moment,
        is_recorded: bool,
        progress: Option<&[u8]>,
    ) -> rusqlite::Result<()> {
        let mut update = sql.prepare_cached(
            "UPDATE items SET due = ?2, leased = 0, deaths = 0, recorded = ?3, progress = ?4 WHERE id = ?1",
        )?;
        update.execute(params![self.id, due, is_recorded, progress]).map(drop)
    }

    pub(super) fn delete(&self, sql: &Connection) -> rusqlite::Result<()> {
        sql.prepare_cached("DELETE FROM items WHERE id = ?1")?.execute([self.id]).map(drop)
    }
}

/// Lets the lease of an item that is held end at another time; returns whether it was held.
pub(super) fn extend(
    sql: &Connection,
    group: GroupId,
    id: ItemId,
    lease: u64,
    until: Moment,
) -> rusqlite::Result<bool> {
    let Ok(lease) = i64::try_from(lease) else { return Ok(false) };
    let update = "UPDATE items SET due = ?4 WHERE id = ?1 AND grp = ?2 AND lease = ?3 AND leased";
    Ok(sql.prepare_cached(update)?.execute(params![id, group, lease, until])? > 0)
}

/// Hands an item that is held out again at once, as it was; returns whether it was held.
pub(super) fn release(sql: &Connection, group: GroupId, id: ItemId, lease: u64) -> rusqlite::Result<bool> {
    let Ok(lease) = i64::try_from(lease) else { return Ok(false) };
    let mut update = sql.prepare_cached(
        "UPDATE items SET due = ?4, leased = 0 WHERE id = ?1 AND grp = ?2 AND lease = ?3 AND leased",
    )?;
    Ok(update.execute(params![id, group, lease, Moment::FIRST])? > 0)
}

/// An item that is due, with its event.
pub(super) struct DueItem {
    pub(super) id: ItemId,
    /// The number of the lease that it is given out with.
    pub(super) lease: i64,
    pub(super) deaths: u32,
    pub(super) progress: Option<Vec<u8>>,
    pub(super) message: Message,
}

/// Reads items that are due, those first that were due first, until it is told to stop.
pub(super) fn due(
    sql: &Connection,
    group: GroupId,
    now: Moment,
    limit: usize,
    mut take: impl FnMut(DueItem) -> bool,
) -> rusqlite::Result<()> {
    let mut query = sql.prepare_cached(
        "SELECT events.id, not_before, body, items.id, lease, leased, deaths, progress
         FROM items JOIN events ON events.number = items.event
         WHERE grp = ?1 AND due <= ?2 ORDER BY due, items.id LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = query.query(params![group, now, limit])?;
    while let Some(row) = rows.next()? {
        let (id, lease, was_leased, deaths) =
            (row.get(3)?, row.get::<_, i64>(4)? + 1, row.get::<_, bool>(5)?, row.get::<_, u32>(6)?);
        let deaths = deaths.saturating_add(u32::from(was_leased));
        if !take(DueItem { id, lease, deaths, progress: row.get(7)?, message: message(row)? }) {
            break;
        }
    }
    Ok(())
}

/// Leases an item that was due.
pub(super) fn lease(sql: &Connection, item: &DueItem, until: Moment) -> rusqlite::Result<()> {
    let update = "UPDATE items SET due = ?2, leased = 1, lease = ?3, deaths = ?4 WHERE id = ?1";
    sql.prepare_cached(update)?.execute(params![item.id, until, item.lease, item.deaths]).map(drop)
}

/// When the next item is due, or the next lease of one ends.
pub(super) fn next_due(sql: &Connection, group: GroupId) -> rusqlite::Result<Option<Moment>> {
    let query = "SELECT min(due) FROM items WHERE grp = ?1";
    sql.prepare_cached(query)?.query_row([group], |row| row.get(0))
}

/// Where the items of a group are.
pub(super) fn backlog(sql: &Connection, group: GroupId, now: Moment) -> rusqlite::Result<Backlog> {
    let mut query = sql.prepare_cached(
        "SELECT count(*) FILTER (WHERE NOT leased AND due <= ?2), count(*) FILTER (WHERE NOT leased AND due > ?2),
             count(*) FILTER (WHERE leased)
         FROM items WHERE grp = ?1",
    )?;
    query.query_row(params![group, now], |row| {
        let count = |index| Ok::<_, rusqlite::Error>(u64::try_from(row.get::<_, i64>(index)?).unwrap_or(0));
        let mut backlog = Backlog::default();
        (backlog.waiting, backlog.delayed, backlog.leased) = (count(0)?, count(1)?, count(2)?);
        Ok(backlog)
    })
}

/// The events that a group has items of.
pub(super) fn events(sql: &Connection, group: GroupId) -> rusqlite::Result<Vec<EventNumber>> {
    let mut query = sql.prepare_cached("SELECT event FROM items WHERE grp = ?1")?;
    query.query_map([group], |row| row.get(0))?.collect()
}

/// Whether there are items of an event, in any group.
pub(super) fn are_of(sql: &Connection, event: EventNumber) -> rusqlite::Result<bool> {
    Ok(number(sql, "SELECT 1 FROM items WHERE event = ?1 LIMIT 1", [event])?.is_some())
}

/// Reads the message of a row that starts with its identity, the time until which it is held back, and its bytes.
pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let id = MessageId::from_uuid(Uuid::from_bytes(row.get(0)?));
    let message = Message::new(id, row.get::<_, Vec<u8>>(2)?);
    Ok(match row.get::<_, Option<Moment>>(1)? {
        Some(moment) => message.not_before(moment.into()),
        None => message,
    })
}
