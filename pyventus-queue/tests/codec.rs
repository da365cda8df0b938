//! A codec of one's own: envelopes as lines of text.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pyventus_core::{Context, EventEmitter, EventLinker, args};
use pyventus_queue::{
    Broker, Codec, DeadReason, DecodeError, EncodeError, Envelope, GroupName, KeyId, Keyring, MemoryBroker,
    Page, Payload, QueueBackend, QueueName, Seal, Sealed, Signature, Source, Worker,
};
use uuid::Uuid;

/// Texts alone, a field in each line: made with nothing but what every crate can use.
#[derive(Clone, Copy)]
struct LineCodec;

impl Codec for LineCodec {
    fn encode(&self, sealed: &Sealed) -> Result<Vec<u8>, EncodeError> {
        let envelope = sealed.unverified();
        if !matches!(envelope.payload(), Payload::Text) {
            return Err(EncodeError::new("data", "absent, as in every text"));
        }
        let since =
            envelope.time().duration_since(UNIX_EPOCH).map_err(|_| EncodeError::new("time", "recent"))?;
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        let lines = [
            envelope.id().to_string(),
            since.as_nanos().to_string(),
            envelope.queue().to_string(),
            envelope.source().as_str().to_owned(),
            envelope.event().to_owned(),
            envelope.encoded_arguments().unwrap_or_default().to_owned(),
            sealed.signature().map(|signature| signature.key().to_string()).unwrap_or_default(),
            sealed.signature().map(|signature| hex(signature.mac())).unwrap_or_default(),
        ];
        Ok(lines.join("\n").into_bytes())
    }

    fn decode(&self, bytes: &[u8]) -> Result<Sealed, DecodeError> {
        read(bytes).ok_or_else(|| DecodeError::Malformed("these are no eight lines".into()))
    }
}

fn read(bytes: &[u8]) -> Option<Sealed> {
    let lines: Vec<_> = std::str::from_utf8(bytes).ok()?.split('\n').collect();
    let [id, nanos, queue, source, event, args, key, mac] = lines.try_into().ok()?;
    let (queue, source) = (QueueName::new(queue).ok()?, Source::new(source).ok()?);
    let envelope = Envelope::new(queue, source, event, Payload::Text)
        .with_id(Uuid::try_parse(id).ok()?)
        .with_time(UNIX_EPOCH + Duration::from_nanos(nanos.parse().ok()?))
        .with_encoded_arguments((!args.is_empty()).then(|| args.to_owned()));
    if key.is_empty() {
        return Some(Sealed::new(envelope, None));
    }
    let byte = |at: usize| mac.get(2 * at..2 * at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
    let mac = (0..32).map(byte).collect::<Option<Vec<_>>>()?.try_into().ok()?;
    Some(Sealed::new(envelope, Some(Signature::from_parts(KeyId::new(key).ok()?, mac))))
}

fn seal() -> Seal {
    Seal::new(LineCodec).with_keyring(Keyring::new(KeyId::new("k").unwrap(), "a secret").unwrap())
}

/// What is signed and written by a codec is what it is signed as in any other form: it is read and verified, and where one
/// byte is another one, it is not.
#[test]
fn an_envelope_of_another_form_is_signed_and_verified_as_every_other() {
    let queue = QueueName::new("orders").unwrap();
    let envelope = Envelope::new(queue.clone(), Source::new("/shop").unwrap(), "order.placed", Payload::Text)
        .with_time(SystemTime::now());
    let bytes = seal().seal(envelope.clone()).unwrap();
    assert_eq!(seal().open(&bytes, &queue).unwrap(), envelope);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Ok(opened) = seal().open(&changed, &queue) {
            assert_eq!(opened, envelope, "byte {at} says something else");
        }
    }
}

/// Programs that agree on a codec emit and handle as with the usual one; what is in another form is put into quarantine.
#[tokio::test]
async fn programs_that_agree_on_a_codec_understand_one_another_and_no_others() {
    let (broker, linker) = (MemoryBroker::new(10), EventLinker::new());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let handler = move |context: Context| {
        let id = context.args().named("id").and_then(serde_json::Value::as_u64).unwrap();
        noted.lock().unwrap().push((id, context.event_name().to_owned()));
    };
    linker.subscribe("order.placed").handler(handler).unwrap();
    let emitter = |backend| EventEmitter::builder(backend).linker(&linker).build();
    let theirs = QueueBackend::new(broker.clone()).seal(seal());
    emitter(theirs).emit_with("order.placed", args![id = 7]).await.unwrap();
    emitter(QueueBackend::new(broker.clone())).emit_with("order.placed", args![id = 8]).await.unwrap();

    let (queue, group) = (QueueName::default(), GroupName::default());
    let done = async {
        while broker.counts(&queue, &group).await.unwrap().pending > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let worker = Worker::new(broker.clone()).emitter(emitter(QueueBackend::new(broker.clone())));
    worker.seal(seal()).poll(Duration::from_millis(10)).run_until(done).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [(7, "order.placed".to_owned())]);
    let letters = broker.letters(&queue, &group, Page::first(10)).await.unwrap();
    assert_eq!(letters.iter().map(|dead| dead.letter.reason).collect::<Vec<_>>(), [DeadReason::Undecodable]);
}
