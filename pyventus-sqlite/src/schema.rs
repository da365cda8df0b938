//! What is in the file.

/// Marks the file as one of this crate: `pyvq`.
pub(crate) const APPLICATION: i64 = 0x7079_7671;

/// The layout that is written here. A file says in its `user_version` which one it has.
pub(crate) const LAYOUT: i64 = 1;

/// How many bits of the number of an event count the events of its queue; those before them are the queue.
///
/// The events of a queue are thereby neighbours in the one tree that holds all events.
pub(crate) const EVENT_BITS: u32 = 43;

/// Makes the tables.
///
/// - An event is there until every group is through with it, its dead letters included. Each group has a `cursor`: the
///   events after it were never handed out to the group, and cost it nothing.
/// - A range holds events that were handed out together for the first time, under one lease: `held` has a bit for each
///   number from `first` on. What comes to its end at once, as nearly everything does, never has a row of its own.
/// - Every other delivery is an item: what is held back, is to be handed out again, or was taken over.
/// - What an event has left in a group is a record, once it had a dead letter there. Without one, it has one delivery.
pub(crate) const TABLES: &str = "
CREATE TABLE queues (
    id INTEGER PRIMARY KEY CHECK (id < 1048576),
    name TEXT NOT NULL UNIQUE,
    last INTEGER NOT NULL,
    stored INTEGER NOT NULL
) STRICT;
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    not_before INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    name TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    UNIQUE (queue, name)
) STRICT;
CREATE TABLE ranges (
    grp INTEGER NOT NULL,
    first INTEGER NOT NULL,
    until INTEGER NOT NULL,
    held BLOB NOT NULL,
    PRIMARY KEY (grp, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX ranges_by_end ON ranges (grp, until);
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    grp INTEGER NOT NULL,
    event INTEGER NOT NULL,
    due INTEGER NOT NULL,
    leased INTEGER NOT NULL,
    lease INTEGER NOT NULL,
    deaths INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    progress BLOB
) STRICT;
CREATE INDEX items_by_due ON items (grp, due);
CREATE INDEX items_by_event ON items (event);
CREATE TABLE records (
    event INTEGER NOT NULL,
    grp INTEGER NOT NULL,
    items INTEGER NOT NULL,
    letters INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    PRIMARY KEY (event, grp)
) STRICT, WITHOUT ROWID;
CREATE TABLE letters (
    id BLOB PRIMARY KEY,
    grp INTEGER NOT NULL,
    event INTEGER NOT NULL,
    at INTEGER NOT NULL,
    letter TEXT NOT NULL
) STRICT;
CREATE INDEX letters_by_group ON letters (grp, id);
";
