//! The backend whose emissions are published, and handled by workers.

mod pack;
mod outbox;
mod publisher;
mod guardian;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyventus_core::{
    Backend, BackendId, Capabilities, Capability, Event, EventCodec, EventEmission, SubmitError,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::broker::Broker;
use crate::envelope::{Source, TraceParent};
use crate::known::Known;
use crate::message::Message;
use crate::name::{InvalidName, QueueName};
use crate::seal::Seal;
use crate::signature::Keyring;

use guardian::Guardians;
use outbox::{Item, Outbox};

pub use outbox::OutboxError;
pub use pack::EnvelopeError;

/// How many events wait for the broker, unless the program says otherwise.
const CAPACITY: usize = 65_536;

/// Publishes what is emitted; [workers](crate::Worker) handle it, in this program or in others.
///
/// An emission becomes an [`Envelope`](crate::Envelope), which a broker stores. Its handlers are those that the workers
/// link: the program that emits need not have any. Its handle resolves when the broker has accepted the event, to a report
/// without outcomes, or to an error if it has not; an error that nobody looks at is logged.
///
/// **What travels.** Texts, and typed events that are declared with `#[derive(Event)]` and have `serde::Serialize` and
/// `serde::Deserialize`; both with arguments. Anything else is refused by `emit` with an [`EnvelopeError`], as are events
/// beyond the limits of the broker with a [`PublishError`](crate::PublishError); nothing was sent then, and the error gives the
/// emission back.
///
/// **Asynchronous code**, inside of a tokio runtime: `emit` returns at once. Await the handle to know that the event is
/// stored. Events that wait for the broker are published together, in the order they were emitted; at most
/// [`capacity`](Self::capacity) of them wait, and more are refused with [`OutboxError::Full`]: who awaits handles is held
/// back instead. A runtime that ends waits up to five seconds until everything was published that was emitted on it; what
/// is left then is logged.
///
/// **Synchronous code**, elsewhere: `emit` returns when the broker has accepted the event, or has not; where too many events
/// wait, it waits for its turn. What several threads emit is published together.
///
/// Publishing has a thread of its own, which starts with the first emission and ends with the last clone of the backend.
/// A broker that fails is asked once: what to do then is up to who emits.
///
/// A clone is the same backend. What is set on it holds for that clone alone, unless it says otherwise: clones may publish
/// into different queues.
///
/// # Examples
///
/// ```
/// use pyventus_core::EventEmitter;
/// use pyventus_queue::{Broker, GroupName, MemoryBroker, QueueBackend, QueueName};
///
/// let broker = MemoryBroker::new(1_000);
/// let emitter = EventEmitter::new(QueueBackend::new(broker.clone()).queue("orders")?);
/// emitter.emit("order.placed").wait()?; // Synchronous code: it is stored.
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// emitter.emit("order.placed").await?;
/// let counts = broker.counts(&QueueName::new("orders")?, &GroupName::new("billing")?).await?;
/// assert_eq!(counts.pending, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct QueueBackend<B: Broker> {
    options: Options,
    desk: Arc<Desk<B>>,
}

/// How emissions become messages.
#[derive(Clone)]
struct Options {
    queue: QueueName,
    source: Source,
    seal: Arc<Seal>,
    known: Known,
    delay: Option<Duration>,
    trace_parent: Option<Arc<dyn Fn() -> Option<TraceParent> + Send + Sync>>,
}

/// What the clones of a backend share.
struct Desk<B: Broker> {
    broker: B,
    outbox: Arc<Outbox>,
    guardians: Guardians,
    is_started: AtomicBool,
    starting: Mutex<()>,
}

impl<B: Broker> QueueBackend<B> {
    /// Returns a backend that publishes into the queue `events`, unsigned, as a program of the name of its executable.
    #[must_use]
    pub fn new(broker: B) -> Self {
        let options = Options {
            queue: QueueName::default(),
            source: program(),
            seal: Arc::default(),
            known: Known::default(),
            delay: None,
            trace_parent: None,
        };
        let desk = Desk {
            broker,
            outbox: Arc::new(Outbox::new(CAPACITY)),
            guardians: Guardians::default(),
            is_started: AtomicBool::new(false),
            starting: Mutex::default(),
        };
        Self { options, desk: Arc::new(desk) }
    }

    /// Publishes into the queue of that name.
    ///
    /// # Errors
    ///
    /// No queue can have that name.
    pub fn queue(mut self, name: impl AsRef<str>) -> Result<Self, InvalidName> {
        self.options.queue = QueueName::new(name)?;
        Ok(self)
    }

    /// Says which program emits.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.options.source = source;
        self
    }

    /// Signs envelopes, with the codec that programs use unless they say otherwise.
    #[must_use]
    pub fn keyring(self, keyring: Keyring) -> Self {
        self.seal(Seal::default().with_keyring(keyring))
    }

    /// Seals envelopes that way; workers need one that opens them.
    #[must_use]
    pub fn seal(mut self, seal: Seal) -> Self {
        self.options.seal = Arc::new(seal);
        self
    }

    /// Sends events of a type that is not declared: one with an `Event` that was written by hand, say. Workers have to be
    /// told of it, too: see [`Worker::event`](crate::Worker::event).
    #[must_use]
    pub fn event<T: Event + Serialize + DeserializeOwned>(mut self) -> Self {
        self.options.known.add(EventCodec::of::<T>());
        self
    }

    /// Sends events as a worker receives them.
    pub(crate) fn alike(mut self, queue: &QueueName, seal: &Arc<Seal>, known: &Known) -> Self {
        self.options.queue = queue.clone();
        self.options.seal = Arc::clone(seal);
        self.options.known = known.clone();
        self
    }

    /// Holds events back for that time, counted from `emit`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use pyventus_core::EventEmitter;
    /// use pyventus_queue::{MemoryBroker, QueueBackend};
    ///
    /// let backend = QueueBackend::new(MemoryBroker::new(1_000));
    /// let (now, tomorrow) = (
    ///     EventEmitter::new(backend.clone()),
    ///     EventEmitter::new(backend.delayed(Duration::from_hours(24))),
    /// );
    /// now.emit("order.placed").wait()?;
    /// tomorrow.emit("order.reminder").wait()?;
    /// # Ok::<(), pyventus_core::EmitError>(())
    /// ```
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.options.delay = Some(delay);
        self
    }

    /// Asks a function, on the thread that emits, which span an emission is a part of.
    ///
    /// Unless there is one, it is the span of the emission or the current one, with the feature `opentelemetry` and where
    /// the program has a layer of `tracing-opentelemetry`; else [that of the event](TraceParent::current) whose handler
    /// emits.
    #[must_use]
    pub fn trace_parent(mut self, current: impl Fn() -> Option<TraceParent> + Send + Sync + 'static) -> Self {
        self.options.trace_parent = Some(Arc::new(current));
        self
    }

    /// Sets how many events wait for the broker at most, those of all clones together: 65,536 unless it is said, and at
    /// least one.
    #[must_use]
    pub fn capacity(self, events: usize) -> Self {
        self.desk.outbox.set_capacity(events.max(1));
        self
    }

    /// Waits until the broker has accepted, or refused, everything that was emitted so far, by any clone.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost where the future is dropped.
    pub async fn flush(&self) {
        self.desk.outbox.flush().await;
    }

    /// Refuses further emissions, waits up to that time for those that the broker has not accepted, and returns how many
    /// are left. They are still published, unless the program ends.
    ///
    /// # Panics
    ///
    /// It is polled outside of a tokio runtime that has its timers enabled.
    ///
    /// # Cancel safety
    ///
    /// Where the future is dropped, the backend stays closed.
    pub async fn close(&self, deadline: Duration) -> usize {
        self.desk.outbox.close();
        let _elapsed = timeout(deadline, self.flush()).await;
        usize::try_from(self.desk.outbox.left()).unwrap_or(usize::MAX)
    }
}

impl<B: Broker> Backend for QueueBackend<B> {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        match pack::message(&self.options, &emission) {
            Ok(message) => self.desk.submit(self.options.queue.clone(), message, emission),
            Err(error) => Err(SubmitError::refused(emission, error)),
        }
    }

    fn name(&self) -> &'static str {
        "QueueBackend"
    }

    fn capabilities(&self) -> Capabilities {
        // Publishing waits for no handler.
        Capabilities::NONE
            .with(Capability::Elsewhere)
            .with(Capability::Isolated)
            .with(Capability::AwaitsNested)
    }

    fn id(&self) -> BackendId {
        BackendId::of(&*self.desk)
    }
}

impl<B: Broker> Desk<B> {
    fn submit(&self, queue: QueueName, message: Message, emission: EventEmission) -> Result<(), SubmitError> {
        if let Err(error) = self.broker.capabilities().check(std::slice::from_ref(&message)) {
            return Err(SubmitError::refused(emission, error));
        }
        if let Err(error) = self.start() {
            return Err(SubmitError::refused(emission, error));
        }
        let Ok(runtime) = Handle::try_current() else {
            return self.submit_blocking(queue, message, emission);
        };
        self.put(Item { queue, message, emission, reply: None }, false)?;
        self.guardians.guard(&runtime, &self.outbox);
        Ok(())
    }

    /// Waits for what the broker says.
    fn submit_blocking(
        &self,
        queue: QueueName,
        message: Message,
        emission: EventEmission,
    ) -> Result<(), SubmitError> {
        let (reply, replied) = sync_channel(1);
        self.put(Item { queue, message, emission, reply: Some(reply) }, true)?;
        match replied.recv() {
            Ok((emission, Ok(()))) => {
                emission.accepted();
                Ok(())
            }
            Ok((emission, Err(error))) => Err(SubmitError::refused(emission, error)),
            Err(gone) => Err(SubmitError::lost(gone)),
        }
    }

    fn put(&self, item: Item, may_block: bool) -> Result<(), SubmitError> {
        let put = self.outbox.put(item, may_block);
        put.map_err(|(item, error)| SubmitError::refused(item.emission, error))
    }

    /// Starts the thread that publishes, once.
    fn start(&self) -> Result<(), OutboxError> {
        if self.is_started.load(Ordering::Acquire) {
            return Ok(());
        }
        let _starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_started.load(Ordering::Acquire) {
            publisher::start(Arc::clone(&self.outbox), self.broker.clone())?;
            self.is_started.store(true, Ordering::Release);
        }
        Ok(())
    }
}

impl<B: Broker> Drop for Desk<B> {
    fn drop(&mut self) {
        // An emission that waits holds its backend: nothing is left.
        self.outbox.abandon();
        self.guardians.end();
    }
}

/// The name of the executable.
fn program() -> Source {
    let path = std::env::current_exe().unwrap_or_default();
    Source::of_name(&path.file_stem().unwrap_or_default().to_string_lossy())
}

impl<B: Broker> Clone for QueueBackend<B> {
    fn clone(&self) -> Self {
        Self { options: self.options.clone(), desk: Arc::clone(&self.desk) }
    }
}

impl<B: Broker> fmt::Debug for QueueBackend<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueBackend")
            .field("queue", &self.options.queue)
            .field("source", &self.options.source)
            .field("seal", &self.options.seal)
            .field("delay", &self.options.delay)
            .field("waiting", &self.desk.outbox.left())
            .finish_non_exhaustive()
    }
}
