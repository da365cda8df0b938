//! What comes into the file of a shop: orders, and letters that nobody has to fail for.

use std::time::{Duration, SystemTime};

use pyventus::queue::{
    Attempt, Broker, ConsumerName, DeadReason, GroupName, Letter, Message, MessageId, QueueBackend,
    QueueName, Settlement, Subscription,
};
use pyventus::sqlite::SqliteBroker;
use pyventus::{Event, EventEmitter};
use serde::{Deserialize, Serialize};

use crate::process::Place;

#[derive(Serialize, Deserialize, Event)]
#[event(name = "order.placed")]
struct OrderPlaced {
    id: u64,
    card: String,
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Does something with the broker of a place.
pub(crate) fn with<T>(place: &Place, act: impl AsyncFnOnce(&SqliteBroker) -> T) -> T {
    block_on(async {
        let broker = SqliteBroker::open(place.file()).await.unwrap();
        let done = act(&broker).await;
        broker.close().await;
        done
    })
}

/// Places orders that are paid with these cards.
pub(crate) fn place_orders(place: &Place, cards: &[&str]) {
    with(place, async |broker| place_orders_at(broker, cards).await);
}

/// Places orders wherever events are kept.
pub(crate) async fn place_orders_at(broker: &impl Broker, cards: &[&str]) {
    let emitter = EventEmitter::new(QueueBackend::new(broker.clone()));
    for (id, card) in (1..).zip(cards) {
        emitter.emit(OrderPlaced { id, card: (*card).to_owned() }).await.unwrap();
    }
}

/// Publishes events of any bytes, and gives them up as a whole.
pub(crate) fn give_up(place: &Place, group: &str, bodies: Vec<Vec<u8>>, error: &str) {
    with(place, async |broker| {
        let (queue, group) = (QueueName::default(), GroupName::new(group).unwrap());
        let wanted = bodies.len();
        let messages = bodies.into_iter().map(|body| Message::new(MessageId::new(), body)).collect();
        broker.publish(&queue, messages).await.unwrap();
        let subscription = Subscription::new(queue, group, ConsumerName::new("test").unwrap());
        let mut given_up = 0;
        while given_up < wanted {
            let (lease, wait) = (Duration::from_mins(1), Duration::from_mins(1));
            let deliveries = broker.receive(&subscription, wanted - given_up, lease, wait).await.unwrap();
            given_up += deliveries.len();
            let letter = || {
                let attempt = Attempt { at: SystemTime::now(), error: error.to_owned() };
                Letter::of_event(DeadReason::Undecodable, "").with_history(0, vec![attempt])
            };
            let settlements = deliveries
                .into_iter()
                .map(|delivery| Settlement::done(delivery.receipt).with_letter(letter()));
            let settled = broker.settle(settlements.collect()).await.unwrap();
            assert!(settled.iter().all(|settled| *settled == pyventus::queue::Settled::Applied));
        }
    });
}
