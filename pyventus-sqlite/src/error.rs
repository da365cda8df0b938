//! How a file fails: when it is opened, and later.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::ErrorCode;

/// Why the file could not do what it was asked to: the source of a [`BrokerError`](pyventus_queue::BrokerError) of this
/// broker.
///
/// The operation did not take place, and the file is as it was before.
///
/// # Examples
///
/// ```
/// use std::error::Error as _;
/// use pyventus_queue::BrokerError;
/// use pyventus_sqlite::FileError;
///
/// fn has_no_space(error: &BrokerError) -> bool {
///     let source = error.source().and_then(|source| source.downcast_ref::<FileError>());
///     matches!(source, Some(FileError::Full { .. }))
/// }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Another process has kept the file locked for longer than this one waits.
    #[error("another process has kept the file locked for {waited:?}")]
    #[non_exhaustive]
    Locked {
        /// How long it was waited.
        waited: Duration,
    },
    /// There is no space left for the file: on the disk, or within the limit that it was given.
    #[error("there is no space left for the file")]
    #[non_exhaustive]
    Full {
        /// What `SQLite` says.
        source: Cause,
    },
    /// The file may not be written.
    #[error("the file may not be written")]
    #[non_exhaustive]
    ReadOnly {
        /// What `SQLite` says.
        source: Cause,
    },
    /// The file is damaged, or was replaced by something that is no database.
    #[error("the file is damaged")]
    #[non_exhaustive]
    Damaged {
        /// What `SQLite` says.
        source: Cause,
    },
    /// A newer version of this crate has changed the layout of the file.
    #[error("the file has the layout {found} by now, and this version knows none after {known}")]
    #[non_exhaustive]
    Newer {
        /// The layout of the file.
        found: i64,
        /// The last layout that this version knows.
        known: i64,
    },
    /// The broker was closed.
    #[error("the broker is closed")]
    Closed,
    /// The system cannot read or write the file, or `SQLite` fails in another way.
    #[error("the file can be neither read nor written")]
    #[non_exhaustive]
    Other {
        /// What `SQLite` says.
        source: Cause,
    },
}

/// What `SQLite`, or the system, says of a failure.
pub type Cause = Arc<dyn StdError + Send + Sync>;

impl FileError {
    /// Whether it does not matter what was to be done: nothing can be.
    pub(crate) fn concerns_all(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Newer { .. } | Self::Closed)
    }

    /// What a failure of `SQLite` means, to who has waited for that long for other processes.
    pub(crate) fn of(error: rusqlite::Error, waited: Duration) -> Self {
        let code = error.sqlite_error_code();
        let source: Cause = Arc::new(error);
        match code {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { waited },
            Some(ErrorCode::DiskFull) => Self::Full { source },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { source },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { source },
            _ => Self::Other { source },
        }
    }
}

/// A file was not opened. What is in it was left as it was.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is no database of `SQLite`.
    #[error("the file is no database of SQLite")]
    NotADatabase,
    /// The file is a database of another program.
    #[error("the file is a database of another program")]
    Foreign,
    /// The path names nothing that stays, such as `:memory:`, or a file in a place where processes cannot share it.
    #[error("the database cannot be shared by processes: its journal is {journal:?}")]
    #[non_exhaustive]
    NotShareable {
        /// The journal that `SQLite` has instead of one that can be shared.
        journal: String,
    },
    /// The file can be neither opened nor made.
    #[error("the file can be neither opened nor made")]
    #[non_exhaustive]
    Unreachable {
        /// What `SQLite`, or the system, says.
        source: Cause,
    },
    /// The file was opened, and fails.
    #[error(transparent)]
    File(#[from] FileError),
}

impl OpenError {
    pub(crate) fn of(error: rusqlite::Error, waited: Duration) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            Some(ErrorCode::CannotOpen) => Self::Unreachable { source: Arc::new(error) },
            _ => FileError::of(error, waited).into(),
        }
    }
}
