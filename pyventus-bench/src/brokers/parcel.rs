//! The event that is published, and who handles it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyventus::queue::{
    Broker, ConsumerName, GroupName, MemoryBroker, QueueBackend, QueueName, Subscription, Worker,
};
use pyventus::{Event, EventEmitter, EventLinker, key};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// A lease that does not end while a sample is taken.
pub(super) const LEASE: Duration = Duration::from_mins(10);

/// When everything began.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Two numbers and a text.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "parcel.sent")]
pub(super) struct ParcelSent {
    number: u64,
    /// Nanoseconds since the beginning.
    at: u64,
    customer: String,
}

impl ParcelSent {
    pub(super) fn now() -> Self {
        let at = u64::try_from(BEGINNING.elapsed().as_nanos()).expect("it is less than centuries");
        Self { number: 7, at, customer: "a customer".to_owned() }
    }

    fn age(&self) -> Duration {
        BEGINNING.elapsed().saturating_sub(Duration::from_nanos(self.at))
    }
}

/// What a broker stores of the event: floors store as many bytes.
pub(super) async fn envelope() -> Vec<u8> {
    let broker = MemoryBroker::new(1);
    join(&broker).await;
    emitter(broker.clone()).emit(ParcelSent::now()).await.expect("there is space");
    let received = broker.receive(&subscription(), 1, LEASE, Duration::ZERO).await;
    received.expect("it is in memory")[0].message.body().to_vec()
}

pub(super) fn queue() -> QueueName {
    QueueName::default()
}

pub(super) fn subscription() -> Subscription {
    Subscription::new(queue(), GroupName::default(), ConsumerName::new("bench").expect("it is a name"))
}

/// Makes the group: who publishes to none at all spares the broker some work.
pub(super) async fn join(broker: &impl Broker) {
    let none = broker.receive(&subscription(), 1, LEASE, Duration::ZERO).await;
    assert!(none.expect("the broker is there").is_empty(), "nothing was published yet");
}

/// Publishes to a broker; nobody answers here.
pub(super) fn emitter<B: Broker>(broker: B) -> EventEmitter {
    EventEmitter::builder(QueueBackend::new(broker)).linker(&EventLinker::new()).build()
}

/// What a handler has seen.
#[derive(Default)]
pub(super) struct Seen {
    wanted: usize,
    count: AtomicUsize,
    all: Notify,
    /// How old events were, where that is looked at.
    ages: Option<Mutex<Vec<Duration>>>,
}

impl Seen {
    /// Is to see so many events.
    pub(super) fn count(wanted: usize) -> Arc<Self> {
        Arc::new(Self { wanted, ..Self::default() })
    }

    /// Is to see so many events, and how old they are.
    pub(super) fn ages(wanted: usize) -> Arc<Self> {
        Arc::new(Self { wanted, ages: Some(Mutex::default()), ..Self::default() })
    }

    /// A worker whose one handler that is, for so many events at a time.
    pub(super) fn worker<B: Broker>(self: &Arc<Self>, broker: B, concurrency: usize) -> Worker<B> {
        let (linker, seen) = (EventLinker::new(), Arc::clone(self));
        let handler = move |parcel: Arc<ParcelSent>| seen.see(&parcel);
        linker.subscribe(key::<ParcelSent>()).handler(handler).expect("there is no limit");
        let emitter = EventEmitter::builder(QueueBackend::new(broker.clone())).linker(&linker).build();
        Worker::new(broker).emitter(emitter).concurrency(concurrency).lease(LEASE)
    }

    fn see(&self, parcel: &ParcelSent) {
        if let Some(ages) = &self.ages {
            ages.lock().unwrap_or_else(PoisonError::into_inner).push(parcel.age());
        }
        if self.count.fetch_add(1, Ordering::AcqRel) + 1 == self.wanted {
            self.all.notify_one();
        }
    }

    /// Waits until it has seen all, and the broker knows it.
    pub(super) async fn everything(&self, broker: &impl Broker) {
        self.all.notified().await;
        loop {
            let counts = broker.counts(&queue(), &GroupName::default()).await.expect("the broker is there");
            if counts.pending == 0 {
                return;
            }
        }
    }

    /// Takes how old events were.
    pub(super) fn take_ages(&self) -> Vec<Duration> {
        let ages = self.ages.as_ref().expect("it was asked for");
        std::mem::take(&mut ages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
