//! What the broker in memory promises beyond the laws: its capacity, and that it runs nothing of a user under its lock.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pyventus_queue::{
    Broker, Bytes, ConsumerName, DeadReason, Delivery, GroupName, Letter, MemoryBroker, Message, MessageId,
    Page, PublishError, QueueName, Settled, Settlement, Subscription,
};

const LONG: Duration = Duration::from_mins(1);

fn queue() -> QueueName {
    QueueName::new("orders").unwrap()
}

fn group() -> GroupName {
    GroupName::new("billing").unwrap()
}

fn messages(count: usize) -> Vec<Message> {
    (0..count).map(|_| Message::new(MessageId::new(), "an event")).collect()
}

async fn receive(broker: &MemoryBroker, max: usize) -> Vec<Delivery> {
    let subscription = Subscription::new(queue(), group(), ConsumerName::new("c").unwrap());
    broker.receive(&subscription, max, LONG, Duration::ZERO).await.unwrap()
}

async fn settle(broker: &MemoryBroker, settlement: Settlement) {
    assert_eq!(broker.settle(vec![settlement]).await.unwrap(), [Settled::Applied]);
}

fn letter() -> Letter {
    Letter::of_event(DeadReason::UnknownEvent, "nobody knows it")
}

#[tokio::test]
async fn a_full_queue_refuses_all_of_what_is_too_much_and_names_its_capacity() {
    let broker = MemoryBroker::new(3);
    broker.publish(&queue(), messages(2)).await.unwrap();
    let refused = broker.publish(&queue(), messages(2)).await;
    assert!(matches!(refused, Err(PublishError::Full { capacity: 3 })), "{refused:?}");
    assert_eq!(broker.counts(&queue(), &group()).await.unwrap().accepted, 2);
    broker.publish(&queue(), messages(1)).await.unwrap();
    // Each queue has a capacity of its own.
    broker.publish(&QueueName::new("payments").unwrap(), messages(3)).await.unwrap();
}

#[tokio::test]
async fn an_event_takes_up_space_until_every_group_and_its_letters_are_gone() {
    let broker = MemoryBroker::new(1);
    broker.publish(&queue(), messages(1)).await.unwrap();
    let full = async |broker: &MemoryBroker| broker.publish(&queue(), messages(1)).await.is_err();
    let [delivery] = <[_; 1]>::try_from(receive(&broker, 9).await).unwrap();
    assert!(full(&broker).await, "it is leased");
    settle(&broker, Settlement::done(delivery.receipt).with_letter(letter())).await;
    assert!(full(&broker).await, "it has a dead letter");
    let letters = broker.letters(&queue(), &group(), Page::first(9)).await.unwrap();
    broker.drop_letter(letters[0].id).await.unwrap();
    assert!(!full(&broker).await, "nothing is left of it");
}

#[tokio::test]
async fn who_waits_for_space_goes_on_when_there_is_some_and_never_waits_for_the_impossible() {
    const EVENTS: usize = 1_000;
    let broker = MemoryBroker::new(10).waits_for_space();
    let refused = broker.publish(&queue(), messages(11)).await;
    assert!(matches!(refused, Err(PublishError::Full { capacity: 10 })), "{refused:?}");

    let mut producers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let broker = broker.clone();
        producers.spawn(async move {
            for _ in 0..EVENTS / 20 {
                broker.publish(&queue(), messages(5)).await.unwrap();
            }
        });
    }
    let mut handled = 0;
    while handled < EVENTS {
        let counts = broker.counts(&queue(), &group()).await.unwrap();
        assert!(counts.pending <= 10, "{counts}");
        let deliveries = receive(&broker, 7).await;
        handled += deliveries.len();
        for delivery in deliveries {
            settle(&broker, Settlement::done(delivery.receipt)).await;
        }
        tokio::task::yield_now().await;
    }
    while let Some(producer) = producers.join_next().await {
        producer.unwrap();
    }
    assert_eq!(broker.counts(&queue(), &group()).await.unwrap().succeeded, EVENTS as u64);
}

/// Bytes that use the broker when they are dropped.
struct Curious {
    broker: MemoryBroker,
    drops: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Curious {
    fn as_ref(&self) -> &[u8] {
        b"curious"
    }
}

impl Drop for Curious {
    fn drop(&mut self) {
        let (queue, group) = (queue(), group());
        let counted = std::pin::pin!(self.broker.counts(&queue, &group));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(counted.poll(&mut context).is_ready());
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn no_bytes_are_dropped_under_the_lock() {
    // A thread of its own, since what goes wrong is a deadlock.
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        tell.send(runtime.block_on(drop_bytes_everywhere())).unwrap();
    });
    assert_eq!(told.recv_timeout(LONG).expect("bytes are dropped under the lock"), 7);
}

async fn drop_bytes_everywhere() -> usize {
    let broker = MemoryBroker::new(10);
    let drops = Arc::new(AtomicUsize::new(0));
    let curious = || Bytes::from_owner(Curious { broker: broker.clone(), drops: Arc::clone(&drops) });
    let again = |receipt, progress| Settlement::again(receipt, std::time::SystemTime::now(), progress);
    let publish = async || {
        broker.publish(&queue(), vec![Message::new(MessageId::new(), curious())]).await.unwrap();
        receive(&broker, 1).await.pop().unwrap()
    };
    // The first progress gives way to the second, which goes with the event.
    let delivery = publish().await;
    let stale = delivery.receipt.clone();
    settle(&broker, again(delivery.receipt, Some(curious()))).await;
    drop(delivery.message);
    let receipt = receive(&broker, 1).await.pop().unwrap().receipt;
    settle(&broker, again(receipt, Some(curious()))).await;
    assert_eq!(broker.settle(vec![again(stale, Some(curious()))]).await.unwrap(), [Settled::NotHeld]);
    let receipt = receive(&broker, 1).await.pop().unwrap().receipt;
    settle(&broker, Settlement::done(receipt)).await;
    assert_eq!(drops.load(Ordering::Relaxed), 4);

    // The event and what its letter resumes with go with the letter.
    let receipt = publish().await.receipt;
    let letter = Letter::of_handler(DeadReason::Exhausted, "a_handler", curious());
    settle(&broker, Settlement::done(receipt).with_letter(letter)).await;
    let id = broker.letters(&queue(), &group(), Page::first(1)).await.unwrap()[0].id;
    broker.drop_letter(id).await.unwrap();

    // What is refused is dropped, too.
    let full = MemoryBroker::new(0);
    assert!(full.publish(&queue(), vec![Message::new(MessageId::new(), curious())]).await.is_err());
    drops.load(Ordering::Relaxed)
}
