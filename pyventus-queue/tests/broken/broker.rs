//! A broker with one defect, in front of `MemoryBroker`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyventus_queue::conformance::Fixture;
use pyventus_queue::{
    Backlog, Broker, BrokerCapabilities, BrokerError, Counts, DeadLetter, Delivery, GroupError, GroupName,
    LetterError, LetterId, MemoryBroker, Message, Page, PublishError, QueueInfo, QueueName, Receipt, Settled,
    Settlement, Subscription,
};
use tokio::sync::Notify;

/// What is wrong with a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Nothing is.
    None,
    /// It has forgotten all events when somebody connects anew.
    ForgetsBetweenConnections,
    /// It has forgotten the letters then.
    ForgetsLettersBetweenConnections,
    /// It has forgotten all events when it is restarted.
    ForgetsWhenItRestarts,
    /// It accepts every 50th batch and does not store it.
    LosesEvents,
    /// It hands every 50th batch out to the next one who asks, too, and says of both that they have settled it.
    HandsOutTwice,
    /// It settles what leaves letters, and stores none.
    LosesLetters,
    /// It stores letters without the errors.
    LosesHistories,
    /// It replays a letter, and keeps it.
    ReplaysTwice,
    /// It hands out at once what is held back.
    IsEarly,
    /// It hands out without what was left to do.
    LosesProgress,
    /// It never says that anybody has died.
    CountsNoDeaths,
    /// It takes what is too large.
    TakesTooMuch,
    /// It says that events have succeeded which it still has.
    CountsWrongly,
}

/// What is there when nobody is connected.
struct Disk {
    defect: Defect,
    memory: Mutex<MemoryBroker>,
    is_away: AtomicBool,
    /// Somebody was told that the broker is away.
    was_missed: Notify,
    operations: AtomicU64,
    connections: AtomicU64,
    /// What was handed out to somebody, and will be to somebody else.
    twice: Mutex<Vec<Delivery>>,
}

/// A connection to it.
#[derive(Clone)]
pub(crate) struct Broken {
    disk: Arc<Disk>,
    connection: u64,
}

/// Makes such brokers.
pub(crate) struct Workshop(Arc<Disk>);

fn memory() -> MemoryBroker {
    MemoryBroker::new(100_000).max_payload(LIMIT)
}

/// How many bytes an event has at most.
const LIMIT: usize = 1 << 20;

impl Workshop {
    pub(crate) fn new(defect: Defect) -> Self {
        Self(Arc::new(Disk {
            defect,
            memory: Mutex::new(memory()),
            is_away: AtomicBool::new(false),
            was_missed: Notify::new(),
            operations: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            twice: Mutex::default(),
        }))
    }
}

impl Fixture for Workshop {
    type Broker = Broken;

    async fn connect(&self) -> Broken {
        let connection = self.0.connections.fetch_add(1, Ordering::Relaxed);
        if connection > 0 && self.0.defect == Defect::ForgetsBetweenConnections {
            self.0.forget();
        }
        Broken { disk: Arc::clone(&self.0), connection }
    }

    async fn restart(&self) -> bool {
        self.0.is_away.store(true, Ordering::SeqCst);
        // Where nobody asks for anything, nobody misses it.
        let _missed = tokio::time::timeout(Duration::from_millis(200), self.0.was_missed.notified()).await;
        if self.0.defect == Defect::ForgetsWhenItRestarts {
            self.0.forget();
        }
        self.0.is_away.store(false, Ordering::SeqCst);
        true
    }
}

impl Disk {
    fn forget(&self) {
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = memory();
    }

    /// Whether it is the turn of something that goes wrong now and then.
    fn now_and_then(&self, defect: Defect) -> bool {
        self.defect == defect && self.operations.fetch_add(1, Ordering::Relaxed) % 50 == 49
    }
}

impl Broken {
    fn has(&self, defect: Defect) -> bool {
        self.disk.defect == defect
    }

    fn memory(&self, step: &'static str) -> Result<MemoryBroker, BrokerError> {
        if self.disk.is_away.load(Ordering::SeqCst) {
            self.disk.was_missed.notify_one();
            return Err(BrokerError::new(step, "the broker is away"));
        }
        Ok(self.disk.memory.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn twice(&self) -> std::sync::MutexGuard<'_, Vec<Delivery>> {
        self.disk.twice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Broker for Broken {
    fn capabilities(&self) -> BrokerCapabilities {
        BrokerCapabilities::NONE.durable().max_payload(LIMIT)
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Result<(), PublishError> {
        let memory = self.memory("publish")?;
        if self.disk.now_and_then(Defect::LosesEvents) {
            return Ok(());
        }
        let change = |message: Message| match self.disk.defect {
            Defect::IsEarly => Message::new(message.id(), message.body().clone()),
            Defect::TakesTooMuch => {
                let size = message.body().len().min(LIMIT);
                Message::new(message.id(), message.body().slice(..size))
            }
            _ => message,
        };
        memory.publish(queue, messages.into_iter().map(change).collect()).await
    }

    async fn receive(
        &self,
        subscription: &Subscription,
        max: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let again = std::mem::take(&mut *self.twice());
        if !again.is_empty() {
            return Ok(again);
        }
        let mut received = self.memory("receive")?.receive(subscription, max, lease, wait).await?;
        for delivery in &mut received {
            if self.has(Defect::LosesProgress) {
                delivery.progress = None;
            }
            if self.has(Defect::CountsNoDeaths) {
                delivery.deaths = 0;
            }
        }
        if self.disk.now_and_then(Defect::HandsOutTwice) {
            self.twice().clone_from(&received);
        }
        Ok(received)
    }

    async fn settle(&self, mut settlements: Vec<Settlement>) -> Result<Vec<Settled>, BrokerError> {
        for settlement in &mut settlements {
            if self.has(Defect::LosesLetters) {
                settlement.letters.clear();
            }
            if self.has(Defect::LosesHistories) {
                settlement.letters.iter_mut().for_each(|letter| letter.history.clear());
            }
        }
        let settled = self.memory("settle")?.settle(settlements).await?;
        let all = vec![Settled::Applied; settled.len()];
        Ok(if self.has(Defect::HandsOutTwice) { all } else { settled })
    }

    async fn extend(&self, receipts: &[Receipt], lease: Duration) -> Result<Vec<bool>, BrokerError> {
        self.memory("extend leases")?.extend(receipts, lease).await
    }

    async fn release(&self, receipts: &[Receipt]) -> Result<Vec<bool>, BrokerError> {
        self.memory("release")?.release(receipts).await
    }

    async fn counts(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, BrokerError> {
        let mut counts = self.memory("count")?.counts(queue, group).await?;
        if self.has(Defect::CountsWrongly) {
            counts.succeeded += counts.pending.min(1);
        }
        Ok(counts)
    }

    async fn letters(
        &self,
        queue: &QueueName,
        group: &GroupName,
        page: Page,
    ) -> Result<Vec<DeadLetter>, BrokerError> {
        let letters = self.memory("list letters")?.letters(queue, group, page).await?;
        let is_gone = self.has(Defect::ForgetsLettersBetweenConnections) && self.connection > 0;
        Ok(if is_gone { Vec::new() } else { letters })
    }

    async fn letter(&self, id: LetterId) -> Result<Option<DeadLetter>, BrokerError> {
        self.memory("find a letter")?.letter(id).await
    }

    async fn replay(&self, id: LetterId) -> Result<(), LetterError> {
        let replayed = self.memory("replay a letter")?.replay(id).await;
        if self.has(Defect::ReplaysTwice) { Ok(()) } else { replayed }
    }

    async fn drop_letter(&self, id: LetterId) -> Result<(), LetterError> {
        self.memory("drop a letter")?.drop_letter(id).await
    }

    async fn queues(&self) -> Result<Vec<QueueInfo>, BrokerError> {
        self.memory("list queues")?.queues().await
    }

    async fn backlog(&self, queue: &QueueName, group: &GroupName) -> Result<Backlog, BrokerError> {
        self.memory("look for what is left")?.backlog(queue, group).await
    }

    async fn remove_group(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, GroupError> {
        self.memory("remove a group")?.remove_group(queue, group).await
    }
}
