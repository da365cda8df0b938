//! The handlers of the workers, and what becomes of each event by its number.

use std::future::pending;
use std::ops::Range;

use pyventus::queue::{Broker, DeadLetter, Payload, QueueBackend, QueueName, Seal};
use pyventus::{Context, Event, EventEmitter, Permanent, State, anyhow, on};
use serde::{Deserialize, Serialize};

use crate::ledger::{Line, Writer};

/// How many events a worker handles at a time.
pub(crate) const CONCURRENCY: usize = 16;

/// The event that kills whoever handles it.
pub(crate) const DEADLY: u64 = 1 << 40;

/// The event whose handler does not end.
pub(crate) const ENDLESS: u64 = 1 << 41;

#[derive(Serialize, Deserialize, Event)]
#[event(name = "order.placed")]
struct OrderPlaced {
    number: u64,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    /// One handler succeeds with its third attempt.
    Again,
    /// One handler is given up.
    Dead,
}

/// 5 of 100 events fail, half of them for good.
pub(crate) fn fate(number: u64) -> Fate {
    match number % 40 {
        7 => Fate::Dead,
        23 => Fate::Again,
        _ => Fate::Done,
    }
}

/// How often a handler runs for an event, if nobody dies.
pub(crate) fn attempts(handler: &str, number: u64) -> u32 {
    if handler == "note" && fate(number) == Fate::Again { 3 } else { 1 }
}

#[on(OrderPlaced, retry(attempts = 3, first = "20ms"), timeout = "30m")]
async fn note(order: &OrderPlaced, context: Context, ledger: State<Writer>) -> anyhow::Result<()> {
    let (number, attempt) = (order.number, context.attempt());
    ledger.write(&Line::Ran { handler: "note".to_owned(), number, attempt });
    match (number, fate(number)) {
        (DEADLY, _) => std::process::abort(),
        (ENDLESS, _) => pending().await,
        (_, Fate::Dead) => Err(Permanent::new(anyhow::anyhow!("there is no such order")).into()),
        (_, Fate::Again) if attempt < 3 => Err(anyhow::anyhow!("not yet")),
        _ => Ok(()),
    }
}

#[on(OrderPlaced)]
async fn count(order: &OrderPlaced, context: Context, ledger: State<Writer>) {
    // As others do that talk to somebody.
    tokio::time::sleep(std::time::Duration::from_millis(order.number % 3)).await;
    ledger.write(&Line::Ran {
        handler: "count".to_owned(),
        number: order.number,
        attempt: context.attempt(),
    });
}

/// Emits events, all of which have to be accepted.
pub(crate) async fn emit(broker: &impl Broker, numbers: Range<u64>) {
    let emitter = EventEmitter::new(QueueBackend::new(broker.clone()));
    let handles: Vec<_> = numbers.map(|number| emitter.emit(OrderPlaced { number })).collect();
    for handle in handles {
        handle.await.unwrap();
    }
}

/// The number of an event that was given up.
pub(crate) fn number(dead: &DeadLetter) -> u64 {
    let envelope = Seal::default().open(dead.message.body(), &QueueName::default()).unwrap();
    let Payload::Event(data) = envelope.payload() else { panic!("a text is not among them") };
    data.decode::<OrderPlaced>().unwrap().number
}
