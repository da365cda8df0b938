//! A dead letter as it is shown: what it says of itself, and what can be read of its event.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pyventus_queue::{Attempt, Codec as _, DeadLetter, Envelope, JsonCodec, Payload, Sealed};
use serde_json::{Value, json};

use crate::shown::exact_time;

/// The envelope of an event, unless it cannot be read, which nobody has verified.
pub(super) fn sealed(dead: &DeadLetter) -> Option<Sealed> {
    JsonCodec.decode(dead.message.body()).ok()
}

/// Why it is dead, in a word.
pub(super) fn reason(dead: &DeadLetter) -> String {
    let word = serde_json::to_value(dead.letter.reason).unwrap_or_default();
    word.as_str().unwrap_or("other").to_owned()
}

/// Whether a handler gave it up, if one is named.
pub(super) fn is_of(dead: &DeadLetter, handler: Option<&str>) -> bool {
    handler.is_none_or(|handler| dead.letter.handler.as_deref() == Some(handler))
}

/// What is said of a letter, without the payload of its event.
pub(super) fn json(dead: &DeadLetter) -> Value {
    let letter = &dead.letter;
    let attempt = |Attempt { at, error }: &Attempt| json!({ "at": exact_time(*at), "error": error });
    let event = |sealed: Sealed| {
        let envelope = sealed.unverified();
        json!({
            "name": envelope.event(),
            "id": envelope.id().to_string(),
            "source": envelope.source().as_str(),
            "time": exact_time(envelope.time()),
            "key": sealed.signature().map(|signature| signature.key().as_str()),
        })
    };
    json!({
        "id": dead.id.to_string(),
        "queue": dead.queue.as_str(),
        "group": dead.group.as_str(),
        "event": sealed(dead).map(event),
        "bytes": dead.message.body().len(),
        "handler": letter.handler,
        "origin": letter.origin,
        "reason": reason(dead),
        "attempts": letter.attempts,
        "at": exact_time(dead.at),
        "history": letter.history.iter().map(attempt).collect::<Vec<_>>(),
    })
}

/// The data of an event and its arguments; what cannot be read is given as it is, in base64.
pub(super) fn payload(dead: &DeadLetter) -> Value {
    let Some(sealed) = sealed(dead) else {
        return json!({ "body": STANDARD.encode(dead.message.body()) });
    };
    let envelope = sealed.unverified();
    json!({ "data": data(envelope), "arguments": envelope.encoded_arguments().map(read) })
}

fn data(envelope: &Envelope) -> Option<Value> {
    match envelope.payload() {
        Payload::Text => None,
        Payload::Event(data) => Some(read(data.as_str())),
    }
}

/// A JSON text as data; where it is none, as the text that it is.
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
