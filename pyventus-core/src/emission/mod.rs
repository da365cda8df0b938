//! One event on its way to the subscribers chosen for it.

mod course;
pub(crate) mod in_place;
mod nested;
mod reply;
mod run;
mod waiting;
pub(crate) mod within;

pub use nested::Place;
pub use within::Scoped;

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use tracing::Span;

use crate::capabilities::BackendId;
use crate::context::{Context, EmissionId, Identity};
use crate::emitted::Carrier;
use crate::handler::contain_drop;
use crate::key::EventName;
use crate::offload::{Here, Offload};
use crate::outcome::EmissionReport;
use crate::registry::List;
use crate::span::{EmissionOutcome, EmissionSpan};
use crate::view::{Needs, Parts};

pub(crate) use nested::Nesting;
pub(crate) use reply::{Awaited, NoReply, Reply};
pub(crate) use run::log_running;
pub(crate) use within::{Moved, Within};

use reply::{Lost, ReplyTo};

/// One event on its way to the handlers chosen for it.
///
/// A [`Backend`](crate::Backend) gets it and runs it once, where and when it likes. It knows
/// neither emitter nor linker and may run on another thread than the one it was made on. Dropping
/// it without running it, or while it runs, cancels it: no callback runs, and the handle of the
/// emission resolves to [`EmitError::Cancelled`](crate::EmitError::Cancelled).
pub struct EventEmission {
    content: Kept,
}

/// The content of an emission, until it has ended.
///
/// In a box: it goes from future to future, each of which would have a place for it. With the reply,
/// the empty box goes to whoever hears it: that is mostly the thread that emitted, and to free what
/// another thread has allocated takes longer than most handlers do.
type Kept = Box<Option<Content>>;

struct Content {
    parts: Parts,
    list: Arc<List>,
    reply_to: ReplyTo,
    /// Where somebody may see it.
    span: Option<Box<EmissionSpan>>,
    #[cfg(feature = "testing")]
    observers: Vec<Observer>,
}

impl Content {
    /// Whether anybody waits for the report.
    fn is_wanted(&self) -> bool {
        #[cfg(feature = "testing")]
        if !self.observers.is_empty() {
            return true;
        }
        self.reply_to.is_wanted()
    }
}

/// What an emission is about.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// A text: its name is all of it, beside its arguments.
    Text,
    /// The object of a typed event.
    Event(&'a (dyn Any + Send + Sync)),
    /// An error.
    Error(&'a (dyn StdError + Send + Sync + 'static)),
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "Text",
            Self::Event(_) => "Event(..)",
            Self::Error(_) => "Error(..)",
        })
    }
}

/// Learns the report before the handle does; one that is dropped instead learns that the emission
/// was cancelled.
#[cfg(feature = "testing")]
pub(crate) type Observer = Box<dyn FnOnce(&EmissionReport) + Send + Sync>;

const HAS_CONTENT: &str = "an emission that has not ended has its content";

impl EventEmission {
    pub(crate) fn new(parts: Parts, list: Arc<List>) -> (Self, Awaited) {
        if list.needs() == Needs::Context || list.is_empty() {
            // Who asks is to hear when the event was emitted, not when the handler ran.
            parts.identity.get();
        }
        let (reply_to, awaited) = reply::channel();
        let content = Content {
            parts,
            list,
            reply_to,
            span: None,
            #[cfg(feature = "testing")]
            observers: Vec::new(),
        };
        (Self { content: Box::new(Some(content)) }, awaited)
    }

    fn content(&self) -> &Content {
        self.content.as_ref().as_ref().expect(HAS_CONTENT)
    }

    fn content_mut(&mut self) -> &mut Content {
        self.content.as_mut().as_mut().expect(HAS_CONTENT)
    }

    /// Lets others see it.
    pub(crate) fn within(&mut self, span: Option<Box<EmissionSpan>>) {
        self.content_mut().span = span;
    }

    /// Says how it has ended, as far as others see it.
    pub(crate) fn ends(&mut self, outcome: EmissionOutcome) {
        if let Some(span) = &mut self.content_mut().span {
            span.ends(outcome);
        }
    }

    /// Returns the span of the emission: what is done for it elsewhere is a part of that.
    ///
    /// It is disabled where nobody may see it; then the emission is a part of the current span.
    /// [`run`](Self::run) enters it by itself.
    ///
    /// # Examples
    ///
    /// A backend that passes emissions on says what they are a part of:
    ///
    /// ```
    /// use pyventus_core::{Backend, EventEmission, SubmitError};
    ///
    /// struct Outside;
    ///
    /// impl Backend for Outside {
    ///     fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
    ///         emission.span().in_scope(|| println!("{} goes out", emission.event_name()));
    ///         emission.accepted();
    ///         Ok(())
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn span(&self) -> Span {
        self.content().span.as_ref().map_or_else(Span::none, |span| span.span().clone())
    }

    #[cfg(feature = "testing")]
    pub(crate) fn observe(&mut self, observer: Observer) {
        self.content_mut().observers.push(observer);
    }

    /// Returns the identity of the emission.
    #[must_use]
    pub fn id(&self) -> EmissionId {
        self.content().parts.identity.get().0
    }

    /// Returns the name of the event.
    #[must_use]
    pub fn event_name(&self) -> &str {
        self.content().parts.event.name()
    }

    /// Returns when the event was emitted.
    ///
    /// Where no handler was chosen that takes the [`Context`], nobody looks at the clock before the
    /// first call of this: a backend that runs emissions later calls it when it takes one.
    #[must_use]
    pub fn timestamp(&self) -> SystemTime {
        self.content().parts.identity.get().1
    }

    /// Returns what its handlers may know of it: the event object, the arguments, the emitter.
    #[must_use]
    pub fn context(&self) -> &Context {
        self.content().parts.context()
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.content().parts.identity
    }

    /// The name of the event, to be kept.
    pub(crate) fn name(&self) -> &EventName {
        &self.content().parts.event.name
    }

    /// Returns what the emission is about, for who passes it on.
    #[must_use]
    pub fn payload(&self) -> Payload<'_> {
        let event = &self.content().parts.event;
        match (event.as_error(), event.object()) {
            (Some(error), _) => Payload::Error(error),
            (None, Some(object)) => Payload::Event(object.any()),
            (None, None) => Payload::Text,
        }
    }

    /// Returns the Rust type of the object or of the error; `None` for a text.
    #[must_use]
    pub fn type_name(&self) -> Option<&'static str> {
        self.content().parts.event.type_name()
    }

    /// Returns how many handlers were chosen; at least one, unless they are chosen
    /// [elsewhere](crate::Capability::Elsewhere).
    #[must_use]
    pub fn len(&self) -> usize {
        self.content().list.len()
    }

    /// Returns whether no handler was chosen: whether they are chosen
    /// [elsewhere](crate::Capability::Elsewhere).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends an emission whose event was accepted elsewhere: its handle resolves to a report without
    /// outcomes.
    pub fn accepted(mut self) {
        self.ends(EmissionOutcome::Accepted);
        self.end(Ok(EmissionReport::default()));
    }

    /// Ends an emission whose event was not accepted after all, although `submit` took it: its handle
    /// resolves to an error, which is logged where nobody holds the handle.
    pub fn refused(mut self, reason: impl Into<anyhow::Error>) {
        self.ends(EmissionOutcome::Refused);
        let lost = Lost::new(self.name().clone(), reason.into());
        self.end(Err(Box::new(lost)));
    }

    /// Tells the handle.
    fn end(mut self, reply: Reply) {
        let reply_to = self.content_mut().reply_to.take();
        contain_drop(|| *self.content = None);
        reply_to.send(reply, self.content);
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
        self.run_within(Nesting::Refused, offload)
    }

    /// As [`run_with`](Self::run_with); it says where what is emitted within it goes.
    fn run_within<O: Offload>(
        self,
        nesting: Nesting,
        offload: O,
    ) -> Scoped<impl Future<Output = ()> + Send + use<O>> {
        let within = Within::new(&self.content().parts, nesting);
        within.scope(self.carry_out(Moved(offload)))
    }

    /// The backend that it was emitted on.
    fn backend(&self) -> BackendId {
        self.content().parts.source.backend()
    }
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
