//! The queues of a server: which there are, what they hold, and the end of a group.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyventus_queue::{Backlog, Counts, QueueInfo, QueueName};
use redis::Value;
use tokio::time::Instant;

use crate::error::StepError;
use crate::keys::Keys;
use crate::link::Link;
use crate::place::Place;
use crate::script::SCRIPTS;
use crate::wire;

/// How often a queue is added to the list of all: a server may have lost it, and the events before with it.
const EVERY: Duration = Duration::from_mins(1);

/// The queues that were added to the list of all, and when.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<HashMap<QueueName, Instant>>);

impl Remembered {
    /// Adds a queue to the list of all, unless that was just done.
    pub(crate) async fn remember(
        &self,
        link: &Link,
        keys: &Keys,
        queue: &QueueName,
    ) -> Result<(), StepError> {
        let now = Instant::now();
        let is_recent = |at: &Instant| now.duration_since(*at) < EVERY;
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).get(queue).is_some_and(is_recent) {
            return Ok(());
        }
        let mut command = redis::cmd("SADD");
        command.arg(keys.queues()).arg(queue.as_str());
        link.command("remember the queue", &command).await?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(queue.clone(), now);
        Ok(())
    }
}

/// The names of all queues that were ever used.
pub(crate) async fn names(link: &Link, keys: &Keys) -> Result<Vec<QueueName>, StepError> {
    const STEP: &str = "list queues";

    let mut command = redis::cmd("SMEMBERS");
    command.arg(keys.queues());
    let names = wire::array(link.command(STEP, &command).await?);
    let names = names.and_then(|names| names.into_iter().map(wire::queue).collect());
    names.ok_or_else(|| link.strange(STEP))
}

/// Lists the queues that have events or groups.
pub(crate) async fn list(link: &Link, keys: &Keys) -> Result<Vec<QueueInfo>, StepError> {
    let script = &SCRIPTS.queue;
    let mut queues = Vec::new();
    for name in names(link, keys).await? {
        let reply = link.script(script, &keys.of_info(&name), |_| {}).await?;
        queues.push(wire::info(reply, name).ok_or_else(|| link.strange(script.step))?);
    }
    queues.retain(QueueInfo::is_used);
    queues.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(queues)
}

/// Says where the deliveries of a group are.
pub(crate) async fn backlog(link: &Link, place: &Place) -> Result<Backlog, StepError> {
    let script = &SCRIPTS.backlog;
    let reply = link.script(script, place.keys.all(), |command| {
        command.arg(place.group.as_str());
    });
    wire::backlog(reply.await?).ok_or_else(|| link.strange(script.step))
}

/// Removes a group, and returns what had become of its events, if it was there.
pub(crate) async fn remove(link: &Link, place: &Place) -> Result<Option<Counts>, StepError> {
    let script = &SCRIPTS.remove;
    let reply = link.script(script, place.keys.all(), |command| {
        command.arg(place.group.as_str());
    });
    match reply.await? {
        Value::Nil | Value::Boolean(false) => Ok(None),
        counts => wire::counts(counts).map(Some).ok_or_else(|| link.strange(script.step)),
    }
}
