//! Workers: they receive events, and run the handlers of their program.

mod read;
mod attempt;
mod course;
#[cfg(feature = "metrics")]
mod depth;
mod event;
mod receiver;
mod leases;
mod settler;
mod shared;
mod handle;
#[cfg(feature = "signal")]
mod signals;
mod pause;
mod options;
mod summary;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use pyventus_core::{Event, EventCodec, EventEmitter, Retry};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;
use tracing::Span;
use uuid::Uuid;

use crate::backend::QueueBackend;
use crate::broker::Broker;
use crate::delivery::Subscription;
use crate::envelope::TraceParent;
use crate::meter::Meter;
use crate::name::{ConsumerName, GroupName, InvalidName, QueueName};
use crate::seal::Seal;
use crate::signature::Keyring;

use leases::Leases;
use options::Options;
use settler::Settler;
use shared::{Pace, Shared, briefly};

pub use handle::WorkerHandle;
pub use summary::Summary;

/// Receives events for a group, and runs the handlers of its program.
///
/// **Handlers** are those of the linker of its emitter, of [`EventLinker::global`](pyventus_core::EventLinker::global) unless
/// another [emitter](Self::emitter) is given: the same annotated functions that run locally. Those of one event are started in
/// their order and run beside one another. Handlers that were declared `blocking` run on threads that may block; others
/// run on the threads of the runtime, and should not hold them up.
///
/// **Once is not promised.** An event is handled at least once: where a worker dies, or loses its lease, all handlers
/// of the event that were not settled run again. What a handler does twice should be the same as once; the
/// [identity](pyventus_core::Context::id) of the emission tells whether it was seen.
///
/// **Failures.** Only the handlers that failed run again, each after a pause of its own, as `retry(..)` of its attribute
/// says, or [`retry`](Self::retry). After the last attempt, or a [`Permanent`](pyventus_core::Permanent) failure, or one to bind
/// a parameter, the handler is given up for the event: its failure callbacks run, and a [`DeadLetter`](crate::DeadLetter)
/// stays, from which that handler alone can be replayed. A handler that takes longer than its `timeout` has failed.
/// One-time handlers are claimed by one event in each process, and are tried again where they were claimed.
///
/// **Quarantine.** An event that cannot be read, was tampered with, is of an unknown type, or had
/// [three workers](Self::max_deaths) die while they had it is given up as a whole. An event that nobody answers is done, with
/// a warning.
///
/// **Leases.** What a worker has received is leased, and the lease extended until it is settled, by a thread of its
/// own. When a worker dies, others take its events over after the [lease](Self::lease). A handler that neither ends nor can be
/// dropped by its timeout loses its lease in the end; where nothing limits its time, it keeps it.
///
/// **Trouble.** A broker that fails is asked again until it answers; only what it is told ends a worker.
///
/// **Spans.** An event is handled within a span `emission`, and each handler in a span `handler` in it. With the feature
/// `opentelemetry`, they are a part of the trace of the program that emitted the event.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker};
/// use pyventus_queue::{MemoryBroker, QueueBackend, Worker};
///
/// # tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(async {
/// let broker = MemoryBroker::new(1_000);
/// let emitter = EventEmitter::new(QueueBackend::new(broker.clone()));
///
/// let worker = Worker::new(broker).group("billing").concurrency(64);
/// let handle = worker.handle();
/// EventLinker::global().subscribe("order.placed").handler(move || handle.stop())?;
///
/// emitter.emit("order.placed").await?;
/// let summary = worker.run_until(std::future::pending::<()>()).await?;
/// assert_eq!((summary.done, summary.succeeded), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a worker does nothing unless it is run"]
pub struct Worker<B: Broker> {
    broker: B,
    queue: QueueName,
    group: GroupName,
    consumer: Option<ConsumerName>,
    invalid: Option<InvalidName>,
    emitter: Option<EventEmitter>,
    options: Options,
    handle: WorkerHandle,
}

/// A worker was not started, or cannot listen for signals.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// A queue, a group or a consumer cannot be called that.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The system gives no thread to extend leases on.
    #[error("the system gives no thread to extend leases on")]
    NoThread(#[source] io::Error),
    /// The system does not tell of signals.
    #[error("the system does not tell of signals")]
    NoSignals(#[source] io::Error),
}

impl<B: Broker> Worker<B> {
    /// Returns a worker for the queue `events` and the group `default`.
    pub fn new(broker: B) -> Self {
        Self {
            broker,
            queue: QueueName::default(),
            group: GroupName::default(),
            consumer: None,
            invalid: None,
            emitter: None,
            options: Options::default(),
            handle: WorkerHandle::default(),
        }
    }

    /// Receives from the queue of that name; one that no queue can have is an error when the worker is run.
    pub fn queue(mut self, name: impl AsRef<str>) -> Self {
        self.queue = self.named(QueueName::new(name)).unwrap_or(self.queue);
        self
    }

    /// Receives for the group of that name; one that no group can have is an error when the worker is run.
    ///
    /// Each group of a queue gets every event, and the workers of a group share them: a group is mostly a service.
    pub fn group(mut self, name: impl AsRef<str>) -> Self {
        self.group = self.named(GroupName::new(name)).unwrap_or(self.group);
        self
    }

    /// Names the worker, otherwise than by its process; no two that run at the same time have one name. A name that no
    /// consumer can have is an error when the worker is run.
    pub fn consumer(mut self, name: impl AsRef<str>) -> Self {
        self.consumer = self.named(ConsumerName::new(name)).or(self.consumer);
        self
    }

    fn named<T>(&mut self, name: Result<T, InvalidName>) -> Option<T> {
        name.map_err(|invalid| self.invalid.get_or_insert(invalid).clone()).ok()
    }

    /// Runs the handlers of the linker of that emitter, with its state; what they emit goes to its backend. Unless it is
    /// given, that is a [`QueueBackend`] for the same queue, with the same seal.
    ///
    /// A handler that emits should await the handle: it is then run again if the broker does not accept the event.
    pub fn emitter(mut self, emitter: EventEmitter) -> Self {
        self.emitter = Some(emitter);
        self
    }

    /// Verifies envelopes, with the codec that programs use unless they say otherwise.
    pub fn keyring(self, keyring: Keyring) -> Self {
        self.seal(Seal::default().with_keyring(keyring))
    }

    /// Opens envelopes that were sealed that way.
    pub fn seal(mut self, seal: Seal) -> Self {
        self.options.seal = Arc::new(seal);
        self
    }

    /// Receives events of a type that is not declared, or that shares its name with another one.
    pub fn event<T: Event + Serialize + DeserializeOwned>(mut self) -> Self {
        self.options.known.add(EventCodec::of::<T>());
        self
    }

    /// Takes events of which the program declares no type for done, instead of giving them up: for groups that are to
    /// answer some events of a queue that others share.
    pub fn skip_unknown(mut self) -> Self {
        self.options.skips_unknown = true;
        self
    }

    /// Handles so many events at a time: 64 unless it is said, and at least one.
    pub fn concurrency(mut self, events: usize) -> Self {
        self.options.concurrency = events.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Fetches at most so many further events, which wait for their turn; unless it is said, as many as are handled at a
    /// time. Where events take long, fewer are fetched: none that would wait for more than a quarter of a second.
    pub fn prefetch(mut self, events: usize) -> Self {
        self.options.prefetch = Some(events);
        self
    }

    /// Leases events for that time, and extends the leases of those that it still has: after it, at the most, others take
    /// over what a dead worker had. 30 seconds unless it is said.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.options.lease = lease.max(Duration::from_millis(10));
        self
    }

    /// Asks the broker to wait that long for an event: a second unless it is said. An idle worker that is told to end takes
    /// as long.
    pub fn poll(mut self, wait: Duration) -> Self {
        self.options.poll = wait;
        self
    }

    /// Tries handlers that often which do not say it themselves: five times unless it is said.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.options.retry = retry;
        self
    }

    /// Gives handlers that time which do not say it themselves, or any time: five minutes unless it is said.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.options.timeout = timeout.into();
        self
    }

    /// Gives an event up after so many workers have died while they had it: three unless it is said, and at least one.
    ///
    /// All events that a worker has when it dies are under suspicion. One that has one death left is therefore handled
    /// while the worker receives nothing else.
    pub fn max_deaths(mut self, deaths: u32) -> Self {
        self.options.max_deaths = deaths.max(1);
        self
    }

    /// Gives what has begun that time when the worker is told to end: 30 seconds unless it is said. Then handlers are
    /// dropped where they wait, and what they had to do is handed back.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.options.grace = grace;
        self
    }

    /// Ties the span of an event to the one of the program that emitted it: the place to tell the tracing library of the
    /// program of it. With the feature `opentelemetry`, that is done unless it is said.
    pub fn link_spans(mut self, link: impl Fn(&Span, &TraceParent) + Send + Sync + 'static) -> Self {
        self.options.link = Some(Arc::new(link));
        self
    }

    /// Returns what the worker is watched with and ended from elsewhere.
    #[must_use]
    pub fn handle(&self) -> WorkerHandle {
        self.handle.clone()
    }

    /// Runs until the future ends, and then until what has begun is finished or handed back.
    ///
    /// # Errors
    ///
    /// A name cannot be used, or the system gives no thread. Nothing was received then.
    ///
    /// # Panics
    ///
    /// It is polled outside of a tokio runtime that has its timers enabled.
    ///
    /// # Cancel safety
    ///
    /// Where the future is dropped, handlers are dropped where they wait. Their events are handled again when the leases
    /// have ended, and each has one more death: tell the worker to end instead.
    pub async fn run_until(self, stop: impl Future) -> Result<Summary, WorkerError> {
        let stopping = self.handle.stopping.clone();
        let Running { shared, backend, _leases, _settling } = self.start()?;
        #[cfg(feature = "metrics")]
        let _measuring = depth::measure(&shared);
        {
            let mut running = pin!(receiver::run(&shared));
            tokio::select! {
                biased;
                () = &mut running => {}
                _ended = stop => {
                    stopping.cancel();
                    running.await;
                }
            }
        }
        if let Some(backend) = backend
            && !briefly(backend.flush()).await
        {
            tracing::error!(target: "pyventus", source = "Worker", "the broker has not accepted all events that handlers have emitted");
        }
        Ok(shared.handle.tally.summary())
    }

    /// Runs until the process is told to end, by `SIGINT` (Ctrl-C) or `SIGTERM`: then what has begun is finished or handed
    /// back. With a second signal, the worker ends at once.
    ///
    /// # Errors
    ///
    /// As [`run_until`](Self::run_until), and where the system does not tell of signals.
    ///
    /// # Panics
    ///
    /// It is polled outside of a tokio runtime that has its timers and its drivers enabled.
    ///
    /// # Cancel safety
    ///
    /// As [`run_until`](Self::run_until).
    #[cfg(feature = "signal")]
    pub async fn run(self) -> Result<Summary, WorkerError> {
        let listening = signals::stop_with(self.handle()).map_err(WorkerError::NoSignals)?;
        tokio::select! {
            summary = self.run_until(std::future::pending::<()>()) => summary,
            never = listening => match never {},
        }
    }

    fn start(self) -> Result<Running<B>, WorkerError> {
        if let Some(invalid) = self.invalid {
            return Err(invalid.into());
        }
        let Self { broker, queue, group, consumer, emitter, options, handle, .. } = self;
        let (emitter, backend) = if let Some(emitter) = emitter {
            (emitter, None)
        } else {
            let backend = QueueBackend::new(broker.clone()).alike(&queue, &options.seal, &options.known);
            (EventEmitter::new(backend.clone()), Some(backend))
        };
        let consumer = consumer.map_or_else(this_process, Ok)?;
        let leases = Arc::new(Leases::default());
        leases.keep(broker.clone(), options.lease).map_err(WorkerError::NoThread)?;
        let (settler, settling) = Settler::new(broker.clone());
        let subscription = Subscription::new(queue, group, consumer);
        let shared = Arc::new(Shared {
            broker,
            meter: Meter::new(&subscription),
            subscription,
            slots: Semaphore::new(options.concurrency),
            options,
            emitter,
            handle,
            leases: Arc::clone(&leases),
            settler,
            pace: Pace::default(),
        });
        let settling = AbortOnDropHandle::new(tokio::spawn(settling));
        Ok(Running { shared, backend, _leases: EndOnDrop(leases), _settling: settling })
    }
}

/// A worker that runs; what belongs to it ends with it.
struct Running<B: Broker> {
    shared: Arc<Shared<B>>,
    /// Where handlers emit, if that is up to the worker.
    backend: Option<QueueBackend<B>>,
    _leases: EndOnDrop,
    _settling: AbortOnDropHandle<()>,
}

/// The thread that extends leases.
struct EndOnDrop(Arc<Leases>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A name that no other worker has.
fn this_process() -> Result<ConsumerName, InvalidName> {
    ConsumerName::new(format!("{}-{}", std::process::id(), Uuid::now_v7().simple()))
}

impl<B: Broker> fmt::Debug for Worker<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("queue", &self.queue)
            .field("group", &self.group)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
