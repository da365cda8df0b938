//! The thread that publishes: it belongs to a backend, so that no runtime of the program holds it up or cuts it off.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;

use crate::broker::Broker;
use crate::error::{BrokerError, PublishError};
use crate::message::Message;
use crate::name::QueueName;

use super::outbox::{Item, Outbox};

/// How long the thread looks for the next events itself, where the last ones came as soon: to be woken takes as long.
const AWAKE: Duration = Duration::from_micros(50);

/// Starts the thread; it ends when the outbox was abandoned and is empty.
pub(super) fn start<B: Broker>(outbox: Arc<Outbox>, broker: B) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let publish = move || runtime.block_on(publish_all(&outbox, broker));
    thread::Builder::new().name("pyventus-publish".into()).spawn(publish)?;
    Ok(())
}

/// While one batch is on its way, further events pile up and become the next one.
async fn publish_all<B: Broker>(outbox: &Outbox, broker: B) {
    let mut soon = false;
    loop {
        let since = Instant::now();
        let batch = match soon.then(|| stay_awake(outbox, since)).flatten() {
            Some(batch) => batch,
            None => match outbox.take().await {
                Some(batch) => batch,
                None => return,
            },
        };
        // Who was asleep needs some of the time to be woken.
        soon = since.elapsed() < 2 * AWAKE;
        publish(outbox, &broker, batch).await;
    }
}

/// Looks for events for a moment, and lets other threads go first.
fn stay_awake(outbox: &Outbox, since: Instant) -> Option<Vec<Item>> {
    while since.elapsed() < AWAKE {
        let batch = outbox.take_at_once();
        if batch.is_some() {
            return batch;
        }
        thread::yield_now();
    }
    None
}

/// Publishes events of one queue. Where the broker refuses all of them because of some, those are found; they end in order
/// all the same.
async fn publish<B: Broker>(outbox: &Outbox, broker: &B, batch: Vec<Item>) {
    let mut left = vec![batch];
    while let Some(mut batch) = left.pop() {
        let Some(first) = batch.first() else { continue };
        let queue = first.queue.clone();
        let messages = batch.iter().map(|item| item.message.clone()).collect();
        match publish_contained(broker.clone(), queue, messages).await {
            Err(error) if batch.len() > 1 && stored_none(&error) => {
                let rest = batch.split_off(batch.len() / 2);
                left.extend([rest, batch]);
            }
            result => outbox.end(batch, &result),
        }
    }
}

/// Whether the broker says that no message was stored, and fewer of them might be.
fn stored_none(error: &PublishError) -> bool {
    !matches!(error, PublishError::Broker(_))
}

/// A panic of a broker is a failure like others.
async fn publish_contained<B: Broker>(
    broker: B,
    queue: QueueName,
    messages: Vec<Message>,
) -> Result<(), PublishError> {
    let published = tokio::spawn(async move { broker.publish(&queue, messages).await }).await;
    published.unwrap_or_else(|panicked| Err(BrokerError::new("publish", panicked).into()))
}
