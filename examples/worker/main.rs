//! A program that handles what others have emitted, such as `cargo run --example producer`: with retries,
//! a deadline and dead letters. By default both open one SQLite file; with `--redis URL`, both use that
//! server. Start as many as you like, kill some, and nothing is lost. It ends with Ctrl-C, or with
//! `--until-done` when nothing is left to do.
//!
//! First: `cargo run --example producer -- --new`
//!
//! Run it: `cargo run --example worker -- --until-done`
//!
//! It prints:
//!
//! ```text
//! order 1 is charged
//! order 1: the receipt is sent
//! order 2: the receipt is sent
//! order 3 is charged
//! order 3: the mail server is busy, in attempt 1
//! order 3: the receipt is sent, in attempt 2
//! dead: worker::charge, in attempt 1: the card of order 2 was declined
//! accepted=3 succeeded=2 dead=1 pending=0
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

mod orders;

use std::time::Duration;

use pyventus::queue::{Broker, GroupName, Page, QueueName, Worker};
use pyventus::redis::RedisBroker;
use pyventus::sqlite::SqliteBroker;
use pyventus::{Context, Permanent, anyhow, on};

use orders::{OrderPlaced, Place, is_given};

#[on(OrderPlaced, timeout = "10s")]
async fn charge(order: &OrderPlaced) -> Result<(), Permanent> {
    if order.id == 2 {
        return Err(Permanent::new(anyhow::anyhow!("the card of order {} was declined", order.id)));
    }
    println!("order {} is charged", order.id);
    Ok(())
}

#[on(OrderPlaced, retry(attempts = 5, first = "100ms"))]
async fn send_receipt(order: &OrderPlaced, context: Context) -> anyhow::Result<()> {
    let attempt = context.attempt();
    if order.id == 3 && attempt == 1 {
        println!("order {}: the mail server is busy, in attempt 1", order.id);
        anyhow::bail!("the mail server is busy");
    }
    let which = if attempt > 1 { format!(", in attempt {attempt}") } else { String::new() };
    println!("order {}: the receipt is sent{which}", order.id);
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Place::from_arguments() {
        Place::Redis(url) => work(RedisBroker::connect(url).await?).await,
        Place::File(path) => work(SqliteBroker::open(path).await?).await,
    }
}

async fn work(broker: impl Broker) -> anyhow::Result<()> {
    let (queue, group) = (QueueName::new("orders")?, GroupName::new("billing")?);
    // One event at a time, so that the lines above stand in order.
    let worker = Worker::new(broker.clone()).queue(&queue).group(&group).concurrency(1).prefetch(0);
    if is_given("--until-done") {
        let done = async {
            while !broker.counts(&queue, &group).await.is_ok_and(|counts| counts.pending == 0) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        worker.run_until(done).await?;
    } else {
        worker.run().await?;
    }
    for dead in broker.letters(&queue, &group, Page::first(10)).await? {
        let (letter, error) = (&dead.letter, dead.letter.history.last().map(|attempt| &attempt.error));
        let (handler, error) =
            (letter.handler.as_deref().unwrap_or("the event"), error.map_or("", |error| error));
        println!("dead: {handler}, in attempt {}: {error}", letter.attempts);
    }
    let counts = broker.counts(&queue, &group).await?;
    let (accepted, succeeded) = (counts.accepted, counts.succeeded);
    println!("accepted={accepted} succeeded={succeeded} dead={} pending={}", counts.dead, counts.pending);
    Ok(())
}
