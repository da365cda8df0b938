//! An emission as a message: what is emitted becomes an envelope, the envelope bytes.

use std::time::SystemTime;

use pyventus_core::{Args, CodecError, EventEmission, Payload as Emitted};
use uuid::Uuid;

use crate::codec::EncodeError;
use crate::envelope::{Arguments, Envelope, Json, Payload, TraceParent};
use crate::message::{Message, MessageId};

use super::Options;

/// What was emitted cannot be put into an envelope; nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// It is an error.
    #[error(
        "the error {event:?} of the type `{type_name}` stays in this program: errors do not travel; emit an event \
         that says what happened"
    )]
    #[non_exhaustive]
    Error {
        /// The name that handlers know it by.
        event: String,
        /// Its type.
        type_name: &'static str,
    },
    /// The type of the object is not declared, or not with serde.
    #[error(
        "the event {event:?} cannot be sent to other programs: derive `Event`, `serde::Serialize` and \
         `serde::Deserialize` for `{type_name}`"
    )]
    #[non_exhaustive]
    NotSerializable {
        /// The name of the event.
        event: String,
        /// The type of the object.
        type_name: &'static str,
    },
    /// The object refuses to be serialised.
    #[error(transparent)]
    Object(#[from] CodecError),
    /// The form of envelopes cannot hold it.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Makes a message of an emission.
pub(super) fn message(options: &Options, emission: &EventEmission) -> Result<Message, EnvelopeError> {
    let id = Uuid::from_bytes(*emission.id().as_bytes());
    let payload = payload(options, emission)?;
    let (queue, source) = (options.queue.clone(), options.source.clone());
    let args = emission.context().args();
    let envelope = Envelope::of((id, emission.timestamp()), queue, source, emission.event_name(), payload);
    let envelope = if args.is_empty() { envelope } else { envelope.with_arguments(&arguments(args)) }
        .with_trace_parent(trace_parent(options, emission));
    let message = Message::new(MessageId::from_uuid(id), options.seal.seal(envelope)?);
    let held_until = options.delay.and_then(|delay| SystemTime::now().checked_add(delay));
    Ok(match held_until {
        Some(time) => message.not_before(time),
        None => message,
    })
}

/// The span that the emission is a part of.
fn trace_parent(options: &Options, emission: &EventEmission) -> Option<TraceParent> {
    if let Some(current) = &options.trace_parent {
        return current();
    }
    current(emission).or_else(TraceParent::current)
}

#[cfg(feature = "opentelemetry")]
use crate::otel::span_of as current;

/// Which span it is, is known to the tracing library of the program alone.
#[cfg(not(feature = "opentelemetry"))]
const fn current(_: &EventEmission) -> Option<TraceParent> {
    None
}

fn payload(options: &Options, emission: &EventEmission) -> Result<Payload, EnvelopeError> {
    let (event, type_name) = (emission.event_name(), emission.type_name().unwrap_or_default());
    match emission.payload() {
        Emitted::Text => Ok(Payload::Text),
        Emitted::Event(object) => {
            let codec = options.known.of_type(object.type_id());
            let codec =
                codec.ok_or_else(|| EnvelopeError::NotSerializable { event: event.to_owned(), type_name })?;
            Ok(Payload::Event(Json::from_written(codec.encode(object)?)))
        }
        // Errors, and whatever is emitted beside them one day.
        _ => Err(EnvelopeError::Error { event: event.to_owned(), type_name }),
    }
}

fn arguments(args: &Args) -> Arguments {
    Arguments {
        positional: args.positional().to_vec(),
        named: args.named_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
    }
}
