//! The file: how it is opened, and how a transaction of it begins and ends.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{FileError, OpenError};
use crate::options::{SqliteOptions, Survives};
use crate::schema::{APPLICATION, LAYOUT, TABLES};
use crate::turn::{NAP, Turn};

/// How many pages the journal has before they are brought into the database.
const PAGES_OF_JOURNAL: u32 = 4_000;

/// The bytes of the pages that are kept in memory.
const CACHE: i64 = 16 << 20;

/// How many different statements there are, and some more.
const STATEMENTS: usize = 64;

/// The file, by one connection.
pub(crate) struct File {
    connection: Connection,
    turn: Turn,
    patience: Duration,
    /// Changes whenever another connection has committed something.
    seen: i64,
}

impl File {
    /// Opens the file, and makes it if there is none.
    pub(crate) fn open(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let patience = options.patience;
        let failed = |error| OpenError::of(error, patience);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        wait_for_others(&mut connection, patience).map_err(failed)?;
        let since = Instant::now();
        // Where two processes make the file at once, one of them may be told to come again without having waited.
        while let Err(error) = set_up(&connection, options) {
            let again = matches!(&error, SetUpError::Sqlite(error) if is_busy(error));
            match error {
                _ if again && since.elapsed() < patience => thread::sleep(NAP),
                SetUpError::Sqlite(error) => return Err(failed(error)),
                SetUpError::Refused(error) => return Err(error),
            }
        }
        let mut file = Self { connection, turn: Turn::of(path), patience, seen: 0 };
        file.is_changed()?;
        Ok(file)
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Begins a transaction, and returns whether somebody else has changed the file since the last one.
    pub(crate) fn begin(&mut self, writes: bool) -> Result<bool, FileError> {
        let begun = if writes { self.turn.taken(|| self.run("BEGIN IMMEDIATE")) } else { self.run("BEGIN") };
        begun.map_err(|error| self.failed(error))?;
        self.is_changed().inspect_err(|_| self.roll_back())
    }

    /// Commits a transaction; if that fails, nothing of it took place.
    pub(crate) fn commit(&self) -> Result<(), FileError> {
        self.run("COMMIT").map_err(|error| self.failed(error)).inspect_err(|_| self.roll_back())
    }

    /// Undoes a transaction, unless `SQLite` has done so itself.
    pub(crate) fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            // What cannot be rolled back is not committed either, and the next transaction says why it cannot begin.
            drop(self.run("ROLLBACK"));
        }
    }

    /// Returns whether somebody else has changed the file since the last time.
    pub(crate) fn is_changed(&mut self) -> Result<bool, FileError> {
        let ask = |pragma| {
            let mut statement = self.connection.prepare_cached(pragma)?;
            statement.query_row([], |row| row.get::<_, i64>(0))
        };
        let now = ask("PRAGMA data_version").map_err(|error| self.failed(error))?;
        let is_changed = now != self.seen;
        if is_changed {
            let found = ask("PRAGMA user_version").map_err(|error| self.failed(error))?;
            if found > LAYOUT {
                return Err(FileError::Newer { found, known: LAYOUT });
            }
            self.seen = now;
        }
        Ok(is_changed)
    }

    pub(crate) fn failed(&self, error: rusqlite::Error) -> FileError {
        FileError::of(error, self.patience)
    }

    fn run(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(drop)
    }
}

/// Lets statements wait for other processes; `SQLite` by itself would sleep for too long in between.
fn wait_for_others(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    let mut since = Instant::now();
    connection.busy_handler(Some(move |times| {
        if times == 0 {
            since = Instant::now();
        }
        thread::sleep(NAP);
        since.elapsed() < patience
    }))
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

enum SetUpError {
    Refused(OpenError),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for SetUpError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn set_up(connection: &Connection, options: &SqliteOptions) -> Result<(), SetUpError> {
    // Nothing is written to a file before it is known whose it is.
    let is_new = examine(connection)?;
    let journal: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if journal != "wal" {
        return Err(SetUpError::Refused(OpenError::NotShareable { journal }));
    }
    let synchronous = match options.survives {
        Survives::PowerLoss => "FULL",
        Survives::ProgramCrash => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    // Where there is a difference, what the disk has in its own memory is not on the disk.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "cache_size", -(CACHE / 1024))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "wal_autocheckpoint", PAGES_OF_JOURNAL)?;
    let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    connection.pragma_update(None, "journal_size_limit", 4 * page * i64::from(PAGES_OF_JOURNAL))?;
    if let Some(bytes) = options.max_file_size {
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page;
        connection.pragma_update(None, "max_page_count", pages.max(1))?;
    }
    if is_new { make_tables(connection) } else { Ok(()) }
}

/// Returns whether the file is empty; refuses what is not a file of this crate.
fn examine(connection: &Connection) -> Result<bool, SetUpError> {
    let ask = |pragma| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let tables = ask("SELECT count(*) FROM sqlite_schema")?;
    let (application, found) = (ask("PRAGMA application_id")?, ask("PRAGMA user_version")?);
    if tables == 0 && application == 0 && found == 0 {
        return Ok(true);
    }
    if application != APPLICATION {
        return Err(SetUpError::Refused(OpenError::Foreign));
    }
    if found > LAYOUT {
        return Err(SetUpError::Refused(FileError::Newer { found, known: LAYOUT }.into()));
    }
    Ok(false)
}

fn make_tables(connection: &Connection) -> Result<(), SetUpError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let made = examine(connection).and_then(|is_new| {
        if is_new {
            connection.execute_batch(TABLES)?;
            connection.pragma_update(None, "application_id", APPLICATION)?;
            connection.pragma_update(None, "user_version", LAYOUT)?;
        }
        connection.execute_batch("COMMIT")?;
        Ok(())
    });
    if made.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    made
}

/// What the system says when no thread can be started.
pub(crate) fn unreachable(error: std::io::Error) -> OpenError {
    OpenError::Unreachable { source: Arc::new(error) }
}
