//! What the laws stand on: a broker with a queue of their own, events with numbers, and a deadline.

use std::collections::HashSet;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::{
    Broker, ConsumerName, Counts, Delivery, GroupName, Letter, Message, MessageId, QueueName, Receipt,
    Settled, Settlement, Subscription,
};

use super::{Fixture, PATIENCE};

/// Far enough that it does not come while a law lasts.
pub(super) const LATER: Duration = Duration::from_hours(1);

/// A lease that does not end while a law lasts.
pub(super) const LONG: Duration = Duration::from_mins(10);

/// A lease that ends soon.
pub(super) const SHORT: Duration = Duration::from_millis(150);

/// How long a law looks whether something comes that should not.
pub(super) const GLANCE: Duration = Duration::from_millis(400);

/// A broker under test, with a queue of its own.
pub(super) struct Ground<F: Fixture> {
    pub(super) fixture: F,
    pub(super) at: At<F::Broker>,
}

/// Runs a law on a broker.
pub(super) fn run<F: Fixture>(open: impl FnOnce() -> F, law: impl AsyncFnOnce(Ground<F>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let fixture = open();
        let at = At::new(fixture.connect().await, "group");
        let law = law(Ground { fixture, at });
        assert!(timeout(5 * PATIENCE, law).await.is_ok(), "the broker is stuck: the law does not end");
    });
}

/// So many events, where a broker is not slow.
pub(super) fn scaled(events: usize) -> usize {
    let percent = std::env::var("PYVENTUS_LAWS_PERCENT").ok().and_then(|percent| percent.parse().ok());
    (events * percent.unwrap_or(100_usize) / 100).max(1)
}

/// One group of one queue, through one connection.
#[derive(Clone)]
pub(super) struct At<B> {
    pub(super) broker: B,
    pub(super) queue: QueueName,
    pub(super) group: GroupName,
}

impl<B: Broker> At<B> {
    /// A queue that nobody has used yet.
    pub(super) fn new(broker: B, group: &str) -> Self {
        let queue = QueueName::new(format!("law-{}", MessageId::new())).expect("it is a name");
        Self { broker, queue, group: GroupName::new(group).expect("it is a name") }
    }

    /// The same queue, for another group.
    pub(super) fn group(&self, name: &str) -> Self {
        Self { group: GroupName::new(name).expect("it is a name"), ..self.clone() }
    }

    /// The same queue and group, through another connection.
    pub(super) fn through<C>(&self, broker: C) -> At<C> {
        At { broker, queue: self.queue.clone(), group: self.group.clone() }
    }

    pub(super) async fn publish(&self, messages: Vec<Message>) {
        self.broker.publish(&self.queue, messages).await.expect("there is space, and the broker is there");
    }

    /// Publishes events with these numbers.
    pub(super) async fn publish_numbers(&self, numbers: impl IntoIterator<Item = usize>) {
        self.publish(numbers.into_iter().map(numbered).collect()).await;
    }

    pub(super) fn subscription(&self, consumer: &str) -> Subscription {
        let consumer = ConsumerName::new(consumer).expect("it is a name");
        Subscription::new(self.queue.clone(), self.group.clone(), consumer)
    }

    /// Makes the group, which gets everything from here on.
    pub(super) async fn joins(&self) {
        let received = self.receive("c", 1, LONG, Duration::ZERO).await;
        assert!(received.is_empty(), "nothing was published yet");
    }

    /// What there is within that time.
    /// Makes the group where something is retained, and leaves all of it.
    pub(super) async fn joins_late(&self) {
        let receipt = self.one("joins", LONG).await.receipt;
        assert_eq!(self.broker.release(&[receipt]).await.expect("the broker is there"), [true]);
    }

    pub(super) async fn receive(
        &self,
        consumer: &str,
        max: usize,
        lease: Duration,
        wait: Duration,
    ) -> Vec<Delivery> {
        let received = self.broker.receive(&self.subscription(consumer), max, lease, wait).await;
        received.expect("the broker is there")
    }

    /// The one event that is to come.
    pub(super) async fn one(&self, consumer: &str, lease: Duration) -> Delivery {
        let mut received = self.receive(consumer, 1, lease, PATIENCE).await;
        assert!(received.len() <= 1, "one event was asked for, {} were received", received.len());
        received.pop().expect("the broker is stuck: an event is not handed out")
    }

    /// So many events, with a lease that lasts.
    pub(super) async fn exactly(&self, consumer: &str, count: usize) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while deliveries.len() < count {
            let received = self.receive(consumer, count - deliveries.len(), LONG, PATIENCE).await;
            let found = deliveries.len();
            assert!(!received.is_empty(), "the broker is stuck: it has handed out {found} of {count} events");
            deliveries.extend(received);
        }
        deliveries
    }

    /// Nothing is to come.
    pub(super) async fn nothing(&self, consumer: &str) {
        let received = self.receive(consumer, 1, LONG, GLANCE).await;
        assert!(received.is_empty(), "an event was handed out that should not be: {received:?}");
    }

    /// Settles one delivery, and returns whether it was held.
    pub(super) async fn settles(&self, settlement: Settlement) -> bool {
        let settled = self.broker.settle(vec![settlement]).await.expect("the broker is there");
        assert_eq!(settled.len(), 1, "one settlement has one answer");
        settled == [Settled::Applied]
    }

    pub(super) async fn done(&self, receipt: Receipt) {
        assert!(self.settles(Settlement::done(receipt)).await, "what was just received is held");
    }

    /// Settles everything, which has to be held.
    pub(super) async fn all_done(&self, deliveries: Vec<Delivery>) {
        let settlements: Vec<_> =
            deliveries.into_iter().map(|delivery| Settlement::done(delivery.receipt)).collect();
        let wanted = vec![Settled::Applied; settlements.len()];
        assert_eq!(self.broker.settle(settlements).await.expect("the broker is there"), wanted);
    }

    /// Gives up a delivery with one letter.
    pub(super) async fn bury(&self, receipt: Receipt, letter: Letter) {
        let settlement = Settlement::done(receipt).with_letter(letter);
        assert!(self.settles(settlement).await, "what was just received is held");
    }

    pub(super) async fn counts(&self) -> Counts {
        self.broker.counts(&self.queue, &self.group).await.expect("the broker is there")
    }

    /// What the counts are to be: accepted, succeeded, dead, dropped and pending.
    #[track_caller]
    pub(super) fn counted(&self, wanted: [u64; 5]) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let Counts { accepted, succeeded, dead, dropped, pending } = self.counts().await;
            let found = [accepted, succeeded, dead, dropped, pending];
            assert_eq!(found, wanted, "accepted, succeeded, dead, dropped and pending at {place}");
        }
    }
}

/// An event that is known by a number.
pub(super) fn numbered(number: usize) -> Message {
    Message::new(MessageId::new(), (number as u64).to_be_bytes().to_vec())
}

/// The number that an event is known by.
pub(super) fn number(message: &Message) -> usize {
    let number = message.body()[..].try_into().map(u64::from_be_bytes).ok();
    number.and_then(|number| usize::try_from(number).ok()).expect("the event has a number")
}

/// The numbers of deliveries, each of which is there once.
#[track_caller]
pub(super) fn numbers(deliveries: &[Delivery]) -> HashSet<usize> {
    let numbers: HashSet<_> = deliveries.iter().map(|delivery| number(&delivery.message)).collect();
    assert_eq!(numbers.len(), deliveries.len(), "an event was handed out twice");
    numbers
}

/// Waits for tasks, and fails with the first that does.
pub(super) async fn join(mut tasks: JoinSet<()>) {
    while let Some(task) = tasks.join_next().await {
        if let Err(error) = task {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// When a law is to be at its end.
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn new() -> Self {
        Self(Instant::now() + PATIENCE)
    }

    #[track_caller]
    pub(super) fn check(&self, what: impl FnOnce() -> String) {
        assert!(Instant::now() < self.0, "the broker is stuck: {}", what());
    }
}
