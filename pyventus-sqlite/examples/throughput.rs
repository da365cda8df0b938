//! How many events per second go through a file, beside what SQLite itself takes in the same run.
//!
//! `cargo run --release -p pyventus-sqlite --example throughput [events] [bytes of each]`
//!
//! Everything is measured with what is the default: an answer waits until the disk has the event. The floor inserts the same
//! bytes into a table with nothing but a number, in transactions of as many rows.
#![expect(clippy::print_stdout, reason = "it shows what it measures")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use pyventus_queue::{
    Broker, ConsumerName, Delivery, GroupName, Message, MessageId, QueueName, Settled, Settlement,
    Subscription,
};
use pyventus_sqlite::SqliteBroker;
use rusqlite::{Connection, TransactionBehavior, params};
use tokio::task::JoinSet;

const LEASE: Duration = Duration::from_mins(1);

/// How often everything is measured; the best of each counts.
const ROUNDS: usize = 3;

#[derive(Clone, Copy)]
struct Load {
    events: usize,
    bytes: usize,
}

/// What was measured: events per second.
type Figure = f64;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse());
    let mut next = |default| arguments.next().unwrap_or(Ok(default));
    let load = Load { events: next(200_000)?, bytes: next(256)? };
    let mut best = [0.0; 10];
    for _ in 0..ROUNDS {
        let single = Load { events: load.events / 100, ..load };
        let some = Load { events: load.events / 4, ..load };
        let figures = [
            floor(single, 1)?,
            publish(single, 1, 1).await?,
            floor(some, 64)?,
            publish(some, 64, 1).await?,
            floor(load, 1_000)?,
            publish(load, 1, 1_000).await?,
            publish(load, 4, 1_000).await?,
            drain(load, 1, 1_000).await?,
            drain(some, 64, 1).await?,
            end_to_end(load).await?,
        ];
        for (best, figure) in best.iter_mut().zip(figures) {
            *best = f64::max(*best, figure);
        }
    }
    let [one, publish_one, by_64, publish_64, by_1000, publish_1000, publish_4000, rest @ ..] = best;
    println!("{} events of {} bytes, the best of {ROUNDS} rounds", load.events, load.bytes);
    line("insert, one by one", one, one);
    line("publish, one by one", publish_one, one);
    line("insert, 64 together", by_64, by_64);
    line("publish, from 64 tasks", publish_64, by_64);
    line("insert, 1000 together", by_1000, by_1000);
    line("publish, 1000 together", publish_1000, by_1000);
    line("publish, 1000 together, from 4 tasks", publish_4000, by_1000);
    let [drain_1000, drain_64, end_to_end] = rest;
    line("receive and settle, 1000 together", drain_1000, by_1000);
    line("receive and settle, one by one, in 64 tasks", drain_64, by_64);
    line("end to end, 1000 together", end_to_end, by_1000);
    Ok(())
}

fn line(what: &str, figure: Figure, floor: Figure) {
    println!("{what:<45}{figure:>12.0}/s{:>8.2} of the floor", figure / floor);
}

fn per_second(events: usize, since: Instant) -> Figure {
    #[expect(clippy::cast_precision_loss, reason = "nobody inserts so many events")]
    let events = events as f64;
    events / since.elapsed().as_secs_f64()
}

/// What SQLite takes, with the same settings.
fn floor(load: Load, together: usize) -> Result<Figure, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let mut connection = Connection::open(directory.path().join("floor.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "cache_size", -(16 << 10))?;
    connection.execute_batch(
        "CREATE TABLE events (number INTEGER PRIMARY KEY, id BLOB, not_before INTEGER, body BLOB) STRICT",
    )?;
    let (mut inserted, body) = (0, vec![7_u8; load.bytes]);
    let since = Instant::now();
    while inserted < load.events {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO events (id, not_before, body) VALUES (?1, ?2, ?3)")?;
            for _ in 0..together {
                let id = MessageId::new();
                insert.execute(params![id.as_uuid().as_bytes(), None::<i64>, body])?;
            }
        }
        transaction.commit()?;
        inserted += together;
    }
    Ok(per_second(inserted, since))
}

/// What producers publish, each so many events together.
async fn publish(load: Load, producers: usize, together: usize) -> Result<Figure, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let broker = open(directory.path()).await?;
    let since = Instant::now();
    let published = fill(&broker, load, producers, together).await?;
    Ok(per_second(published, since))
}

/// What consumers receive and settle, each so many events together.
async fn drain(load: Load, consumers: usize, together: usize) -> Result<Figure, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let broker = open(directory.path()).await?;
    let published = fill(&broker, load, 1, 1_000).await?;
    let since = Instant::now();
    settle_all(&broker, published, consumers, together).await?;
    Ok(per_second(published, since))
}

/// What goes through, while it is published, received and settled.
async fn end_to_end(load: Load) -> Result<Figure, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let broker = open(directory.path()).await?;
    let since = Instant::now();
    let (published, settled) =
        tokio::join!(fill(&broker, load, 2, 1_000), settle_all(&broker, load.events, 2, 1_000));
    settled?;
    Ok(per_second(published?, since))
}

async fn open(directory: &Path) -> Result<SqliteBroker, Box<dyn Error>> {
    let broker = SqliteBroker::open(directory.join("events.db")).await?;
    // The group is there from the beginning.
    let none = broker.receive(&subscription("first"), 1, LEASE, Duration::ZERO).await?;
    assert!(none.is_empty(), "nothing was published yet");
    Ok(broker)
}

fn queue() -> QueueName {
    QueueName::new("orders").expect("it is a name")
}

fn subscription(consumer: &str) -> Subscription {
    let group = GroupName::new("billing").expect("it is a name");
    Subscription::new(queue(), group, ConsumerName::new(consumer).expect("it is a name"))
}

async fn fill(
    broker: &SqliteBroker,
    load: Load,
    producers: usize,
    together: usize,
) -> Result<usize, Box<dyn Error>> {
    let mut tasks = JoinSet::new();
    let each = load.events / producers / together;
    for _ in 0..producers {
        let (broker, body) = (broker.clone(), pyventus_queue::Bytes::from(vec![7; load.bytes]));
        tasks.spawn(async move {
            for _ in 0..each {
                let new = |_| Message::new(MessageId::new(), body.clone());
                broker.publish(&queue(), (0..together).map(new).collect()).await?;
            }
            Ok::<_, pyventus_queue::PublishError>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(each * producers * together)
}

async fn settle_all(
    broker: &SqliteBroker,
    events: usize,
    consumers: usize,
    together: usize,
) -> Result<(), Box<dyn Error>> {
    let mut tasks = JoinSet::new();
    let left = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(events));
    for consumer in 0..consumers {
        let (broker, left) = (broker.clone(), std::sync::Arc::clone(&left));
        tasks.spawn(async move {
            let subscription = subscription(&format!("consumer-{consumer}"));
            while left.load(std::sync::atomic::Ordering::Relaxed) > 0 {
                let wait = Duration::from_millis(20);
                let deliveries = broker.receive(&subscription, together, LEASE, wait).await?;
                let done = |delivery: Delivery| Settlement::done(delivery.receipt);
                let settled = broker.settle(deliveries.into_iter().map(done).collect()).await?;
                assert!(settled.iter().all(|settled| *settled == Settled::Applied), "the lease is long");
                left.fetch_sub(settled.len(), std::sync::atomic::Ordering::Relaxed);
            }
            Ok::<_, pyventus_queue::BrokerError>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
