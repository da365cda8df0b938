//! The laws that every broker keeps, held by `SqliteBroker`, and those of workers over it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use pyventus_queue::conformance::Fixture;
use pyventus_sqlite::{SqliteBroker, SqliteOptions};
use tempfile::TempDir;

/// A file of its own. Each connection has a thread of its own, as another process would.
struct Embedded {
    directory: TempDir,
    options: SqliteOptions,
}

impl Embedded {
    fn new() -> Self {
        let options = SqliteOptions::new().max_payload(1 << 20);
        Self { directory: tempfile::tempdir().unwrap(), options }
    }
}

impl Fixture for Embedded {
    type Broker = SqliteBroker;

    async fn connect(&self) -> SqliteBroker {
        self.options.clone().open(self.directory.path().join("events.db")).await.unwrap()
    }
}

pyventus_queue::broker_laws!(Embedded::new);
pyventus_queue::worker_laws!(Embedded::new);
