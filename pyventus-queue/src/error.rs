//! How a broker fails.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use crate::letter::LetterId;
use crate::name::{GroupName, QueueName};

/// A broker could not do what it was asked to: it cannot be reached, say, or its disk is full.
///
/// It is not known whether the operation took place, unless the broker says so. Asking again is safe for everything
/// but publishing, which may then store a message twice.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the broker failed to {operation}")]
pub struct BrokerError {
    operation: &'static str,
    // Shared: one failure to publish is that of many events.
    source: Arc<dyn StdError + Send + Sync>,
}

impl BrokerError {
    /// An operation, such as `publish`, failed.
    pub fn new(operation: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { operation, source: source.into().into() }
    }

    /// Returns which operation failed.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }
}

/// Messages were not published. Unless the broker itself failed, none of them was stored.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// A message is too large for the broker; none was sent.
    #[error("message {index} has {size} bytes, and the broker takes at most {limit}")]
    TooLarge {
        /// Which of the messages it is.
        index: usize,
        /// How many bytes it has.
        size: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A message is to be held back for too long; none was sent.
    #[error("message {index} is to be held back for {delay:?}, and the broker does so for at most {limit:?}")]
    DelayTooLong {
        /// Which of the messages it is.
        index: usize,
        /// How long it is to be held back.
        delay: Duration,
        /// How long it may be.
        limit: Duration,
    },
    /// The queue is full; none was stored.
    #[error("the queue is full: it holds at most {capacity} events")]
    Full {
        /// How many events the queue holds.
        capacity: usize,
    },
    /// The broker failed; it is not known whether the messages were stored.
    #[error(transparent)]
    Broker(#[from] BrokerError),
}

/// A dead letter could neither be replayed nor dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LetterError {
    /// There is no such letter: there never was, or it was replayed or dropped.
    #[error("there is no dead letter {0}")]
    Unknown(LetterId),
    /// The broker failed.
    #[error(transparent)]
    Broker(#[from] BrokerError),
}

/// A group could not be removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// There is no such group: there never was, or it was removed.
    #[error("the queue {queue:?} has no group {group:?}")]
    #[non_exhaustive]
    Unknown {
        /// The queue.
        queue: QueueName,
        /// The group.
        group: GroupName,
    },
    /// The broker failed.
    #[error(transparent)]
    Broker(#[from] BrokerError),
}

impl GroupError {
    /// There is no such group, for brokers.
    #[must_use]
    pub fn unknown(queue: &QueueName, group: &GroupName) -> Self {
        Self::Unknown { queue: queue.clone(), group: group.clone() }
    }
}
