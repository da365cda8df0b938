//! A broker in the memory of one process.

mod store;
mod group;
mod after;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout_at;

use crate::backlog::{Backlog, QueueInfo};
use crate::broker::Broker;
use crate::capabilities::BrokerCapabilities;
use crate::counts::Counts;
use crate::delivery::{Delivery, Receipt, Settled, Settlement, Subscription};
use crate::error::{BrokerError, GroupError, LetterError, PublishError};
use crate::letter::{DeadLetter, LetterId, Page};
use crate::message::Message;
use crate::name::{GroupName, QueueName};

use after::After;
use group::Now;
use store::{Nothing, Store};

/// Keeps events in the memory of one process: for tests, and as a bounded queue of a program.
///
/// It keeps the contract of all brokers and is not durable: when its last clone is dropped, everything is gone. It
/// needs a runtime of tokio with its timers wherever somebody receives.
///
/// A queue holds a number of events that is chosen when the broker is made; one takes up space until every group is
/// through with it, its dead letters included. When a queue is full, publishing is refused, or waits where
/// [`waits_for_space`](Self::waits_for_space) says so.
///
/// A clone is the same broker.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use pyventus_queue::{
///     Broker, ConsumerName, GroupName, MemoryBroker, Message, MessageId, QueueName, Settlement, Subscription,
/// };
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let broker = MemoryBroker::new(1_000);
/// let (queue, group) = (QueueName::new("orders")?, GroupName::new("billing")?);
/// broker.publish(&queue, vec![Message::new(MessageId::new(), "an envelope")]).await?;
///
/// let subscription = Subscription::new(queue.clone(), group.clone(), ConsumerName::new("worker-1")?);
/// let (lease, wait) = (Duration::from_secs(30), Duration::from_secs(5));
/// for delivery in broker.receive(&subscription, 16, lease, wait).await? {
///     assert_eq!(delivery.message.body(), "an envelope");
///     broker.settle(vec![Settlement::done(delivery.receipt)]).await?;
/// }
/// assert_eq!(broker.counts(&queue, &group).await?.succeeded, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct MemoryBroker {
    store: Arc<Mutex<Store>>,
    capacity: usize,
    waits: bool,
    max_payload: Option<usize>,
}

impl MemoryBroker {
    /// Returns a broker whose queues hold at most that many events each.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { store: Arc::default(), capacity, waits: false, max_payload: None }
    }

    /// Lets who publishes into a full queue wait until there is space, instead of being refused. More messages at a
    /// time than the queue can ever hold are refused all the same.
    #[must_use]
    pub fn waits_for_space(mut self) -> Self {
        self.waits = true;
        self
    }

    /// Refuses messages with more bytes.
    #[must_use]
    pub fn max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = Some(bytes);
        self
    }

    /// Gives the messages back where there is no space for them.
    fn try_publish(&self, queue: &QueueName, messages: Vec<Message>) -> Result<(), Vec<Message>> {
        let (mut after, now) = (After::default(), Now::new());
        self.lock().publish(queue, messages, self.capacity, now, &mut after)
    }

    /// Under the lock nothing of a user is run or dropped: an [`After`] that stands before it sees to that.
    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Broker for MemoryBroker {
    fn capabilities(&self) -> BrokerCapabilities {
        let none = BrokerCapabilities::NONE;
        self.max_payload.map_or(none, |bytes| none.max_payload(bytes))
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Result<(), PublishError> {
        self.capabilities().check(&messages)?;
        let full = PublishError::Full { capacity: self.capacity };
        if messages.len() > self.capacity {
            return Err(full);
        }
        let mut messages = match self.try_publish(queue, messages) {
            Ok(()) => return Ok(()),
            Err(_) if !self.waits => return Err(full),
            Err(refused) => refused,
        };
        let space = self.lock().space(queue);
        loop {
            // Listening before looking, so that nothing is missed in between.
            let made = space.notified();
            match self.try_publish(queue, messages) {
                Ok(()) => return Ok(()),
                Err(refused) => messages = refused,
            }
            made.await;
        }
    }

    async fn receive(
        &self,
        subscription: &Subscription,
        max: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let now = Now::new();
        let (end, max) = (now.after(wait), max.max(1));
        let mut next = WakeNext(self.lock().join(subscription.queue(), subscription.group(), now));
        loop {
            // Listening before looking, so that nothing is missed in between.
            let woken = next.0.notified();
            let now = Now::new();
            let taken = self.lock().take(subscription, max, lease, now);
            let Nothing { due, wake } = match taken {
                Ok(deliveries) => return Ok(deliveries),
                Err(nothing) => nothing,
            };
            if now.instant >= end {
                return Ok(Vec::new());
            }
            if !Arc::ptr_eq(&wake, &next.0) {
                // The group was removed, and is another one now.
                drop(woken);
                next = WakeNext(wake);
                continue;
            }
            let until = due.map_or(end, |due| end.min(now.after(due)));
            // Woken or not, it looks again.
            let _elapsed = timeout_at(until, woken).await;
        }
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<Vec<Settled>, BrokerError> {
        let (mut after, now) = (After::default(), Now::new());
        let mut store = self.lock();
        Ok(settlements.into_iter().map(|settlement| store.settle(settlement, now, &mut after)).collect())
    }

    async fn extend(&self, receipts: &[Receipt], lease: Duration) -> Result<Vec<bool>, BrokerError> {
        let now = Now::new();
        let mut store = self.lock();
        Ok(receipts.iter().map(|receipt| store.extend(receipt, lease, now)).collect())
    }

    async fn release(&self, receipts: &[Receipt]) -> Result<Vec<bool>, BrokerError> {
        let mut after = After::default();
        let mut store = self.lock();
        Ok(receipts.iter().map(|receipt| store.release(receipt, &mut after)).collect())
    }

    async fn counts(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, BrokerError> {
        Ok(self.lock().counts(queue, group))
    }

    async fn letters(
        &self,
        queue: &QueueName,
        group: &GroupName,
        page: Page,
    ) -> Result<Vec<DeadLetter>, BrokerError> {
        Ok(self.lock().letters(queue, group, page))
    }

    async fn letter(&self, id: LetterId) -> Result<Option<DeadLetter>, BrokerError> {
        Ok(self.lock().letter(id))
    }

    async fn replay(&self, id: LetterId) -> Result<(), LetterError> {
        let mut after = After::default();
        let replayed = self.lock().replay(id, &mut after);
        if replayed { Ok(()) } else { Err(LetterError::Unknown(id)) }
    }

    async fn drop_letter(&self, id: LetterId) -> Result<(), LetterError> {
        let mut after = After::default();
        let dropped = self.lock().drop_letter(id, &mut after);
        if dropped { Ok(()) } else { Err(LetterError::Unknown(id)) }
    }

    async fn queues(&self) -> Result<Vec<QueueInfo>, BrokerError> {
        Ok(self.lock().queues())
    }

    async fn backlog(&self, queue: &QueueName, group: &GroupName) -> Result<Backlog, BrokerError> {
        Ok(self.lock().backlog(queue, group, Now::new()))
    }

    async fn remove_group(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, GroupError> {
        let mut after = After::default();
        let removed = self.lock().remove_group(queue, group, &mut after);
        removed.ok_or_else(|| GroupError::unknown(queue, group))
    }
}

/// Wakes the next consumer that waits when one stops waiting: one of them always knows what is due next.
struct WakeNext(Arc<Notify>);

impl Drop for WakeNext {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl fmt::Debug for MemoryBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBroker")
            .field("capacity", &self.capacity)
            .field("waits_for_space", &self.waits)
            .field("max_payload", &self.max_payload)
            .finish_non_exhaustive()
    }
}
