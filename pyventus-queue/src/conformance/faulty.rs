//! A broker that fails when it is told to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{
    Backlog, Broker, BrokerCapabilities, BrokerError, Counts, DeadLetter, Delivery, GroupError, GroupName,
    LetterError, LetterId, Message, Page, PublishError, QueueInfo, QueueName, Receipt, Settled, Settlement,
    Subscription,
};

/// A broker that fails when it is told to, in front of another one: for tests of what becomes of events then.
///
/// # Examples
///
/// ```
/// use pyventus_queue::conformance::{Fault, Faulty, Operation};
/// use pyventus_queue::{Broker, MemoryBroker, Message, MessageId, QueueName};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let broker = Faulty::new(MemoryBroker::new(100), |operation| match operation {
///     Operation::Publish { .. } => Fault::Before,
///     _ => Fault::None,
/// });
/// let message = Message::new(MessageId::new(), "an envelope");
/// assert!(broker.publish(&QueueName::default(), vec![message]).await.is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Faulty<B> {
    broker: B,
    fault: Arc<dyn Fn(Operation) -> Fault + Send + Sync>,
}

/// What a broker is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// To store messages.
    #[non_exhaustive]
    Publish {
        /// How many there are.
        messages: usize,
    },
    /// To hand events out.
    Receive,
    /// To settle deliveries.
    #[non_exhaustive]
    Settle {
        /// How many there are.
        settlements: usize,
        /// How many dead letters they leave.
        letters: usize,
    },
    /// To extend leases.
    Extend,
    /// To take deliveries back.
    Release,
}

/// How a broker fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not.
    None,
    /// It does nothing of what it is asked to, and says that it failed.
    Before,
    /// It does what it is asked to, and says that it failed.
    After,
}

impl<B: Broker> Faulty<B> {
    /// Asks a function before every operation how it fails.
    pub fn new(broker: B, fault: impl Fn(Operation) -> Fault + Send + Sync + 'static) -> Self {
        Self { broker, fault: Arc::new(fault) }
    }

    async fn ask<T, E: From<BrokerError>>(
        &self,
        operation: Operation,
        name: &'static str,
        done: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let failed = || Err(BrokerError::new(name, "it was told to fail").into());
        match (self.fault)(operation) {
            Fault::None => done.await,
            Fault::Before => failed(),
            Fault::After => done.await.and_then(|_| failed()),
        }
    }
}

impl<B: Broker> Broker for Faulty<B> {
    fn capabilities(&self) -> BrokerCapabilities {
        self.broker.capabilities()
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Result<(), PublishError> {
        let operation = Operation::Publish { messages: messages.len() };
        self.ask(operation, "publish", self.broker.publish(queue, messages)).await
    }

    async fn receive(
        &self,
        subscription: &Subscription,
        max: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let received = self.broker.receive(subscription, max, lease, wait);
        self.ask(Operation::Receive, "receive", received).await
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<Vec<Settled>, BrokerError> {
        let letters = settlements.iter().map(|settlement| settlement.letters.len()).sum();
        let operation = Operation::Settle { settlements: settlements.len(), letters };
        self.ask(operation, "settle", self.broker.settle(settlements)).await
    }

    async fn extend(&self, receipts: &[Receipt], lease: Duration) -> Result<Vec<bool>, BrokerError> {
        self.ask(Operation::Extend, "extend leases", self.broker.extend(receipts, lease)).await
    }

    async fn release(&self, receipts: &[Receipt]) -> Result<Vec<bool>, BrokerError> {
        self.ask(Operation::Release, "release", self.broker.release(receipts)).await
    }

    async fn counts(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, BrokerError> {
        self.broker.counts(queue, group).await
    }

    async fn letters(
        &self,
        queue: &QueueName,
        group: &GroupName,
        page: Page,
    ) -> Result<Vec<DeadLetter>, BrokerError> {
        self.broker.letters(queue, group, page).await
    }

    async fn letter(&self, id: LetterId) -> Result<Option<DeadLetter>, BrokerError> {
        self.broker.letter(id).await
    }

    async fn replay(&self, id: LetterId) -> Result<(), LetterError> {
        self.broker.replay(id).await
    }

    async fn drop_letter(&self, id: LetterId) -> Result<(), LetterError> {
        self.broker.drop_letter(id).await
    }

    async fn queues(&self) -> Result<Vec<QueueInfo>, BrokerError> {
        self.broker.queues().await
    }

    async fn backlog(&self, queue: &QueueName, group: &GroupName) -> Result<Backlog, BrokerError> {
        self.broker.backlog(queue, group).await
    }

    async fn remove_group(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, GroupError> {
        self.broker.remove_group(queue, group).await
    }
}

impl<B: fmt::Debug> fmt::Debug for Faulty<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("broker", &self.broker).finish_non_exhaustive()
    }
}
