//! What a broker hands out, and what it gets back.

use std::time::SystemTime;

use bytes::Bytes;

use crate::letter::Letter;
use crate::message::Message;
use crate::name::{ConsumerName, GroupName, QueueName};

/// Who receives: which queue, for which group, and as which of its consumers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subscription {
    queue: QueueName,
    group: GroupName,
    consumer: ConsumerName,
}

impl Subscription {
    /// Makes a subscription. No two consumers of a group that run at the same time have one name.
    #[must_use]
    pub fn new(queue: QueueName, group: GroupName, consumer: ConsumerName) -> Self {
        Self { queue, group, consumer }
    }

    /// Returns the queue.
    #[must_use]
    pub fn queue(&self) -> &QueueName {
        &self.queue
    }

    /// Returns the group.
    #[must_use]
    pub fn group(&self) -> &GroupName {
        &self.group
    }

    /// Returns the consumer.
    #[must_use]
    pub fn consumer(&self) -> &ConsumerName {
        &self.consumer
    }
}

/// The lease of one delivery: what its holder shows to settle, to extend or to release it.
///
/// A broker knows by its number whether the lease is the last one that it gave out: one that was taken over
/// settles nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    queue: QueueName,
    group: GroupName,
    item: Box<str>,
    lease: u64,
}

impl Receipt {
    /// Makes a receipt: `item` is what the broker knows the delivery by, and `lease` a number that it gives out once
    /// for each item.
    #[must_use]
    pub fn new(queue: QueueName, group: GroupName, item: impl Into<Box<str>>, lease: u64) -> Self {
        Self { queue, group, item: item.into(), lease }
    }

    /// Returns the queue.
    #[must_use]
    pub fn queue(&self) -> &QueueName {
        &self.queue
    }

    /// Returns the group.
    #[must_use]
    pub fn group(&self) -> &GroupName {
        &self.group
    }

    /// Returns what the broker knows the delivery by.
    #[must_use]
    pub fn item(&self) -> &str {
        &self.item
    }

    /// Returns the number of the lease.
    #[must_use]
    pub fn lease(&self) -> u64 {
        self.lease
    }
}

/// An event that a broker has handed out, under a lease.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The lease.
    pub receipt: Receipt,
    /// What was published.
    pub message: Message,
    /// What the last settlement left, or the letter that was replayed; nothing if there was neither.
    pub progress: Option<Bytes>,
    /// How many leases have ended without being settled or released, since the last settlement.
    pub deaths: u32,
}

impl Delivery {
    /// Makes a delivery, for brokers.
    #[must_use]
    pub fn new(receipt: Receipt, message: Message, progress: Option<Bytes>, deaths: u32) -> Self {
        Self { receipt, message, progress, deaths }
    }
}

/// What became of a delivery: the letters that it leaves, and how it goes on.
///
/// A settlement is applied as a whole or not at all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settlement {
    /// The lease.
    pub receipt: Receipt,
    /// The dead letters that are stored.
    pub letters: Vec<Letter>,
    /// How the delivery goes on.
    pub next: Next,
}

/// How a delivery goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing is left to do.
    Done,
    /// It is delivered again.
    Again {
        /// Not before that time.
        at: SystemTime,
        /// What the next delivery is given.
        progress: Option<Bytes>,
    },
}

impl Settlement {
    /// Nothing is left to do.
    #[must_use]
    pub fn done(receipt: Receipt) -> Self {
        Self { receipt, letters: Vec::new(), next: Next::Done }
    }

    /// The event is delivered again, with that progress.
    #[must_use]
    pub fn again(receipt: Receipt, at: SystemTime, progress: Option<Bytes>) -> Self {
        Self { receipt, letters: Vec::new(), next: Next::Again { at, progress } }
    }

    /// Stores a dead letter with it.
    #[must_use]
    pub fn with_letter(mut self, letter: Letter) -> Self {
        self.letters.push(letter);
        self
    }
}

/// Whether a settlement was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "what is not held was not settled"]
pub enum Settled {
    /// All of it.
    Applied,
    /// Nothing of it: the delivery was taken over by somebody else, or settled or released before.
    NotHeld,
}
