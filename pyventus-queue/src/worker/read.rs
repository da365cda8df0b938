//! What was delivered, made an event again; or a letter that says why it cannot be.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use pyventus_core::{Args, EmissionId, RemoteEvent, UnknownEvent};

use crate::delivery::Delivery;
use crate::envelope::{Arguments, Payload, TraceParent};
use crate::letter::{DeadReason, Letter};
use crate::name::QueueName;
use crate::progress::Progress;
use crate::seal::OpenError;

use super::options::Options;

/// What was delivered.
pub(super) struct Read {
    pub(super) event: RemoteEvent,
    pub(super) name: String,
    pub(super) id: EmissionId,
    pub(super) trace_parent: Option<TraceParent>,
    /// What is left to do; everything where it is absent.
    pub(super) progress: Option<Progress>,
}

/// Why an event is not handled.
pub(super) enum Unreadable {
    /// It is given up.
    Dead(Box<Letter>),
    /// This program does not know it, and was told to leave such events alone.
    Skipped(UnknownEvent),
}

impl From<Letter> for Unreadable {
    fn from(letter: Letter) -> Self {
        Self::Dead(Box::new(letter))
    }
}

/// Opens what was delivered; nothing of it is decoded that was not verified.
pub(super) fn read(options: &Options, queue: &QueueName, delivery: &Delivery) -> Result<Read, Unreadable> {
    let progress = delivery.progress.as_deref().map(Progress::decode).transpose();
    let progress = progress.map_err(|error| Letter::of_event(DeadReason::Undecodable, describe(&error)))?;
    // An implementation of `Deserialize` is code of somebody else.
    let read = catch_unwind(AssertUnwindSafe(|| read_contained(options, queue, delivery, progress)));
    let mut read = read.unwrap_or_else(|_| {
        Err(Letter::of_event(DeadReason::Undecodable, "the decoder of the event has panicked").into())
    });
    if let Err(Unreadable::Dead(letter)) = &mut read {
        // What is replayed goes on where it was.
        letter.resume.clone_from(&delivery.progress);
    }
    read
}

fn read_contained(
    options: &Options,
    queue: &QueueName,
    delivery: &Delivery,
    progress: Option<Progress>,
) -> Result<Read, Unreadable> {
    let envelope = options.seal.open(delivery.message.body(), queue).map_err(|error| {
        let reason = match &error {
            OpenError::Decode(_) => DeadReason::Undecodable,
            OpenError::Signature(_) | OpenError::Queue { .. } => DeadReason::Untrusted,
        };
        Letter::of_event(reason, describe(&error))
    })?;
    let id = EmissionId::from_bytes(*envelope.id().as_bytes());
    let undecodable =
        |error: &dyn std::error::Error| Letter::of_event(DeadReason::Undecodable, describe(error));
    let event = match envelope.payload() {
        Payload::Text => {
            RemoteEvent::text(envelope.event(), id, envelope.time()).map_err(|error| undecodable(&error))?
        }
        Payload::Event(json) => {
            let codec = match options.known.named(envelope.event()) {
                Ok(codec) => codec,
                Err(unknown) if options.skips_unknown && is_foreign(&unknown) => {
                    return Err(Unreadable::Skipped(unknown));
                }
                Err(unknown) => {
                    return Err(Letter::of_event(DeadReason::UnknownEvent, unknown.to_string()).into());
                }
            };
            let event = RemoteEvent::typed(codec, json.as_str(), id, envelope.time());
            event.map_err(|error| undecodable(&error))?
        }
    };
    let args = arguments(&envelope.arguments().map_err(|error| undecodable(&error))?);
    Ok(Read {
        event: if args.is_empty() { event } else { event.with_args(args) },
        name: envelope.event().to_owned(),
        id,
        trace_parent: envelope.trace_parent().cloned(),
        progress,
    })
}

/// Whether the event is one of other programs; one of this program that it cannot decode is a mistake.
fn is_foreign(unknown: &UnknownEvent) -> bool {
    matches!(unknown, UnknownEvent::NotDeclared { .. })
}

fn arguments(arguments: &Arguments) -> Args {
    let args = arguments.positional.iter().fold(Args::new(), Args::with);
    arguments.named.iter().fold(args, |args, (name, value)| args.with_named(name.clone(), value))
}

/// The text of an error and of its causes.
pub(super) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// A letter about an event that workers died of.
pub(super) fn poisonous(delivery: &Delivery) -> Letter {
    let deaths = delivery.deaths;
    let text = format!("{deaths} workers have ended, or lost their lease, while they had the event");
    let mut letter = Letter::of_event(DeadReason::Poisonous, text);
    letter.resume.clone_from(&delivery.progress);
    letter
}

/// The moment that a delivery is for: the broker hands nothing out before its time, whatever the clock of this machine
/// says.
pub(super) fn moment(progress: &Progress) -> SystemTime {
    let now = SystemTime::now();
    progress.due().map_or(now, |due| due.max(now))
}
