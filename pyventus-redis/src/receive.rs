//! How events are handed out, and how somebody waits for them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use pyventus_queue::{Delivery, Receipt};
use redis::{Cmd, Pipeline, Value};
use tokio::sync::{OwnedMutexGuard, oneshot};
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::StepError;
use crate::link::Link;
use crate::place::Place;
use crate::script::SCRIPTS;
use crate::settle;
use crate::wire::{self, Read, Tended};

/// How many events are handed out in one step at most.
const MOST: usize = 1000;

/// How often somebody looks at once who is told that there is something, and finds that others were faster.
const LOOKS: usize = 8;

/// How long somebody waits at the server before looking again. What nobody was told of is found then, and a connection
/// that is dead and does not say so.
const GLANCE: Duration = Duration::from_secs(1);

/// How much later than it could be the end of a lease is noted, at most.
const MOMENT: Duration = Duration::from_millis(20);

/// How long is waited before a server is asked once more: the first time, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// What somebody who looked has found.
struct Looked {
    /// After which time there may be something.
    next: Option<Duration>,
    deliveries: Vec<Delivery>,
}

/// Somebody who waits at the server without having looked.
struct First {
    line: OwnedMutexGuard<()>,
    /// For how long nothing else is due.
    quiet: Duration,
}

/// Who receives, and how many of what.
#[derive(Clone)]
pub(crate) struct Request {
    link: Arc<Link>,
    place: Arc<Place>,
    /// The set of all queues.
    queues: Arc<str>,
    max: usize,
    lease: u64,
    until: Instant,
}

impl Request {
    pub(crate) fn new(
        link: Arc<Link>,
        place: Arc<Place>,
        queues: Arc<str>,
        max: usize,
        lease: Duration,
        wait: Duration,
    ) -> Self {
        let now = Instant::now();
        let far = Duration::from_hours(24 * 365);
        let (until, lease) = (now + wait.min(far), wire::lease_of(lease));
        Self { link, place, queues, max: max.clamp(1, MOST), lease, until }
    }

    /// Takes what is there, and waits if there is nothing.
    pub(crate) async fn receive(self) -> Result<Vec<Delivery>, StepError> {
        let mut first = self.first_in_line();
        for _ in 0..if first.is_some() { 0 } else { LOOKS } {
            match self.look().await {
                Ok(Looked { deliveries, .. }) if !deliveries.is_empty() => return Ok(deliveries),
                Ok(Looked { next, .. }) if next == Some(Duration::ZERO) => {}
                Err(error) if !error.is_transient() => return Err(error),
                result if Instant::now() >= self.until => return result.map(|_| Vec::new()),
                _ => {
                    first = self.first_in_line();
                    break;
                }
            }
        }
        if Instant::now() >= self.until {
            return Ok(Vec::new());
        }
        // A task of its own waits, and sees to it that what comes for somebody who has gone is handed back.
        let (tell, told) = oneshot::channel();
        let link = Arc::clone(&self.link);
        tokio::spawn(self.run(first, tell));
        told.await.unwrap_or_else(|_| Err(link.cut_off("wait for events")))
    }

    /// Stands in line where nobody does, and there was nothing when somebody looked just now: what comes is told of then.
    fn first_in_line(&self) -> Option<First> {
        let line = Arc::clone(&self.place.line).try_lock_owned().ok()?;
        if Instant::now() >= self.until {
            return None;
        }
        self.place.quiet_for().map(|quiet| First { line, quiet })
    }

    async fn run(self, first: Option<First>, mut tell: oneshot::Sender<Result<Vec<Delivery>, StepError>>) {
        let result = self.wait_for_some(first, &mut tell).await;
        if let Err(Ok(deliveries)) = tell.send(result) {
            let receipts: Vec<_> = deliveries.into_iter().map(|delivery| delivery.receipt).collect();
            self.hand_back(&receipts).await;
        }
    }

    async fn wait_for_some(
        &self,
        first: Option<First>,
        tell: &mut oneshot::Sender<Result<Vec<Delivery>, StepError>>,
    ) -> Result<Vec<Delivery>, StepError> {
        let (mut line, mut backoff) = (None, BACKOFF.0);
        if let Some(First { line: own, quiet }) = first {
            line = Some(own);
            let deliveries = self.wait_once(Some(quiet)).await;
            if !deliveries.is_empty() {
                return Ok(deliveries);
            }
        }
        loop {
            let next = match self.look().await {
                Ok(Looked { deliveries, .. }) if !deliveries.is_empty() => return Ok(deliveries),
                Ok(Looked { next, .. }) => next,
                Err(error) => {
                    if !error.is_transient() || Instant::now() + backoff >= self.until || tell.is_closed() {
                        return Err(error);
                    }
                    sleep(backoff).await;
                    backoff = (backoff * 2).min(BACKOFF.1);
                    continue;
                }
            };
            if Instant::now() >= self.until || tell.is_closed() {
                return Ok(Vec::new());
            }
            if next == Some(Duration::ZERO) {
                continue;
            }
            if line.is_none() {
                let free = Arc::clone(&self.place.line);
                line = free.clone().try_lock_owned().ok();
                if line.is_none() {
                    tokio::select! {
                        turn = timeout_at(self.until, free.lock_owned()) => line = turn.ok(),
                        () = tell.closed() => return Ok(Vec::new()),
                    }
                    // Much may have changed meanwhile.
                    continue;
                }
            }
            let deliveries = self.wait_once(next).await;
            if !deliveries.is_empty() {
                return Ok(deliveries);
            }
        }
    }

    /// Waits at the server; what interrupts that is found by whoever looks again.
    async fn wait_once(&self, next: Option<Duration>) -> Vec<Delivery> {
        let waited = self.wait(next).await;
        // Where events come one by one, nobody looks for more in between.
        if !matches!(&waited, Ok(deliveries) if deliveries.len() == 1) {
            self.place.stirs();
        }
        waited.unwrap_or_else(|error| {
            tracing::debug!(
                target: "pyventus",
                error = &error as &dyn std::error::Error,
                "waiting for events was interrupted"
            );
            Vec::new()
        })
    }

    /// Takes what is there.
    async fn look(&self) -> Result<Looked, StepError> {
        let Place { queue, group, keys, .. } = &*self.place;
        let since = Instant::now();
        let script = &SCRIPTS.tend;
        let max_items = self.max_items();
        let arguments = |command: &mut Cmd| {
            command.arg(group.as_str()).arg(self.lease).arg(self.max).arg(max_items);
        };
        let mut commands = Pipeline::with_capacity(2);
        let reads = self.max > max_items;
        if reads {
            let read = commands.cmd("XREADGROUP").arg("GROUP").arg(group.as_str()).arg(self.lease);
            read.arg("COUNT").arg(self.max - max_items).arg("STREAMS").arg(keys.events()).arg(">");
        }
        commands.add_command(script.by_digest(keys.all(), arguments));
        let mut replies = self.link.pipeline(script.step, &commands).await?.into_iter();
        let read = if reads { replies.next() } else { None };
        let mut deliveries = match read {
            None => Vec::new(),
            // The script makes the group.
            Some(Value::ServerError(error)) if error.code() == "NOGROUP" => Vec::new(),
            Some(Value::ServerError(error)) => return Err(self.link.error(script.step, error.into())),
            Some(entries) => {
                let read = wire::read(entries, keys.events(), keys.again(), queue, group);
                read.ok_or_else(|| self.link.strange(script.step))?.deliveries
            }
        };
        let tended = match replies.next() {
            Some(Value::ServerError(error)) => Err(self.link.error(script.step, error.into())),
            Some(reply) => Ok(reply),
            None => Err(self.link.strange(script.step)),
        };
        let tended = match tended {
            Err(error) if error.is_unknown_script() => self.link.script(script, keys.all(), arguments).await,
            tended => tended,
        };
        let tended = tended.and_then(|reply| {
            wire::tended(reply, queue, group).ok_or_else(|| self.link.strange(script.step))
        });
        match tended {
            Ok(Tended { joined, next, ready, items }) => {
                self.place.ready.store(ready, Ordering::Relaxed);
                if joined {
                    self.register().await?;
                }
                let is_more = joined || ready > 0 || (!reads && items.is_empty());
                let next = if is_more { Some(Duration::ZERO) } else { next };
                deliveries.splice(0..0, items);
                if deliveries.is_empty() && !is_more {
                    self.place.is_quiet(since, next.unwrap_or(GLANCE).min(GLANCE));
                }
                Ok(Looked { next, deliveries })
            }
            // What was read is read.
            Err(_) if !deliveries.is_empty() => Ok(Looked { next: None, deliveries }),
            Err(error) => Err(error),
        }
    }

    /// How many items are taken, for which others wait that are as many.
    fn max_items(&self) -> usize {
        let ready = self.place.ready.load(Ordering::Relaxed);
        let share =
            if self.max == 1 { self.place.turn.fetch_add(1, Ordering::Relaxed) % 2 } else { self.max / 2 };
        ready.min(share)
    }

    /// Adds the queue to those in which a dead letter is looked for.
    async fn register(&self) -> Result<(), StepError> {
        let mut command = redis::cmd("SADD");
        command.arg(&*self.queues).arg(self.place.queue.as_str());
        self.link.command("remember the queue", &command).await.map(drop)
    }

    /// Waits at the server until something comes, something that is held back is due, or a glance is over.
    async fn wait(&self, next: Option<Duration>) -> Result<Vec<Delivery>, StepError> {
        const STEP: &str = "wait for events";

        let Place { queue, group, keys, .. } = &*self.place;
        let left = self.until.saturating_duration_since(Instant::now());
        let wait = left.min(next.unwrap_or(GLANCE)).min(GLANCE).max(Duration::from_millis(1));
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(group.as_str()).arg(self.lease).arg("COUNT").arg(self.max);
        command.arg("BLOCK").arg(wait.as_nanos().div_ceil(1_000_000).to_string()).arg("STREAMS");
        command.arg(keys.again()).arg(keys.events()).arg(keys.wake()).arg(&[">", ">", ">"]);
        let connection = self.link.waiting().await?;
        let reply = self.link.wait(STEP, &connection, &command, wait).await;
        self.link.keep(connection);
        let read = wire::read(reply?, keys.events(), keys.again(), queue, group);
        let Read { mut deliveries, items } = read.ok_or_else(|| self.link.strange(STEP))?;
        if deliveries.is_empty() && items.is_empty() {
            return Ok(deliveries);
        }
        if items.is_empty() {
            self.note_soon();
        } else {
            deliveries.splice(0..0, self.claim(&items).await?);
        }
        if deliveries.len() > self.max {
            let surplus: Vec<_> = deliveries.drain(self.max..).map(|delivery| delivery.receipt).collect();
            self.hand_back(&surplus).await;
        }
        Ok(deliveries)
    }

    /// Has noted when leases end, once for all that are read within a moment; the events need not wait for that. If it does
    /// not come to pass, whoever sweeps finds their leases.
    fn note_soon(&self) {
        if let Some(noting) = self.place.begin_to_note(self.lease) {
            let request = self.clone();
            tokio::spawn(async move {
                sleep(MOMENT.min(Duration::from_millis(request.lease) / 16)).await;
                drop(noting);
                request.claim(&[]).await.map(drop)
            });
        }
    }

    /// Notes when the leases of what was read end, and takes the items among it.
    async fn claim(&self, items: &[String]) -> Result<Vec<Delivery>, StepError> {
        let Place { queue, group, keys, .. } = &*self.place;
        let script = &SCRIPTS.claim;
        let reply: Value = self
            .link
            .script(script, keys.all(), |command| {
                command.arg(group.as_str()).arg(self.lease).arg(items);
            })
            .await?;
        wire::items(reply, queue, group).ok_or_else(|| self.link.strange(script.step))
    }

    /// What cannot be handed back is handed out again when its lease ends.
    async fn hand_back(&self, receipts: &[Receipt]) {
        if let Err(error) = settle::release(&self.link, &self.place, receipts).await {
            tracing::debug!(
                target: "pyventus",
                error = &error as &dyn std::error::Error,
                "events that nobody took were not handed back"
            );
        }
    }
}
