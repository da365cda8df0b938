//! How a broker is set up.

use std::time::Duration;

/// What events survive once they were accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Survives {
    /// The loss of power, too: each answer waits until the disk has the event, which is most of what it costs.
    #[default]
    PowerLoss,
    /// The end of every program, at any moment. What was accepted in the last seconds before the machine itself fails may
    /// be lost; the file is whole all the same.
    ProgramCrash,
}

/// How a [`SqliteBroker`](crate::SqliteBroker) is set up. Each process has options of its own for the same file.
///
/// # Examples
///
/// ```
/// use pyventus_sqlite::{SqliteOptions, Survives};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("events.db");
/// let options = SqliteOptions::new().capacity(1_000_000).survives(Survives::ProgramCrash);
/// let broker = options.open(path).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    pub(crate) survives: Survives,
    pub(crate) capacity: Option<usize>,
    pub(crate) max_payload: usize,
    pub(crate) max_file_size: Option<u64>,
    pub(crate) patience: Duration,
    pub(crate) look_every: Duration,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl SqliteOptions {
    /// The most bytes a message may have at all: a row of `SQLite` has at most a billion.
    pub const LARGEST_PAYLOAD: usize = 512 << 20;

    /// Events survive the loss of power, queues hold as many as the disk does, and a message has at most 16 MiB.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            survives: Survives::PowerLoss,
            capacity: None,
            max_payload: 16 << 20,
            max_file_size: None,
            patience: Duration::from_secs(30),
            look_every: Duration::from_millis(20),
        }
    }

    /// Sets what events survive once they were accepted.
    #[must_use]
    pub const fn survives(mut self, survives: Survives) -> Self {
        self.survives = survives;
        self
    }

    /// Refuses what would make a queue hold more events than that. An event takes up space until every group is through
    /// with it, its dead letters included.
    #[must_use]
    pub const fn capacity(mut self, events: usize) -> Self {
        self.capacity = Some(events);
        self
    }

    /// Refuses messages with more bytes; those with more than [`LARGEST_PAYLOAD`](Self::LARGEST_PAYLOAD) are refused
    /// anyway.
    #[must_use]
    pub const fn max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = if bytes < Self::LARGEST_PAYLOAD { bytes } else { Self::LARGEST_PAYLOAD };
        self
    }

    /// Lets the file grow to about that many bytes, its journal not counted; what needs more space fails with
    /// [`FileError::Full`](crate::FileError::Full).
    #[must_use]
    pub const fn max_file_size(mut self, bytes: u64) -> Self {
        self.max_file_size = Some(bytes);
        self
    }

    /// Sets how long it is waited for other processes that have the file locked: 30 seconds, if nothing is said.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets how often the file is looked at for what other processes have published, while somebody waits for events: every
    /// 20 ms, if nothing is said. An event of the same broker is handed out without that.
    #[must_use]
    pub const fn look_every(mut self, interval: Duration) -> Self {
        self.look_every = interval;
        self
    }
}
