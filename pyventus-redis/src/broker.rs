//! The broker.

use std::sync::Arc;
use std::time::Duration;

use pyventus_queue::{
    Backlog, Broker, BrokerCapabilities, BrokerError, Counts, DeadLetter, Delivery, GroupError, GroupName,
    LetterError, LetterId, Message, Page, PublishError, QueueInfo, QueueName, Receipt, Settled, Settlement,
    Subscription,
};

use crate::error::{ConnectError, StepError};
use crate::keys::Keys;
use crate::letters;
use crate::link::Link;
use crate::options::RedisOptions;
use crate::place::{Part, Place, Places, answer};
use crate::publish;
use crate::queues::{self, Remembered};
use crate::receive::Request;
use crate::script::SCRIPTS;
use crate::server::Server;
use crate::settle;
use crate::wire;

/// Keeps events in a Redis server, of version 7 or newer.
///
/// It keeps the contract of all brokers; see [`Broker`]. What was published is on the server, and as safe as the server
/// keeps its data: with `appendfsync always` it survives everything but the disk, with `everysec` and without any file the
/// last second, or all of it, goes with the server. The broker declares to be durable where the server appends to a file.
///
/// **Connections.** All operations on one runtime share one connection, and many at a time are written together. Who waits
/// for events waits over another one. A connection that breaks is made anew, with a delay that grows; an operation that finds none
/// tries for the [patience](RedisOptions::patience) of the broker. What may have reached the server is not sent again.
/// Whoever waits for events goes on waiting.
///
/// **Runtime.** It needs a runtime of tokio, with its timers and sockets.
///
/// **Leases** last up to a sixteenth longer than they were asked for; where an event was waited for, it may be another
/// sixteenth, or 20 ms if that is less, before it is taken over. **Times** are those of the server.
///
/// A clone is the same broker.
///
/// # Examples
///
/// ```no_run
/// use pyventus_queue::{Broker, Message, MessageId, QueueName};
/// use pyventus_redis::RedisBroker;
///
/// # async fn publish() -> Result<(), Box<dyn std::error::Error>> {
/// let broker = RedisBroker::connect("redis://127.0.0.1:6379").await?;
/// let orders = QueueName::new("orders")?;
/// broker.publish(&orders, vec![Message::new(MessageId::new(), "an envelope")]).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RedisBroker {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    link: Arc<Link>,
    keys: Keys,
    queues: Arc<str>,
    places: Places,
    remembered: Remembered,
    capabilities: BrokerCapabilities,
}

impl RedisBroker {
    /// Connects to a server, such as `redis://127.0.0.1:6379` or `redis://user:password@host:6379/1`.
    ///
    /// # Errors
    ///
    /// The address is none; the server cannot be reached, refuses whoever connects, is too old, or throws data away when
    /// its memory is full.
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, ConnectError> {
        Self::options().connect(url).await
    }

    /// How to connect.
    pub fn options() -> RedisOptions {
        RedisOptions::default()
    }

    fn place(&self, queue: &QueueName, group: &GroupName) -> Arc<Place> {
        self.inner.places.of(&self.inner.keys, queue, group)
    }

    fn parts<T>(
        &self,
        things: impl IntoIterator<Item = T>,
        receipt: impl Fn(&T) -> &Receipt,
    ) -> Vec<Part<T>> {
        Part::divide(things, receipt, |queue, group| self.place(queue, group))
    }
}

impl RedisOptions {
    /// Connects; see [`RedisBroker::connect`].
    ///
    /// # Errors
    ///
    /// The address is none; the server cannot be reached, refuses whoever connects, is too old, or throws data away when
    /// its memory is full.
    pub async fn connect(self, url: impl AsRef<str>) -> Result<RedisBroker, ConnectError> {
        let client = redis::Client::open(url.as_ref()).map_err(ConnectError::Address)?;
        let link = Arc::new(Link::new(client, self.patience, self.timeout));
        let server = Server::ask(&link).await?;
        server.will_do(link.server())?;
        let capabilities = BrokerCapabilities::NONE.max_payload(self.max_payload);
        let capabilities = if server.appends { capabilities.durable() } else { capabilities };
        let keys = Keys::new(&self.prefix);
        let queues = keys.queues().into();
        let (places, remembered) = (Places::default(), Remembered::default());
        let inner = Inner { link, keys, queues, places, remembered, capabilities };
        Ok(RedisBroker { inner: Arc::new(inner) })
    }
}

impl Broker for RedisBroker {
    fn capabilities(&self) -> BrokerCapabilities {
        self.inner.capabilities
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Result<(), PublishError> {
        let Inner { link, keys, remembered, capabilities, .. } = &*self.inner;
        capabilities.check(&messages)?;
        if messages.is_empty() {
            return Ok(());
        }
        remembered.remember(link, keys, queue).await.map_err(failed("publish"))?;
        let published = publish::publish(link, keys, queue, &messages).await;
        published.map_err(|error| failed("publish")(error).into())
    }

    async fn receive(
        &self,
        subscription: &Subscription,
        max: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let place = self.place(subscription.queue(), subscription.group());
        let (link, queues) = (Arc::clone(&self.inner.link), Arc::clone(&self.inner.queues));
        let request = Request::new(link, place, queues, max, lease, wait);
        request.receive().await.map_err(failed("receive"))
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<Vec<Settled>, BrokerError> {
        let mut answers = vec![Settled::NotHeld; settlements.len()];
        for Part { place, things, positions } in self.parts(settlements, |settlement| &settlement.receipt) {
            let settled = settle::settle(&self.inner.link, &place, things).await;
            answer(&mut answers, positions, settled.map_err(failed("settle"))?);
        }
        Ok(answers)
    }

    async fn extend(&self, receipts: &[Receipt], lease: Duration) -> Result<Vec<bool>, BrokerError> {
        let mut answers = vec![false; receipts.len()];
        for Part { place, things, positions } in self.parts(receipts, |receipt| receipt) {
            let extended = settle::extend(&self.inner.link, &place, &things, lease).await;
            answer(&mut answers, positions, extended.map_err(failed("extend"))?);
        }
        Ok(answers)
    }

    async fn release(&self, receipts: &[Receipt]) -> Result<Vec<bool>, BrokerError> {
        let mut answers = vec![false; receipts.len()];
        for Part { place, things, positions } in self.parts(receipts, |receipt| receipt) {
            let released = settle::release(&self.inner.link, &place, &things).await;
            answer(&mut answers, positions, released.map_err(failed("release"))?);
        }
        Ok(answers)
    }

    async fn counts(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, BrokerError> {
        let (link, place) = (&self.inner.link, self.place(queue, group));
        let script = &SCRIPTS.counts;
        let reply = link.script(script, place.keys.all(), |command| {
            command.arg(group.as_str());
        });
        let counts =
            reply.await.and_then(|reply| wire::counts(reply).ok_or_else(|| link.strange(script.step)));
        counts.map_err(failed("count"))
    }

    async fn letters(
        &self,
        queue: &QueueName,
        group: &GroupName,
        page: Page,
    ) -> Result<Vec<DeadLetter>, BrokerError> {
        letters::list(&self.inner.link, &self.place(queue, group), page).await.map_err(failed("list letters"))
    }

    async fn letter(&self, id: LetterId) -> Result<Option<DeadLetter>, BrokerError> {
        letters::find(&self.inner.link, &self.inner.keys, id).await.map_err(failed("find a letter"))
    }

    async fn replay(&self, id: LetterId) -> Result<(), LetterError> {
        let Inner { link, keys, places, .. } = &*self.inner;
        let replayed = letters::replay(link, keys, places, id).await.map_err(failed("replay a letter"))?;
        if replayed { Ok(()) } else { Err(LetterError::Unknown(id)) }
    }

    async fn drop_letter(&self, id: LetterId) -> Result<(), LetterError> {
        let Inner { link, keys, places, .. } = &*self.inner;
        let dropped = letters::drop(link, keys, places, id).await.map_err(failed("drop a letter"))?;
        if dropped { Ok(()) } else { Err(LetterError::Unknown(id)) }
    }

    async fn queues(&self) -> Result<Vec<QueueInfo>, BrokerError> {
        queues::list(&self.inner.link, &self.inner.keys).await.map_err(failed("list queues"))
    }

    async fn backlog(&self, queue: &QueueName, group: &GroupName) -> Result<Backlog, BrokerError> {
        let backlog = queues::backlog(&self.inner.link, &self.place(queue, group)).await;
        backlog.map_err(failed("count what is left"))
    }

    async fn remove_group(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, GroupError> {
        let removed = queues::remove(&self.inner.link, &self.place(queue, group)).await;
        removed.map_err(failed("remove a group"))?.ok_or_else(|| GroupError::unknown(queue, group))
    }
}

fn failed(operation: &'static str) -> impl Fn(StepError) -> BrokerError {
    move |error| BrokerError::new(operation, error)
}
