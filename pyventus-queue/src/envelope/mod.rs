//! An event on its way between programs.
//!
//! An envelope is what a `CloudEvents` 1.0 event says, without the form: a [`Codec`](crate::Codec) makes
//! bytes of it. Its data and its arguments stay JSON text, because nothing in them may be looked at
//! before the signature was.

mod source;
mod trace;

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::name::QueueName;

pub use source::{InvalidSource, Source};
pub use trace::{InvalidTraceParent, InvalidTraceState, TraceParent};

/// The version of the envelope that this crate writes, and the only one that it reads.
pub const SCHEMA: u32 = 1;

/// An event on its way between programs.
///
/// # Examples
///
/// ```
/// use pyventus_queue::{Envelope, Json, Payload, QueueName, Source};
///
/// let data = Json::new(&serde_json::json!({"id": 7}))?;
/// let envelope = Envelope::new(
///     QueueName::new("orders")?,
///     Source::new("/shop")?,
///     "order.placed",
///     Payload::Event(data),
/// );
/// assert_eq!(envelope.event(), "order.placed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Envelope {
    id: Uuid,
    source: Source,
    event: String,
    payload: Payload,
    time: SystemTime,
    args: Option<String>,
    queue: QueueName,
    trace_parent: Option<TraceParent>,
}

/// What is emitted: a text, or the object of a typed event.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// The event is its name alone.
    Text,
    /// The event has an object.
    Event(Json),
}

impl Envelope {
    /// Makes an envelope with a new identity (a UUID of version 7) and the present time.
    ///
    /// The name of the event is any text that is not empty. (One with control characters is no valid
    /// `type` of `CloudEvents`; it travels all the same.)
    #[must_use]
    pub fn new(queue: QueueName, source: Source, event: impl Into<String>, payload: Payload) -> Self {
        Self::of((Uuid::now_v7(), SystemTime::now()), queue, source, event, payload)
    }

    /// Makes an envelope of that identity and time: what makes both anew only to replace them costs more than the rest.
    pub(crate) fn of(
        (id, time): (Uuid, SystemTime),
        queue: QueueName,
        source: Source,
        event: impl Into<String>,
        payload: Payload,
    ) -> Self {
        Self { id, source, event: event.into(), payload, time, args: None, queue, trace_parent: None }
    }

    /// Sets the identity of the emission.
    #[must_use]
    pub fn with_id(mut self, id: Uuid) -> Self {
        self.id = id;
        self
    }

    /// Sets when the event was emitted.
    #[must_use]
    pub fn with_time(mut self, time: SystemTime) -> Self {
        self.time = time;
        self
    }

    /// Sets the arguments of the emission; none at all are not written.
    #[must_use]
    pub fn with_arguments(self, args: &Arguments) -> Self {
        let encoded = (!args.is_empty()).then(|| args.encode());
        self.with_encoded_arguments(encoded)
    }

    /// Sets the arguments as a codec has read them, which decodes nothing.
    #[must_use]
    pub fn with_encoded_arguments(mut self, args: Option<String>) -> Self {
        self.args = args;
        self
    }

    /// Sets the span that the emission is a part of.
    #[must_use]
    pub fn with_trace_parent(mut self, trace_parent: Option<TraceParent>) -> Self {
        self.trace_parent = trace_parent;
        self
    }

    /// Returns the identity of the emission.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Returns which program emitted the event.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns the name of the event.
    #[must_use]
    pub fn event(&self) -> &str {
        &self.event
    }

    /// Returns what was emitted.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Returns when the event was emitted.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.time
    }

    /// Returns the arguments as JSON text, for codecs.
    #[must_use]
    pub fn encoded_arguments(&self) -> Option<&str> {
        self.args.as_deref()
    }

    /// Decodes the arguments of the emission.
    ///
    /// # Errors
    ///
    /// The text is not that of [`Arguments`].
    pub fn arguments(&self) -> Result<Arguments, DecodeArgumentsError> {
        self.args.as_deref().map_or_else(|| Ok(Arguments::default()), |args| Ok(serde_json::from_str(args)?))
    }

    /// Returns the queue that the event was published to.
    #[must_use]
    pub fn queue(&self) -> &QueueName {
        &self.queue
    }

    /// Returns the span that the emission is a part of.
    #[must_use]
    pub fn trace_parent(&self) -> Option<&TraceParent> {
        self.trace_parent.as_ref()
    }
}

impl fmt::Debug for Envelope {
    /// Shows what the envelope says of the event, never the event.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("id", &self.id)
            .field("source", &self.source)
            .field("event", &self.event)
            .field("payload", &self.payload)
            .field("time", &self.time)
            .field("args", &self.args.as_ref().map(String::len))
            .field("queue", &self.queue)
            .field("trace_parent", &self.trace_parent)
            .finish()
    }
}

/// One JSON value as its text, which is passed on as it is.
#[derive(Clone)]
pub struct Json(String);

impl Json {
    /// Serialises a value.
    ///
    /// # Errors
    ///
    /// The value refuses to be serialised, or has a map whose keys are no texts.
    pub fn new<T: Serialize + ?Sized>(value: &T) -> Result<Self, JsonError> {
        Ok(Self(serde_json::to_string(value)?))
    }

    /// Takes a text over.
    ///
    /// # Errors
    ///
    /// The text is not one JSON value.
    pub fn from_text(text: String) -> Result<Self, JsonError> {
        Ok(Self(Box::<str>::from(RawValue::from_string(text)?).into()))
    }

    /// Takes over what was written as JSON just now.
    pub(crate) fn from_written(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn from_raw(raw: &RawValue) -> Self {
        Self(raw.get().to_owned())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Decodes the value.
    ///
    /// # Errors
    ///
    /// The text is not that of a `T`, or is nested more than 127 times.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        Ok(serde_json::from_str(&self.0)?)
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for Json {
    /// Shows how long the text is, not the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({} bytes)", self.as_str().len())
    }
}

/// A value could not be made JSON, or JSON could not be made a value.
#[derive(Debug, thiserror::Error)]
#[error("the JSON is not what was expected")]
pub struct JsonError(#[from] serde_json::Error);

/// The arguments of an emission, as an envelope holds them.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The positional arguments, in order.
    pub positional: Vec<Value>,
    /// The named ones.
    pub named: BTreeMap<String, Value>,
}

impl Arguments {
    /// Returns whether there are no arguments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.positional.is_empty() && self.named.is_empty()
    }

    fn encode(&self) -> String {
        serde_json::to_string(self).expect("values of JSON have a text")
    }
}

impl fmt::Debug for Arguments {
    /// Shows how many arguments there are and their names, never their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("positional", &self.positional.len())
            .field("named", &self.named.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// The text of the arguments is not that of [`Arguments`].
#[derive(Debug, thiserror::Error)]
#[error("the arguments of the emission cannot be decoded")]
pub struct DecodeArgumentsError(#[from] serde_json::Error);
