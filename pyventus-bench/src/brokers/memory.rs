//! `MemoryBroker`, over a channel.

use std::sync::Arc;

use pyventus::queue::MemoryBroker;
use tokio::sync::{Mutex, mpsc};

use crate::race::Race;

use super::parcel::envelope;
use super::store::{Drain, Store};
use super::{AT_A_TIME, Ground, TASKS, TOGETHER, handling, latency, publishing, race};

/// More than a sample has.
const CAPACITY: usize = 100_000_000;

struct Memory;

impl Ground for Memory {
    type Broker = MemoryBroker;

    async fn open(&self) -> MemoryBroker {
        MemoryBroker::new(CAPACITY)
    }

    fn named(&self, case: &str) -> String {
        format!("memory_{case}")
    }
}

pub(super) fn races(quick: bool) -> Vec<Race> {
    let channel = async |_: &Memory| Channel::new().await;
    let publishing = race(
        "publishing, memory".into(),
        quick,
        || Memory,
        move |lab| {
            let floor = lab.named("channel_send");
            let mut contenders = vec![
                publishing::one_by_one(lab, &floor, channel),
                publishing::by_tasks(lab, &floor, channel),
                publishing::together(lab, &floor, TOGETHER, channel),
            ];
            contenders.extend(publishing::contenders(lab, "channel_send", ("channel_send", TASKS)));
            contenders
        },
    );
    let handling = race(
        "handling, memory".into(),
        quick,
        || Memory,
        move |lab| {
            let (drain, flow) = ("channel_drain", "channel_flow");
            let mut contenders = handling::floors(lab, drain, flow, channel);
            contenders.extend(handling::contenders(lab, handling::USUAL, (drain, AT_A_TIME), (flow, TASKS)));
            contenders.extend(latency::contenders(lab, quick, 1_000, (flow, TASKS)));
            contenders
        },
    );
    vec![publishing, handling]
}

/// A channel, of which whoever drains it is the only one.
#[derive(Clone)]
struct Channel {
    body: Arc<[u8]>,
    sender: mpsc::UnboundedSender<Vec<u8>>,
    received: Arc<Mutex<mpsc::UnboundedReceiver<Vec<u8>>>>,
}

impl Channel {
    async fn new() -> Self {
        let (sender, received) = mpsc::unbounded_channel();
        Self { body: envelope().await.into(), sender, received: Arc::new(Mutex::new(received)) }
    }
}

impl Store for Channel {
    async fn add(&self, events: usize) {
        for _ in 0..events {
            self.sender.send(self.body.to_vec()).expect("it is drained");
        }
    }
}

impl Drain for Channel {
    async fn drain(&self, events: usize) {
        let (mut received, mut left) = (self.received.lock().await, events);
        let mut batch = Vec::with_capacity(AT_A_TIME);
        while left > 0 {
            left -= received.recv_many(&mut batch, AT_A_TIME).await;
            batch.clear();
        }
    }
}
