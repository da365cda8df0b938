//! A program that emits and handles nothing: what it emits is kept for the workers of other programs, such
//! as `cargo run --example worker`. By default both open one SQLite file; with `--redis URL`, both use
//! that server. `--new` begins with an empty file.
//!
//! Run it: `cargo run --example producer -- --new`
//!
//! It prints:
//!
//! ```text
//! order 1 is stored
//! order 2 is stored
//! order 3 is stored
//! accepted=3 succeeded=0 dead=0 pending=3
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

#[path = "worker/orders.rs"]
mod orders;

use pyventus::EventEmitter;
use pyventus::queue::{Broker, GroupName, QueueBackend, QueueName};
use pyventus::redis::RedisBroker;
use pyventus::sqlite::SqliteBroker;

use orders::{OrderPlaced, Place, is_given};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Place::from_arguments() {
        Place::Redis(url) => produce(RedisBroker::connect(url).await?).await,
        Place::File(path) => {
            if is_given("--new") {
                // The file, and what SQLite may have left beside it.
                for suffix in ["", "-wal", "-shm"] {
                    drop(std::fs::remove_file(format!("{}{suffix}", path.display())));
                }
            }
            produce(SqliteBroker::open(path).await?).await
        }
    }
}

async fn produce(broker: impl Broker) -> anyhow::Result<()> {
    let emitter = EventEmitter::new(QueueBackend::new(broker.clone()).queue("orders")?);
    for id in 1..=3 {
        // Whatever happens to this program from here on, the order is not lost.
        emitter.emit(OrderPlaced { id }).await?;
        println!("order {id} is stored");
    }
    let counts = broker.counts(&QueueName::new("orders")?, &GroupName::new("billing")?).await?;
    let (accepted, succeeded) = (counts.accepted, counts.succeeded);
    println!("accepted={accepted} succeeded={succeeded} dead={} pending={}", counts.dead, counts.pending);
    Ok(())
}
