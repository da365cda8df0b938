//! One event on its way to the subscribers chosen for it.

mod nested;
pub(crate) mod within;

pub use nested::Place;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use futures_channel::oneshot;

use crate::capabilities::BackendId;
use crate::context::{Context, EmissionId};
use crate::handler::drop_contained;
use crate::offload::{Here, Offload};
use crate::outcome::{EmissionReport, Outcome};
use crate::registry::Subscribers;
use crate::subscriber::{Running, Started};

use nested::Nested;
use within::{Moved, Within};

/// One event on its way to the handlers chosen for it.
///
/// A [`Backend`](crate::Backend) gets it and runs it once, where and when it likes. It knows
/// neither emitter nor linker and may run on another thread than the one it was made on. Dropping
/// it without running it, or while it runs, cancels it: no callback runs, and the handle of the
/// emission resolves to [`EmitError::Cancelled`](crate::EmitError::Cancelled).
pub struct EventEmission {
    context: Context,
    subscribers: Subscribers,
    report_to: oneshot::Sender<EmissionReport>,
}

impl EventEmission {
    pub(crate) fn new(
        context: Context,
        subscribers: Subscribers,
    ) -> (Self, oneshot::Receiver<EmissionReport>) {
        let (report_to, report) = oneshot::channel();
        (Self { context, subscribers, report_to }, report)
    }

    /// Returns the identity of the emission.
    #[must_use]
    pub fn id(&self) -> EmissionId {
        self.context.id()
    }

    /// Returns the name of the event.
    #[must_use]
    pub fn event_name(&self) -> &str {
        self.context.event_name()
    }

    /// Returns when the event was emitted.
    #[must_use]
    pub fn timestamp(&self) -> SystemTime {
        self.context.timestamp()
    }

    /// Returns what its handlers may know of it: the event object, the arguments, the emitter.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns how many handlers were chosen; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an emission without handlers is never made")]
    pub fn len(&self) -> usize {
        self.subscribers.len()
    }

    /// Runs all handlers: each is started in order without waiting for those before it, and the
    /// emission ends when all have ended.
    ///
    /// The errors of handlers and their panics are contained: they go to the log, to the failure
    /// callbacks and into the report, and stop neither the other handlers nor the caller.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the handlers at the point they wait at; neither callback runs
    /// for them.
    pub fn run(self) -> impl Future<Output = ()> + Send {
        self.run_with(Here)
    }

    /// As [`run`](Self::run), and moves handlers that were declared `blocking` to threads that may
    /// block; without it, they run in place.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run); a blocking handler that has begun goes on to its end, unheard.
    pub fn run_with(self, offload: impl Offload) -> impl Future<Output = ()> + Send {
        self.run_within(None, offload)
    }

    /// As [`run_with`](Self::run_with), with the queue of what is emitted within it.
    fn run_within(
        self,
        nested: Option<Arc<Nested>>,
        offload: impl Offload,
    ) -> impl Future<Output = ()> + Send {
        let within = Within::new(self.backend(), self.context.event.name.clone(), nested);
        let offload = Moved { within: within.clone(), offload };
        within.scope(self.carry_out(offload))
    }

    /// Runs all handlers in place, on a backend that recognises nested emissions by itself.
    pub(crate) fn run_plain(self) -> impl Future<Output = ()> + Send {
        self.carry_out(Here)
    }

    async fn carry_out(self, offload: impl Offload) {
        let Self { context, subscribers, report_to } = self;
        log_start(&context, subscribers.len());
        let outcomes = run_all(&context, &subscribers, &offload).await;
        // The last reference to the event object or to a handler may go here.
        drop_contained(context);
        drop_contained(subscribers);
        // Nobody may be waiting for the report.
        drop(report_to.send(EmissionReport { outcomes }));
    }

    /// The backend that it was emitted on.
    fn backend(&self) -> BackendId {
        self.context.source.backend()
    }
}

fn log_start(context: &Context, handlers: usize) {
    let (event, emission) = (context.event_name(), context.id());
    if context.source.debug() {
        tracing::info!(target: "pyventus", source = "EventEmission", event, %emission, action = "Running:", "{handlers} handlers");
    } else {
        tracing::debug!(target: "pyventus", source = "EventEmission", event, %emission, action = "Running:", "{handlers} handlers");
    }
}

/// Starts every handler in order, then drives those that are not done.
async fn run_all(context: &Context, subscribers: &Subscribers, offload: &dyn Offload) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(subscribers.len());
    let mut running: Vec<(usize, Running<'_>)> = Vec::new();
    for (index, subscriber) in subscribers.iter().enumerate() {
        match subscriber.start(context, offload) {
            Started::Ended(outcome) => outcomes.push(Some(outcome)),
            Started::Running(mut handler) => {
                // Polled in place once: most are done by then, and the next one starts after it.
                let polled = poll_fn(|cx| Poll::Ready(Pin::new(&mut handler).poll(cx))).await;
                match polled {
                    Poll::Ready(outcome) => outcomes.push(Some(outcome)),
                    Poll::Pending => {
                        outcomes.push(None);
                        running.push((index, handler));
                    }
                }
            }
        }
    }
    poll_fn(|cx| {
        running.retain_mut(|(index, handler)| match Pin::new(handler).poll(cx) {
            Poll::Ready(outcome) => {
                outcomes[*index] = Some(outcome);
                false
            }
            Poll::Pending => true,
        });
        if running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

impl fmt::Debug for EventEmission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEmission")
            .field("id", &self.id())
            .field("event", &self.event_name())
            .field("timestamp", &self.timestamp())
            .field("handlers", &self.len())
            .finish()
    }
}
