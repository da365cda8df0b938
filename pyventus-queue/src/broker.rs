//! Where events wait: the trait that a broker implements.

use std::future::Future;
use std::time::Duration;

use crate::backlog::{Backlog, QueueInfo};
use crate::capabilities::BrokerCapabilities;
use crate::counts::Counts;
use crate::delivery::{Delivery, Receipt, Settled, Settlement, Subscription};
use crate::error::{BrokerError, GroupError, LetterError, PublishError};
use crate::letter::{DeadLetter, LetterId, Page};
use crate::message::Message;
use crate::name::{GroupName, QueueName};

/// Stores the events of queues, and hands each of them out to every group.
///
/// A value is a connection, and a clone the same one. The bytes of a message mean nothing to a broker.
///
/// **Groups.** Each group of a queue gets every event; its consumers share them. A group is there from the first time
/// that somebody receives for it, and then gets everything that is still retained: an event is retained until there
/// is a group and every group has settled it. A group that nobody receives for any more therefore retains everything, until it
/// is [removed](Self::remove_group).
///
/// **Leases.** What is handed out is leased. Its holder settles it, extends the lease, or releases it. Once a lease has
/// ended, another consumer may take the event over, and that is counted as a death; until somebody has, it is still the
/// holder's to settle.
///
/// **Order.** None is promised.
///
/// **Cancel safety.** Dropping a future of these loses nothing: the operation took place, or it did not. What a dropped
/// [`receive`](Self::receive) had leased is handed out again when the lease ends.
///
/// **Errors.** [`BrokerError`] where the broker cannot be reached or fails.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a broker",
    label = "cannot store events",
    note = "use `MemoryBroker`, or implement `pyventus_queue::Broker`"
)]
pub trait Broker: Clone + Send + Sync + 'static {
    /// Returns what the broker promises beyond this contract, and where its limits are.
    fn capabilities(&self) -> BrokerCapabilities;

    /// Stores messages: all of them, or none. `Ok` means that they survive whatever the broker is able to survive.
    ///
    /// A message that is held back is not handed out before its time. Storing none at all does nothing.
    ///
    /// # Errors
    ///
    /// A message is beyond a limit of the broker; then none was sent. Or the broker failed; then it is not known
    /// whether they are stored.
    fn publish(
        &self,
        queue: &QueueName,
        messages: Vec<Message>,
    ) -> impl Future<Output = Result<(), PublishError>> + Send;

    /// Leases up to `max` events, and waits up to `wait` for the first of them.
    ///
    /// Makes the group if there is none of that name. Nothing is returned before there is an event, or `wait` is over.
    ///
    /// # Errors
    ///
    /// The broker failed; what it has leased by then is handed out again when the lease ends.
    fn receive(
        &self,
        subscription: &Subscription,
        max: usize,
        lease: Duration,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<Delivery>, BrokerError>> + Send;

    /// Settles deliveries, each by itself, and says of each whether it was settled.
    ///
    /// The letters of a settlement and how it goes on are applied together, or nothing of it is. A delivery that goes
    /// on is handed out without deaths.
    ///
    /// # Errors
    ///
    /// The broker failed; it is not known which of them are settled.
    fn settle(
        &self,
        settlements: Vec<Settlement>,
    ) -> impl Future<Output = Result<Vec<Settled>, BrokerError>> + Send;

    /// Lets leases end after that time, counted from now, and says of each whether it was still held.
    ///
    /// # Errors
    ///
    /// The broker failed; it is not known which of them are extended.
    fn extend(
        &self,
        receipts: &[Receipt],
        lease: Duration,
    ) -> impl Future<Output = Result<Vec<bool>, BrokerError>> + Send;

    /// Hands deliveries back, to be handed out at once as they were, and says of each whether it was still held. No
    /// death is counted.
    ///
    /// # Errors
    ///
    /// The broker failed; it is not known which of them are released.
    fn release(&self, receipts: &[Receipt]) -> impl Future<Output = Result<Vec<bool>, BrokerError>> + Send;

    /// Returns what became of the events of a group. For a group that is not there, what it would find.
    ///
    /// # Errors
    ///
    /// The broker failed.
    fn counts(
        &self,
        queue: &QueueName,
        group: &GroupName,
    ) -> impl Future<Output = Result<Counts, BrokerError>> + Send;

    /// Lists the dead letters of a group, in the order of their identities, which is about that of their deaths.
    ///
    /// # Errors
    ///
    /// The broker failed.
    fn letters(
        &self,
        queue: &QueueName,
        group: &GroupName,
        page: Page,
    ) -> impl Future<Output = Result<Vec<DeadLetter>, BrokerError>> + Send;

    /// Returns a dead letter, if it is there.
    ///
    /// # Errors
    ///
    /// The broker failed.
    fn letter(&self, id: LetterId) -> impl Future<Output = Result<Option<DeadLetter>, BrokerError>> + Send;

    /// Hands the event of a dead letter out again, to the group that gave it up and with what the letter says to resume
    /// with. In the same step, the letter is gone.
    ///
    /// An event that has other work left gets this in addition: both are handed out, and settled, each by itself.
    ///
    /// # Errors
    ///
    /// There is no such letter, because it was replayed before, say; or the broker failed.
    fn replay(&self, id: LetterId) -> impl Future<Output = Result<(), LetterError>> + Send;

    /// Drops a dead letter for good.
    ///
    /// # Errors
    ///
    /// There is no such letter, or the broker failed.
    fn drop_letter(&self, id: LetterId) -> impl Future<Output = Result<(), LetterError>> + Send;

    /// Lists the queues that have events or groups, in the order of their names.
    ///
    /// What is published, joined or removed meanwhile may be seen or not.
    ///
    /// # Errors
    ///
    /// The broker failed.
    fn queues(&self) -> impl Future<Output = Result<Vec<QueueInfo>, BrokerError>> + Send;

    /// Returns where the deliveries are that a group has left. A group that is not there has none.
    ///
    /// # Errors
    ///
    /// The broker failed.
    fn backlog(
        &self,
        queue: &QueueName,
        group: &GroupName,
    ) -> impl Future<Output = Result<Backlog, BrokerError>> + Send;

    /// Removes a group for good, with everything that it has left and with its dead letters, and returns what had become of
    /// its events until then.
    ///
    /// It takes place as a whole. An event that another group has left stays for that one; one that no other group has left is
    /// gone, also where this was the last group of the queue. What is published after that is retained for the next group.
    ///
    /// A lease of the group settles nothing any more, unless a group of that name hands the same event out again. Stop the
    /// workers of a group first: whoever receives for it makes it anew, with what is retained then.
    ///
    /// # Errors
    ///
    /// There is no such group, or the broker failed.
    fn remove_group(
        &self,
        queue: &QueueName,
        group: &GroupName,
    ) -> impl Future<Output = Result<Counts, GroupError>> + Send;
}
