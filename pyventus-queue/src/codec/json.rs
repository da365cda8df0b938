//! The form of `CloudEvents` 1.0 in JSON.

use std::borrow::Cow;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use uuid::Uuid;

use crate::envelope::{Envelope, Json, Payload, SCHEMA, Source, TraceParent};
use crate::name::{KeyId, QueueName};
use crate::signature::{Sealed, Signature};

use super::fields::{Fields, kind_of, quote};
use super::object::Object;
use super::{Codec, DecodeError, EncodeError};

/// Writes an envelope as a `CloudEvents` 1.0 event in JSON.
///
/// Beside the attributes of `CloudEvents` (`specversion`, `id`, `source`, `type`, `time`, `datacontenttype`, `data`,
/// `traceparent`, `tracestate`), an envelope has these extensions:
///
/// | extension | says |
/// |---|---|
/// | `pyvschema` | the version of the envelope, an integer: [`SCHEMA`] |
/// | `pyvkind` | `text`, without data, or `event`, with data |
/// | `pyvqueue` | the queue that the event was published to |
/// | `pyvargs` | the arguments, as JSON in a text, because extensions are no objects; absent where there are none |
/// | `pyvkey`, `pyvmac` | the name of the key, and the signature in base64; absent where nobody signs |
///
/// Every field is checked when an envelope is read, and a field that none has is refused. The signature covers the
/// very text of `data`: who passes an envelope on must not write it anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonCodec;

const SPECVERSION: &str = "1.0";
const JSON: &str = "application/json";

/// The bytes of an envelope without what differs in length, and some more.
const USUAL: usize = 320;

impl Codec for JsonCodec {
    fn encode(&self, sealed: &Sealed) -> Result<Vec<u8>, EncodeError> {
        let envelope = sealed.unverified();
        if envelope.event().is_empty() {
            return Err(EncodeError::new("type", "a text that is not empty"));
        }
        let time = Timestamp::try_from(envelope.time())
            .map_err(|_| EncodeError::new("time", "a time of the years -9999 to 9999"))?;
        let (kind, data) = match envelope.payload() {
            Payload::Text => ("text", None),
            Payload::Event(data) => ("event", Some(data.as_str())),
        };
        let args = envelope.encoded_arguments();
        let length = [Some(envelope.event()), data, args].into_iter().flatten().map(str::len).sum::<usize>();
        let mut object = Object::with_capacity(USUAL + length);
        object.plain("specversion", SPECVERSION);
        object.plain("id", envelope.id().hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        object.plain("source", envelope.source().as_str());
        object.value("type", envelope.event());
        object.written("time", |text| DateTimePrinter::new().print_timestamp(&time, text));
        if data.is_some() {
            object.plain("datacontenttype", JSON);
        }
        if let Some(parent) = envelope.trace_parent() {
            object.plain("traceparent", parent.as_str());
            if let Some(state) = parent.state() {
                object.value("tracestate", state);
            }
        }
        object.value("pyvschema", SCHEMA);
        object.plain("pyvkind", kind);
        object.plain("pyvqueue", envelope.queue());
        if let Some(args) = args {
            object.value("pyvargs", args);
        }
        if let Some(signature) = sealed.signature() {
            object.plain("pyvkey", signature.key().as_str());
            object.plain("pyvmac", &STANDARD.encode(signature.mac()));
        }
        if let Some(data) = data {
            object.json("data", data);
        }
        Ok(object.end())
    }

    fn decode(&self, bytes: &[u8]) -> Result<Sealed, DecodeError> {
        let fields = Fields::read(bytes)?;
        // First, because the other fields mean what their version says.
        fields.version("specversion", format_args!("\"{SPECVERSION}\""), |found| {
            found.strip_prefix('"').and_then(|found| found.strip_suffix('"')) == Some(SPECVERSION)
        })?;
        fields.version("pyvschema", SCHEMA, |found| found.parse() == Ok(SCHEMA))?;
        let id = parse(&fields, "id", "a UUID in lower case with hyphens", |text| {
            let is_written_so =
                |id: &Uuid| *id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == *text;
            Uuid::try_parse(text).ok().filter(is_written_so)
        })?;
        let source =
            parse(&fields, "source", "a reference in the form of a URI", |text| Source::new(text).ok())?;
        let event = parse(&fields, "type", "a text that is not empty", |text| {
            (!text.is_empty()).then(|| text.to_owned())
        })?;
        let time = parse(&fields, "time", "a time of RFC 3339", |text| {
            text.parse().ok().and_then(|time: Timestamp| SystemTime::try_from(time).ok())
        })?;
        let queue = parse(&fields, "pyvqueue", "the name of a queue", |text| QueueName::new(text).ok())?;
        let payload = payload(&fields)?;
        let args = fields.optional_text("pyvargs")?.map(Cow::into_owned);
        let trace_parent = trace_parent(&fields)?;
        let signature = signature(&fields)?;
        fields.none_unknown()?;
        let envelope = Envelope::of((id, time), queue, source, event, payload)
            .with_encoded_arguments(args)
            .with_trace_parent(trace_parent);
        Ok(Sealed::new(envelope, signature))
    }
}

/// Takes a text that means something.
fn parse<T>(
    fields: &Fields<'_>,
    field: &'static str,
    wanted: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    valid(field, wanted, &fields.text(field)?, read)
}

fn valid<T>(
    field: &'static str,
    wanted: &'static str,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    read(text).ok_or_else(|| DecodeError::Invalid { field, wanted, found: quote(text) })
}

/// The data of an event, or nothing at all of a text.
fn payload(fields: &Fields<'_>) -> Result<Payload, DecodeError> {
    let kind = fields.text("pyvkind")?;
    match &*kind {
        "text" => {
            for field in ["data", "datacontenttype"] {
                if let Some(value) = fields.optional(field)? {
                    let found = kind_of(value).to_owned();
                    return Err(DecodeError::Invalid { field, wanted: "absent, as in every text", found });
                }
            }
            Ok(Payload::Text)
        }
        "event" => {
            parse(fields, "datacontenttype", JSON, |text| (text == JSON).then_some(()))?;
            Ok(Payload::Event(Json::from_raw(fields.required("data")?)))
        }
        _ => valid("pyvkind", "`text` or `event`", &kind, |_| None),
    }
}

/// The span that the emission is a part of, if there is one; it alone has a state.
fn trace_parent(fields: &Fields<'_>) -> Result<Option<TraceParent>, DecodeError> {
    let (parent, state) = (fields.optional_text("traceparent")?, fields.optional_text("tracestate")?);
    let parent = parent.map(|text| {
        let wanted = "a `traceparent` of version 00";
        valid("traceparent", wanted, &text, |text| TraceParent::new(text).ok())
    });
    match (parent.transpose()?, state) {
        (parent, None) => Ok(parent),
        (None, Some(_)) => Err(DecodeError::Missing { field: "traceparent" }),
        (Some(parent), Some(state)) => {
            let wanted = "1 to 512 characters of ASCII that can be printed";
            valid("tracestate", wanted, &state, |state| parent.clone().with_state(state).ok()).map(Some)
        }
    }
}

/// The signature, if there is one: both of its fields, or neither.
fn signature(fields: &Fields<'_>) -> Result<Option<Signature>, DecodeError> {
    match (fields.optional_text("pyvkey")?, fields.optional_text("pyvmac")?) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(DecodeError::Missing { field: "pyvmac" }),
        (None, Some(_)) => Err(DecodeError::Missing { field: "pyvkey" }),
        (Some(key), Some(mac)) => {
            let key = valid("pyvkey", "the name of a key", &key, |text| KeyId::new(text).ok())?;
            let mac = valid("pyvmac", "32 bytes in base64", &mac, |text| {
                STANDARD.decode(text).ok().and_then(|mac| mac.try_into().ok())
            })?;
            Ok(Some(Signature::from_parts(key, mac)))
        }
    }
}
