//! What is left in a broker: its queues with their groups, and what each group has left.

use std::fmt;

use crate::name::{GroupName, QueueName};

/// A queue, with its groups.
///
/// # Examples
///
/// ```
/// use pyventus_queue::{Broker, MemoryBroker, Message, MessageId, QueueName};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let broker = MemoryBroker::new(1_000);
/// broker.publish(&QueueName::new("orders")?, vec![Message::new(MessageId::new(), "an envelope")]).await?;
/// for queue in broker.queues().await? {
///     assert_eq!((queue.name.as_str(), queue.groups.len(), queue.retained), ("orders", 0, 1));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueInfo {
    /// What it is called.
    pub name: QueueName,
    /// Its groups, in the order of their names.
    pub groups: Vec<GroupName>,
    /// The events that some group has not settled, or all of them while there is no group: what a new group would get.
    pub retained: u64,
}

impl QueueInfo {
    /// Describes a queue, for brokers; the groups may come in any order.
    #[must_use]
    pub fn new(name: QueueName, mut groups: Vec<GroupName>, retained: u64) -> Self {
        groups.sort_unstable();
        Self { name, groups, retained }
    }

    /// Returns whether there is something in the queue: otherwise it is not listed.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.retained > 0 || !self.groups.is_empty()
    }
}

/// Where the deliveries are that a group has left, in numbers.
///
/// An event has one delivery, and one more for each of its letters that was replayed beside it: there are at least as many as
/// [pending](crate::Counts::pending) events.
///
/// # Examples
///
/// ```
/// use pyventus_queue::Backlog;
///
/// let mut backlog = Backlog::default();
/// (backlog.waiting, backlog.leased) = (7, 2);
/// assert_eq!(backlog.to_string(), "waiting=7 delayed=0 leased=2");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// Those that can be handed out.
    pub waiting: u64,
    /// Those that are held back, or were settled for later, until some time that is to come.
    pub delayed: u64,
    /// Those that were handed out, and neither settled nor released nor taken over since: whoever has them may have died.
    pub leased: u64,
}

impl fmt::Display for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { waiting, delayed, leased } = self;
        write!(f, "waiting={waiting} delayed={delayed} leased={leased}")
    }
}
