//! Events that another program emitted, whose handlers are run here one by one.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use crate::args::Args;
use crate::codec::{CodecError, EventCodec};
use crate::context::EmissionId;
use crate::emission::{Moved, Nesting, Within};
use crate::emitted::{Carrier, EmittedEvent};
use crate::emitter::EventEmitter;
use crate::key::{EmptyEventName, Lookup};
use crate::offload::Offload;
use crate::origin::Origin;
use crate::outcome::Outcome;
use crate::registry::List;
use crate::retry::{HandlerTimedOut, Retry};
use crate::span::HandlerSpan;
use crate::subscriber::{Ended, Started, Subscriber};
use crate::view::Parts;

/// An event that another program emitted.
///
/// # Examples
///
/// ```
/// use std::time::SystemTime;
/// use pyventus_core::{EmissionId, EventEmitter, EventLinker, InlineBackend, RemoteEvent, args};
///
/// let linker = EventLinker::new();
/// linker.subscribe("greet").handler(|| println!("Hello, World!"))?;
/// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
///
/// let event = RemoteEvent::text("greet", EmissionId::from_bytes([7; 16]), SystemTime::now())?;
/// let received = emitter.receive(event.with_args(args!["World"]));
/// assert_eq!(received.handlers().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RemoteEvent {
    event: EmittedEvent,
    codec: Option<EventCodec>,
    args: Option<Arc<Args>>,
    id: EmissionId,
    timestamp: SystemTime,
}

impl RemoteEvent {
    /// Returns a text event, with the identity and the time of its emission.
    ///
    /// # Errors
    ///
    /// The text is empty.
    pub fn text(
        name: impl Into<Arc<str>>,
        id: EmissionId,
        timestamp: SystemTime,
    ) -> Result<Self, EmptyEventName> {
        let name = name.into();
        if name.is_empty() {
            return Err(EmptyEventName);
        }
        Ok(Self { event: EmittedEvent::of_text(name), codec: None, args: None, id, timestamp })
    }

    /// Returns a typed event, of which the object is decoded.
    ///
    /// # Errors
    ///
    /// The JSON is not that of such an object.
    pub fn typed(
        codec: EventCodec,
        json: &str,
        id: EmissionId,
        timestamp: SystemTime,
    ) -> Result<Self, CodecError> {
        Ok(Self { event: codec.decode(json)?, codec: Some(codec), args: None, id, timestamp })
    }

    /// Adds arguments.
    #[must_use]
    pub fn with_args(self, args: Args) -> Self {
        Self { args: Some(Arc::new(args)), ..self }
    }

    fn lookup(&self) -> Lookup<'_> {
        match &self.codec {
            None => Lookup::Text(self.event.name()),
            Some(codec) => Lookup::Event { id: codec.type_id(), name: codec.name(), slot: codec.slot() },
        }
    }
}

impl EventEmitter {
    /// Chooses the handlers of an event that another program emitted: those that are linked to the
    /// linker of this emitter. Nothing runs, and the backend is not asked. One-time handlers are
    /// claimed.
    #[must_use]
    pub fn receive(&self, event: RemoteEvent) -> RemoteEmission {
        let list = self.linker().registry().take(&event.lookup()).share();
        self.emission(event, list)
    }

    /// As [`receive`](Self::receive), of an event that was received before: of the one-time handlers,
    /// those are claimed that are wanted again, by their [key](RemoteHandler::key); the others stay
    /// linked. Who is not wanted is listed all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use pyventus_core::{EmissionId, EventEmitter, EventLinker, InlineBackend, RemoteEvent};
    ///
    /// let linker = EventLinker::new();
    /// let subscription = linker.subscribe("greet").once().handler(|| ())?;
    /// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
    ///
    /// let event = RemoteEvent::text("greet", EmissionId::from_bytes([7; 16]), SystemTime::now())?;
    /// let received = emitter.receive_again(event, |handler| handler == "another one");
    /// assert_eq!(received.handlers().len(), 1);
    /// assert!(subscription.is_subscribed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn receive_again(&self, event: RemoteEvent, is_wanted: impl Fn(&str) -> bool) -> RemoteEmission {
        let registry = self.linker().registry();
        let list = registry.look(&event.lookup());
        let mut emission = self.emission(event, list);
        let subscribers = emission.list.subscribers();
        emission.handlers.retain(|handler| {
            // Another event may claim it at this moment.
            !handler.once || !is_wanted(&handler.key) || registry.remove(subscribers[handler.place].id())
        });
        emission
    }

    fn emission(&self, event: RemoteEvent, list: Arc<List>) -> RemoteEmission {
        let RemoteEvent { event, args, id, timestamp, .. } = event;
        let parts = Parts::new(event, args, self.source()).identified(id, timestamp);
        RemoteEmission { parts, handlers: handlers(&list), list }
    }
}

/// The handlers of an event that another program emitted, in the order they start.
///
/// Each is run alone, as often as it takes: who runs them knows how they ended before.
pub struct RemoteEmission {
    parts: Parts,
    list: Arc<List>,
    handlers: Vec<RemoteHandler>,
}

/// One handler of a [`RemoteEmission`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteHandler {
    /// Names it among all handlers of the event, in every process of the program: its path. Where
    /// several have one path, such as closures in one function, the second is `path#2`, and so on, in
    /// the order they start.
    pub key: String,
    /// Where it was written.
    pub origin: Origin,
    /// How often it is to be tried, if it says so.
    pub retry: Option<Retry>,
    /// How long it may take, if it says so.
    pub timeout: Option<Duration>,
    /// Whether it answers one event only.
    pub once: bool,
    /// Where it is in the list.
    place: usize,
}

fn handlers(list: &List) -> Vec<RemoteHandler> {
    // One handler alone has its path for itself.
    let is_alone = list.len() == 1;
    let mut seen: HashMap<String, usize, foldhash::fast::RandomState> = HashMap::default();
    let handler = |(place, subscriber): (usize, &Arc<Subscriber>)| {
        let path = subscriber.origin().path();
        let count =
            if is_alone { 1 } else { *seen.entry(path.clone()).and_modify(|count| *count += 1).or_insert(1) };
        RemoteHandler {
            key: if count == 1 { path } else { format!("{path}#{count}") },
            origin: subscriber.origin(),
            retry: subscriber.extras().retry,
            timeout: subscriber.extras().timeout,
            once: subscriber.once,
            place,
        }
    };
    list.subscribers().iter().enumerate().map(handler).collect()
}

/// How long a handler may take, and what is ready when that time is over: core has no clock of its own.
pub struct Timeout<'a> {
    /// How long the handler has, for the error that says so.
    pub limit: Duration,
    /// What ends with that time.
    pub over: Pin<Box<dyn Future<Output = ()> + Send + 'a>>,
}

impl std::fmt::Debug for Timeout<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timeout").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// How one handler is run.
pub struct RemoteRun<'a> {
    /// Which attempt it is; the first is 1. A handler reads it from its context.
    pub attempt: u32,
    /// When the handler has taken too long: it is dropped where it waits, and has
    /// failed. A blocking handler that runs on a thread of its own goes on unheard.
    pub timeout: Option<Timeout<'a>>,
    /// Says of a failure whether the handler is not tried again. A failure that is not the last one is
    /// logged as a warning, and no failure callback hears of it.
    pub is_last: &'a (dyn Fn(&anyhow::Error) -> bool + Send + Sync),
    /// Where blocking handlers go.
    pub offload: Arc<dyn Offload>,
}

impl std::fmt::Debug for RemoteRun<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteRun").field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

/// How one handler ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct RemoteOutcome {
    /// How it ended; its attempts are the number it was run with.
    pub outcome: Outcome,
    /// Whether it failed for the last time.
    pub gave_up: bool,
}

impl RemoteEmission {
    /// Returns the identity of the emission, as the other program gave it.
    #[must_use]
    pub fn id(&self) -> EmissionId {
        self.parts.identity.get().0
    }

    /// Returns the name of the event.
    #[must_use]
    pub fn event_name(&self) -> &str {
        self.parts.event.name()
    }

    /// Returns the handlers, in the order they start.
    #[must_use]
    pub fn handlers(&self) -> &[RemoteHandler] {
        &self.handlers
    }

    /// Runs one handler and its callbacks, and no other. Errors and panics are contained: they go to
    /// the log, to the failure callbacks and into the outcome.
    ///
    /// # Panics
    ///
    /// There is no handler of that index.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handler where it waits; no callback runs.
    pub fn run<'a>(
        &'a self,
        handler: usize,
        run: RemoteRun<'a>,
    ) -> impl Future<Output = RemoteOutcome> + Send + 'a {
        let RemoteRun { attempt, mut timeout, is_last, offload } = run;
        let parts = self.parts.attempt(attempt);
        let subscriber = &self.list.subscribers()[self.handlers[handler].place];
        let within = Within::new(&parts, Nesting::Refused);
        let offload = Moved(offload);
        within.scope(async move {
            let gave_up = AtomicBool::new(false);
            let is_last = |error: &anyhow::Error| {
                let is_last = is_last(error);
                gave_up.store(is_last, Ordering::Relaxed);
                is_last
            };
            let view = parts.view();
            let span = HandlerSpan::new(subscriber.origin(), Some(attempt), true);
            let mut started = subscriber.attempt_within(span, &view, &offload, true, Some(&is_last));
            let Ended { error, elapsed } = poll_fn(|cx| poll(&mut started, &mut timeout, cx)).await;
            let gave_up = error.is_some() && gave_up.load(Ordering::Relaxed);
            let outcome = Outcome::of_attempt(subscriber.origin(), error, elapsed, attempt);
            RemoteOutcome { outcome, gave_up }
        })
    }
}

/// Drives a handler to its end, or until its time is up, and then its callbacks.
// No `async fn`, which would hold what it is given twice.
fn poll(started: &mut Started<'_>, timeout: &mut Option<Timeout<'_>>, cx: &mut Context<'_>) -> Poll<Ended> {
    let running = match started {
        Started::Ended(ended) => return Poll::Ready(std::mem::take(ended)),
        Started::Running(running) => running,
    };
    if let Poll::Ready(ended) = Pin::new(&mut *running).poll(cx) {
        return Poll::Ready(ended);
    }
    let Some(Timeout { limit, over }) = timeout else { return Poll::Pending };
    if over.as_mut().poll(cx).is_pending() {
        return Poll::Pending;
    }
    running.fail(HandlerTimedOut::new(*limit).into());
    *timeout = None;
    Pin::new(running).poll(cx)
}

impl std::fmt::Debug for RemoteEmission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteEmission")
            .field("id", &self.id())
            .field("event", &self.event_name())
            .field("handlers", &self.handlers.len())
            .finish_non_exhaustive()
    }
}
