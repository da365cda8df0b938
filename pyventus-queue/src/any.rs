//! A broker of a kind that is chosen at run time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::backlog::{Backlog, QueueInfo};
use crate::broker::Broker;
use crate::capabilities::BrokerCapabilities;
use crate::counts::Counts;
use crate::delivery::{Delivery, Receipt, Settled, Settlement, Subscription};
use crate::error::{BrokerError, GroupError, LetterError, PublishError};
use crate::letter::{DeadLetter, LetterId, Page};
use crate::message::Message;
use crate::name::{GroupName, QueueName};

/// A broker of whichever kind: for programs whose configuration says where events are kept.
///
/// It does what the broker does that it was made of; each operation costs one allocation more. A clone is the same connection.
///
/// # Examples
///
/// ```
/// use pyventus_queue::{AnyBroker, MemoryBroker, Worker};
///
/// // From a file of settings, say.
/// let broker = match "memory" {
///     "memory" => AnyBroker::new(MemoryBroker::new(1_000)),
///     other => panic!("there is no broker {other:?}"),
/// };
/// let worker = Worker::new(broker).group("billing");
/// # drop(worker);
/// ```
#[derive(Clone)]
pub struct AnyBroker(Arc<dyn Erased>);

impl AnyBroker {
    /// Takes a broker in.
    pub fn new(broker: impl Broker) -> Self {
        Self(Arc::new(broker))
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes the trait that has the operations of a broker behind a pointer, and ties it to [`Broker`] on both sides. What an
/// operation borrows is in brackets.
macro_rules! erased {
    ($(fn $name:ident[$($borrowed:ident: $whole:ty),*]($($owned:ident: $part:ty),*) -> $answer:ty;)+) => {
        #[expect(clippy::elidable_lifetime_names, reason = "some operations borrow nothing but the broker")]
        trait Erased: Send + Sync {
            fn capabilities(&self) -> BrokerCapabilities;

            $(fn $name<'a>(&'a self $(, $borrowed: &'a $whole)* $(, $owned: $part)*) -> Answer<'a, $answer>;)+
        }

        #[expect(clippy::elidable_lifetime_names, reason = "some operations borrow nothing but the broker")]
        impl<B: Broker> Erased for B {
            fn capabilities(&self) -> BrokerCapabilities {
                Broker::capabilities(self)
            }

            $(fn $name<'a>(&'a self $(, $borrowed: &'a $whole)* $(, $owned: $part)*) -> Answer<'a, $answer> {
                Box::pin(Broker::$name(self $(, $borrowed)* $(, $owned)*))
            })+
        }

        impl Broker for AnyBroker {
            fn capabilities(&self) -> BrokerCapabilities {
                self.0.capabilities()
            }

            $(async fn $name(&self $(, $borrowed: &$whole)* $(, $owned: $part)*) -> $answer {
                self.0.$name($($borrowed,)* $($owned),*).await
            })+
        }
    };
}

erased! {
    fn publish[queue: QueueName](messages: Vec<Message>) -> Result<(), PublishError>;
    fn receive[subscription: Subscription](max: usize, lease: Duration, wait: Duration) -> Result<Vec<Delivery>, BrokerError>;
    fn settle[](settlements: Vec<Settlement>) -> Result<Vec<Settled>, BrokerError>;
    fn extend[receipts: [Receipt]](lease: Duration) -> Result<Vec<bool>, BrokerError>;
    fn release[receipts: [Receipt]]() -> Result<Vec<bool>, BrokerError>;
    fn counts[queue: QueueName, group: GroupName]() -> Result<Counts, BrokerError>;
    fn letters[queue: QueueName, group: GroupName](page: Page) -> Result<Vec<DeadLetter>, BrokerError>;
    fn letter[](id: LetterId) -> Result<Option<DeadLetter>, BrokerError>;
    fn replay[](id: LetterId) -> Result<(), LetterError>;
    fn drop_letter[](id: LetterId) -> Result<(), LetterError>;
    fn queues[]() -> Result<Vec<QueueInfo>, BrokerError>;
    fn backlog[queue: QueueName, group: GroupName]() -> Result<Backlog, BrokerError>;
    fn remove_group[queue: QueueName, group: GroupName]() -> Result<Counts, GroupError>;
}

impl fmt::Debug for AnyBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyBroker").field("capabilities", &self.0.capabilities()).finish_non_exhaustive()
    }
}
