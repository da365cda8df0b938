//! One event that was emitted, and what has become of it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::args::Args;
use crate::context::EmissionId;
use crate::emitted::{Carrier, DynError, EmittedEvent};
use crate::event::{Event, short_type_name, without_path};
use crate::handler::contain;
use crate::origin::Origin;
use crate::outcome::Outcome;

/// One event that was emitted, and what had become of it when the record was taken.
///
/// Displays as a line that tells both, without the payload.
#[derive(Clone)]
pub struct Record {
    pub(super) emitted: Arc<Emitted>,
    pub(super) fate: Fate,
}

/// What was emitted.
pub(super) struct Emitted {
    pub(super) event: EmittedEvent,
    pub(super) args: Option<Arc<Args>>,
    /// Absent where no handler answers: there is no emission then.
    pub(super) id: Option<EmissionId>,
    /// The emission whose handler emitted it, with the event of that one.
    pub(super) parent: Option<(EmissionId, String)>,
}

/// What has become of it.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    Unanswered,
    /// It has not ended; the text is for messages.
    Waiting(&'static str),
    Ended(Arc<[RecordedOutcome]>),
    Cancelled,
    Refused(String),
}

impl Record {
    /// Returns the name of the event: the text, the name of the event type, or the bare name of
    /// the error type.
    #[must_use]
    pub fn event_name(&self) -> &str {
        &self.emitted.event.name
    }

    /// Returns the event object or the error, if it is one of that type.
    #[must_use]
    pub fn object<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.emitted.event.object()?.downcast_ref()
    }

    /// Returns the shared event object or error, if it is one of that type.
    #[must_use]
    pub fn shared_object<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.emitted.event.share()?.downcast().ok()
    }

    /// Returns the emitted error, whatever its type, if it is one.
    #[must_use]
    pub fn error(&self) -> Option<&DynError> {
        self.emitted.event.as_error()
    }

    /// Returns the arguments of the emission.
    #[must_use]
    pub fn args(&self) -> &Args {
        static NONE: Args = Args::new();
        self.emitted.args.as_deref().unwrap_or(&NONE)
    }

    /// Returns the identity of the emission; there is none where no handler answers.
    #[must_use]
    pub fn id(&self) -> Option<EmissionId> {
        self.emitted.id
    }

    /// Returns the emission in which it was emitted: by a handler or a callback of it, in the
    /// handler's own code and not in a task or a thread that it has started.
    #[must_use]
    pub fn parent(&self) -> Option<EmissionId> {
        self.emitted.parent.as_ref().map(|(id, _)| *id)
    }

    /// Returns whether any handler answers the event.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !matches!(self.fate, Fate::Unanswered)
    }

    /// Returns whether all handlers of the event have ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.fate, Fate::Ended(_))
    }

    /// Returns one outcome for each handler, in the order they were started; none before all of
    /// them have ended.
    #[must_use]
    pub fn outcomes(&self) -> &[RecordedOutcome] {
        match &self.fate {
            Fate::Ended(outcomes) => outcomes,
            _ => &[],
        }
    }

    /// Whether it is the text event of that name.
    pub(super) fn is_text(&self, name: &str) -> bool {
        self.emitted.event.object().is_none() && self.event_name() == name
    }

    /// Whether it may still end.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.fate, Fate::Waiting(_))
    }

    /// The event as messages name it.
    pub(super) fn label(&self) -> String {
        let event = &self.emitted.event;
        match event.type_name() {
            None => text_label(&event.name),
            Some(error) if event.as_error().is_some() => format!("error({error})"),
            Some(name) => type_label(without_path(name), &event.name),
        }
    }
}

/// How messages name a text event.
pub(super) fn text_label(name: &str) -> String {
    format!("{name:?}")
}

/// How messages name a type of event.
pub(super) fn event_label<E: Event>() -> String {
    type_label(short_type_name::<E>(), E::NAME)
}

/// How messages name a type of error.
pub(super) fn error_label<E: StdError>() -> String {
    format!("error({})", std::any::type_name::<E>())
}

fn type_label(type_name: &str, name: &str) -> String {
    if type_name == name { name.to_owned() } else { format!("{type_name} ({name})") }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())?;
        match self.args().len() {
            0 => {}
            1 => f.write_str(" with 1 argument")?,
            count => write!(f, " with {count} arguments")?,
        }
        if let Some((_, event)) = &self.emitted.parent {
            write!(f, ", emitted within {event}")?;
        }
        match &self.fate {
            Fate::Unanswered => f.write_str(": no handler answers it"),
            Fate::Waiting(text) => write!(f, ": {text}"),
            Fate::Cancelled => f.write_str(": it was cancelled"),
            Fate::Refused(reason) => write!(f, ": the backend did not take it: {reason}"),
            Fate::Ended(outcomes) => {
                for (index, outcome) in outcomes.iter().enumerate() {
                    write!(f, "{} {outcome}", if index == 0 { ":" } else { ";" })?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({self})")
    }
}

/// The text of an error and of its causes. The author of the error wrote the code that runs here.
pub(super) fn text_of(error: &anyhow::Error) -> String {
    contain(|| format!("{error:#}"))
        .unwrap_or_else(|panic| format!("an error whose text cannot be shown: {panic}"))
}

/// How one handler ended, without the error itself, which belongs to the report of the emission.
#[derive(Clone, Debug)]
pub struct RecordedOutcome {
    handler: Origin,
    failure: Option<String>,
}

impl RecordedOutcome {
    pub(super) fn new(outcome: &Outcome) -> Self {
        Self { handler: *outcome.handler(), failure: outcome.error().map(text_of) }
    }

    /// Returns where the handler was written.
    #[must_use]
    pub fn handler(&self) -> &Origin {
        &self.handler
    }

    /// Returns whether the handler succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.failure.is_none()
    }

    /// Returns whether the handler failed.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.failure.is_some()
    }

    /// Returns the text of the error that the handler failed with, and of its causes.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

impl fmt::Display for RecordedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failure {
            None => write!(f, "handled by {}", self.handler),
            Some(failure) => write!(f, "failed in {}: {failure}", self.handler),
        }
    }
}
