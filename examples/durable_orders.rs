//! Events that survive a crash: orders are kept in a SQLite file and shipped one by one; in the middle of the fourth, the
//! process dies. The next one goes on where it was, and no order is lost.
//!
//! Run it: `cargo run --example durable_orders`
//!
//! It prints:
//!
//! ```text
//! five orders are stored
//! order 1 is shipped
//! order 2 is shipped
//! order 3 is shipped
//! the process dies while order 4 is under way
//! the next process finds: accepted=5 succeeded=3 dead=0 pending=2
//! order 5 is shipped
//! order 4 is shipped
//! accepted=5 succeeded=5 dead=0 pending=0
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pyventus::queue::{Broker, Counts, GroupName, QueueBackend, QueueName, Worker};
use pyventus::sqlite::SqliteBroker;
use pyventus::{Event, EventEmitter, State, on};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Serialize, Deserialize, Event)]
struct OrderPlaced {
    id: u64,
}

/// What the program has beside its handlers.
#[derive(Clone)]
struct Shop {
    broker: SqliteBroker,
    is_doomed: bool,
}

impl Shop {
    async fn counts(&self) -> anyhow::Result<Counts> {
        Ok(self.broker.counts(&QueueName::default(), &GroupName::default()).await?)
    }

    async fn summary(&self) -> anyhow::Result<String> {
        let Counts { accepted, succeeded, dead, pending, .. } = self.counts().await?;
        Ok(format!("accepted={accepted} succeeded={succeeded} dead={dead} pending={pending}"))
    }

    /// Waits until so many orders are left.
    async fn until_left(&self, orders: u64) -> anyhow::Result<()> {
        while self.counts().await?.pending > orders {
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

#[on(OrderPlaced)]
async fn ship(order: &OrderPlaced, shop: State<Shop>) -> anyhow::Result<()> {
    if shop.is_doomed && order.id == 4 {
        shop.until_left(2).await?;
        println!("the process dies while order 4 is under way");
        std::process::abort();
    }
    println!("order {} is shipped", order.id);
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if let Some(path) = std::env::args().nth(1) {
        return live(path.as_ref(), true).await;
    }
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("orders.db");
    let died = Command::new(std::env::current_exe()?).arg(&path).status()?;
    anyhow::ensure!(!died.success(), "the first process was to die");
    live(&path, false).await
}

/// The life of a process.
async fn live(path: &Path, is_doomed: bool) -> anyhow::Result<()> {
    let shop = Shop { broker: SqliteBroker::open(path).await?, is_doomed };
    let backend = QueueBackend::new(shop.broker.clone());
    let emitter = EventEmitter::builder(backend).state(shop.clone()).build();
    if is_doomed {
        for id in 1..=5 {
            emitter.emit(OrderPlaced { id }).await?;
        }
        println!("five orders are stored");
    } else {
        println!("the next process finds: {}", shop.summary().await?);
    }
    // What a dead worker had is handed out again when its lease has ended.
    let worker = Worker::new(shop.broker.clone()).emitter(emitter).lease(Duration::from_secs(2));
    worker.concurrency(1).prefetch(0).run_until(shop.until_left(0)).await?;
    println!("{}", shop.summary().await?);
    Ok(())
}
