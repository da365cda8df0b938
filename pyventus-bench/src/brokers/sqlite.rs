//! `SqliteBroker`, over transactions of SQLite with the same settings.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pyventus::queue::MessageId;
use pyventus::sqlite::SqliteBroker;
use rusqlite::{Connection, TransactionBehavior, params};
use tempfile::TempDir;

use crate::race::Race;

use super::parcel::envelope;
use super::store::Store;
use super::{Ground, TASKS, TOGETHER, handling, latency, publishing, race};

/// What is inserted.
const INSERT: &str = "INSERT INTO events (id, not_before, body) VALUES (?1, ?2, ?3)";

/// A file for each sample, of which the last one is there.
#[derive(Default)]
struct Sqlite(RefCell<Option<TempDir>>);

impl Sqlite {
    fn file(&self) -> PathBuf {
        let directory = TempDir::new().expect("there is a place for temporary files");
        let file = directory.path().join("events.db");
        *self.0.borrow_mut() = Some(directory);
        file
    }
}

impl Ground for Sqlite {
    type Broker = SqliteBroker;

    async fn open(&self) -> SqliteBroker {
        SqliteBroker::open(self.file()).await.expect("the file can be made")
    }

    fn named(&self, case: &str) -> String {
        format!("sqlite_{case}")
    }
}

pub(super) fn races(quick: bool) -> Vec<Race> {
    let rows = async |ground: &Sqlite| Rows::new(ground).await;
    let publishing = race("publishing, SQLite".into(), quick, Sqlite::default, move |lab| {
        let floor = lab.named("insert");
        let mut contenders = vec![
            publishing::one_by_one(lab, &floor, rows),
            publishing::together(lab, &floor, TASKS, rows),
            publishing::together(lab, &floor, TOGETHER, rows),
        ];
        contenders.extend(publishing::contenders(lab, "insert", ("insert", TASKS)));
        contenders
    });
    let handling = race("handling, SQLite".into(), quick, Sqlite::default, move |lab| {
        let floor = ("insert", TOGETHER);
        let mut contenders = vec![
            publishing::one_by_one(lab, &lab.named("insert"), rows),
            publishing::together(lab, &lab.named("insert"), TOGETHER, rows),
        ];
        contenders.extend(handling::contenders(lab, handling::LARGE, floor, floor));
        contenders.extend(latency::contenders(lab, quick, 250, ("insert", 1)));
        contenders
    });
    vec![publishing, handling]
}

/// A table with nothing but a number.
#[derive(Clone)]
struct Rows {
    body: Arc<[u8]>,
    connection: Arc<Mutex<Connection>>,
}

impl Rows {
    async fn new(ground: &Sqlite) -> Self {
        let connection = Connection::open(ground.file()).and_then(|connection| {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
            connection.pragma_update(None, "cache_size", -(16 << 10))?;
            connection.execute_batch(
                "CREATE TABLE events (number INTEGER PRIMARY KEY, id BLOB, not_before INTEGER, body BLOB) STRICT",
            )?;
            Ok(connection)
        });
        let connection = Arc::new(Mutex::new(connection.expect("the file can be made")));
        Self { body: envelope().await.into(), connection }
    }
}

impl Store for Rows {
    async fn add(&self, events: usize) {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let added = transaction.and_then(|transaction| {
            for _ in 0..events {
                let id = MessageId::new();
                let row = params![id.as_uuid().as_bytes(), None::<i64>, &*self.body];
                transaction.prepare_cached(INSERT)?.execute(row)?;
            }
            transaction.commit()
        });
        added.expect("the disk has space");
    }
}
