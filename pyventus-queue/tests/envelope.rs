//! Envelopes: the form they are written in, what is refused, and what a signature holds.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use pyventus_queue::{
    Arguments, Codec, DecodeError, Envelope, Json, JsonCodec, KeyError, KeyId, Keyring, OpenError, Payload,
    QueueName, Seal, Sealed, Signature, SignatureError, Source, TraceParent,
};
use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn queue() -> QueueName {
    QueueName::new("orders").unwrap()
}

fn key(id: &str) -> KeyId {
    KeyId::new(id).unwrap()
}

fn keyring(id: &str, secret: &str) -> Keyring {
    Keyring::new(key(id), secret).unwrap()
}

fn base(event: &str, payload: Payload) -> Envelope {
    Envelope::new(queue(), Source::new("/shop").unwrap(), event, payload)
        .with_id(ID.parse().unwrap())
        .with_time(UNIX_EPOCH + Duration::new(1_767_225_600, 123_456_789))
}

fn text() -> Envelope {
    base("order.cancelled", Payload::Text)
}

fn event() -> Envelope {
    let data = Json::from_text(r#"{"id":7,"note":"zwölf “Stück”"}"#.to_owned()).unwrap();
    let args = Arguments {
        positional: vec![json!("Pyventus"), json!(3)],
        named: [("formal".to_owned(), json!(true))].into(),
    };
    base("order.placed", Payload::Event(data))
        .with_arguments(&args)
        .with_trace_parent(Some(TraceParent::new(TRACE).unwrap()))
}

/// The same, of which tracing systems say something.
fn traced(state: &str) -> Envelope {
    event().with_trace_parent(Some(TraceParent::new(TRACE).unwrap().with_state(state).unwrap()))
}

fn golden(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let mut bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    while bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}

fn sealed_goldens() -> [(&'static str, Envelope, Seal); 4] {
    let signed = || Seal::default().with_keyring(keyring("2026-01", "a secret of the test"));
    [
        ("text", text(), Seal::default()),
        ("event", event(), Seal::default()),
        ("signed", event(), signed()),
        ("traced", traced("vendor=7,other=x"), signed()),
    ]
}

#[test]
fn envelopes_are_written_as_the_golden_files_say() {
    for (name, envelope, seal) in sealed_goldens() {
        let bytes = seal.seal(envelope).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            String::from_utf8_lossy(&golden(name)),
            "the form of {name} has changed: programs of the last version cannot read it"
        );
    }
}

#[test]
fn the_golden_files_are_read_as_what_was_written() {
    for (name, envelope, seal) in sealed_goldens() {
        assert_eq!(seal.open(&golden(name), &queue()).unwrap(), envelope, "{name}");
    }
}

#[test]
fn the_arguments_come_back_as_they_were() {
    let envelope = Seal::default().open(&golden("event"), &queue()).unwrap();
    let args = envelope.arguments().unwrap();
    assert_eq!(args.positional, [json!("Pyventus"), json!(3)]);
    assert_eq!(args.named.into_iter().collect::<Vec<_>>(), [("formal".to_owned(), json!(true))]);
    assert!(Seal::default().open(&golden("text"), &queue()).unwrap().arguments().unwrap().is_empty());
}

/// The golden event as a JSON object.
fn fields(name: &str) -> serde_json::Map<String, Value> {
    serde_json::from_slice(&golden(name)).unwrap()
}

fn decode(fields: &serde_json::Map<String, Value>) -> Result<Sealed, DecodeError> {
    JsonCodec.decode(&serde_json::to_vec(fields).unwrap())
}

// K8
#[test]
fn every_field_is_needed_unless_it_may_be_absent() {
    const OPTIONAL: [&str; 2] = ["traceparent", "pyvargs"];
    for field in fields("signed").keys() {
        let mut left = fields("signed");
        left.remove(field);
        match decode(&left) {
            Ok(_) => assert!(OPTIONAL.contains(&field.as_str()), "{field}"),
            Err(DecodeError::Missing { field: missing, .. }) => assert_eq!(missing, field),
            Err(other) => panic!("{field}: {other}"),
        }
    }
}

#[test]
fn a_trace_has_a_state_only_where_there_is_a_parent() {
    let mut traced = fields("traced");
    assert_eq!(traced["tracestate"], "vendor=7,other=x");
    let decoded = decode(&traced).unwrap();
    assert_eq!(decoded.unverified().trace_parent().unwrap().state(), Some("vendor=7,other=x"));
    traced.remove("traceparent");
    assert!(matches!(decode(&traced), Err(DecodeError::Missing { field: "traceparent", .. })));
    let parent = TraceParent::new(TRACE).unwrap();
    for state in ["", "a=\n", "ä=1", &"x".repeat(513)] {
        assert!(parent.clone().with_state(state).is_err(), "{state:?}");
    }
    assert_eq!(parent.with_state("x".repeat(512)).unwrap().as_str(), TRACE);
}

// K8
#[test]
fn an_unknown_field_and_a_repeated_one_are_refused_by_name() {
    let mut more = fields("event");
    more.insert("subject".to_owned(), json!("x"));
    assert!(matches!(decode(&more), Err(DecodeError::Unknown { field, .. }) if field == "subject"));

    let twice = String::from_utf8(golden("event")).unwrap().replacen('{', r#"{"\u0069d":"x","#, 1);
    assert!(matches!(JsonCodec.decode(twice.as_bytes()), Err(DecodeError::Repeated { field: "id", .. })));
}

#[test]
fn another_version_is_refused_with_both_versions_before_anything_else() {
    for (field, version, shown) in [("specversion", json!("2.0"), "\"2.0\""), ("pyvschema", json!(2), "2")] {
        let mut other = fields("event");
        other.insert(field.to_owned(), version);
        other.insert("brandnew".to_owned(), json!(1));
        let error = decode(&other).unwrap_err();
        assert!(
            matches!(&error, DecodeError::Version { field: named, found, .. } if *named == field && found == shown)
        );
        assert!(error.to_string().contains(shown), "{error}");
    }
}

#[test]
fn a_field_of_another_kind_or_form_is_refused_by_name() {
    let wrong = [
        ("id", json!(7)),
        ("id", json!("7")),
        ("id", json!(ID.to_uppercase())),
        ("id", json!(format!("{{{ID}}}"))),
        ("source", json!("")),
        ("source", json!("a b")),
        ("type", json!("")),
        ("type", json!(null)),
        ("time", json!("yesterday")),
        ("time", json!(1_767_225_600)),
        ("datacontenttype", json!("text/plain")),
        ("traceparent", json!("00-0-0-0")),
        ("tracestate", json!("\u{7f}")),
        ("pyvkind", json!("error")),
        ("pyvargs", json!({"positional": [], "named": {}})),
        ("pyvqueue", json!("or ders")),
        ("pyvkey", json!("")),
        ("pyvmac", json!("AAAA")),
        ("pyvmac", json!("?")),
    ];
    for (field, value) in wrong {
        let mut fields = fields("signed");
        fields.insert(field.to_owned(), value);
        match decode(&fields) {
            Err(DecodeError::Invalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[test]
fn a_text_that_is_no_unicode_is_refused_by_name() {
    let broken = String::from_utf8(golden("text")).unwrap().replace("order.cancelled", r"\ud800");
    match JsonCodec.decode(broken.as_bytes()) {
        Err(DecodeError::Invalid { field: "type", found, .. }) => {
            assert_eq!(found, "a text that is no Unicode");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_has_no_data() {
    for (field, value) in [("data", json!({})), ("datacontenttype", json!("application/json"))] {
        let mut fields = fields("text");
        fields.insert(field.to_owned(), value);
        assert!(matches!(decode(&fields), Err(DecodeError::Invalid { field: named, .. }) if named == field));
    }
}

#[test]
fn data_that_is_nested_deeply_is_passed_on_and_refused_only_where_it_is_decoded() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let data = Json::from_text(deep.clone()).unwrap();
    let bytes = Seal::default().seal(base("deep", Payload::Event(data))).unwrap();
    let opened = Seal::default().open(&bytes, &queue()).unwrap();
    let Payload::Event(data) = opened.payload() else { panic!("it has data") };
    assert_eq!(data.as_str(), deep);
    assert!(data.decode::<Value>().is_err());
}

// K12
#[test]
fn what_is_no_object_is_malformed() {
    for bytes in [&b""[..], b"null", b"[]", b"{", b"{}x", b"\xff", b"{\"id\":"] {
        assert!(matches!(JsonCodec.decode(bytes), Err(DecodeError::Malformed(_))), "{bytes:?}");
    }
}

#[test]
fn what_cannot_be_written_is_refused_by_name() {
    let nameless = base("", Payload::Text);
    assert_eq!(Seal::default().seal(nameless).unwrap_err().field(), "type");
    let never = text().with_time(UNIX_EPOCH + Duration::from_secs(1 << 60));
    assert_eq!(Seal::default().seal(never).unwrap_err().field(), "time");
}

#[test]
fn nothing_prints_a_payload_or_a_secret() {
    let envelope = event();
    let sealed = Sealed::sign(envelope.clone(), Some(&keyring("k", "hush")));
    let seal = Seal::default().with_keyring(keyring("k", "hush"));
    let shown = format!("{envelope:?} {sealed:?} {seal:?} {:?}", envelope.arguments().unwrap());
    for secret in ["zwölf", "Pyventus", "hush"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

// K3
#[test]
fn a_key_has_a_secret_and_a_name_of_its_own() {
    assert!(matches!(Keyring::new(key("k"), ""), Err(KeyError::EmptySecret { .. })));
    assert!(matches!(keyring("k", "s").accept(key("l"), ""), Err(KeyError::EmptySecret { .. })));
    assert!(matches!(keyring("k", "s").accept(key("k"), "t"), Err(KeyError::Repeated { .. })));
}

// K9 K10
#[test]
fn a_signature_is_there_exactly_where_there_are_keys() {
    let (signed, unsigned) = (Seal::default().with_keyring(keyring("k", "s")), Seal::default());
    let refused = |opened: Result<Envelope, OpenError>| match opened {
        Err(OpenError::Signature(error)) => error,
        other => panic!("{other:?}"),
    };
    let bytes = unsigned.seal(text()).unwrap();
    assert_eq!(refused(signed.open(&bytes, &queue())), SignatureError::Absent);
    let bytes = signed.seal(text()).unwrap();
    assert!(matches!(refused(unsigned.open(&bytes, &queue())), SignatureError::Unexpected { .. }));
    let other = Seal::default().with_keyring(keyring("l", "s"));
    assert!(matches!(refused(other.open(&bytes, &queue())), SignatureError::UnknownKey { .. }));
    let other = Seal::default().with_keyring(keyring("k", "t"));
    assert!(matches!(refused(other.open(&bytes, &queue())), SignatureError::Wrong { .. }));
}

#[test]
fn keys_are_exchanged_without_a_gap() {
    let old = Seal::default().with_keyring(keyring("old", "1"));
    let both = Seal::default().with_keyring(keyring("new", "2").accept(key("old"), "1").unwrap());
    let new = Seal::default().with_keyring(keyring("new", "2"));
    let (before, after) = (old.seal(text()).unwrap(), both.seal(text()).unwrap());
    assert!(both.open(&before, &queue()).is_ok());
    assert!(both.open(&after, &queue()).is_ok());
    assert!(new.open(&after, &queue()).is_ok());
    assert!(new.open(&before, &queue()).is_err());
}

#[test]
fn an_envelope_is_refused_in_another_queue() {
    let seal = Seal::default().with_keyring(keyring("k", "s"));
    let bytes = seal.seal(text()).unwrap();
    let other = QueueName::new("payments").unwrap();
    assert!(matches!(seal.open(&bytes, &other), Err(OpenError::Queue { .. })));
}

// K7 K14
#[test]
fn a_signature_covers_every_field() {
    let keyring = keyring("k", "s").accept(key("l"), "s").unwrap();
    let signature = keyring.sign(&event());
    let data = |text: &str| Payload::Event(Json::from_text(text.to_owned()).unwrap());
    let changed = |event: &str, payload| {
        base(event, payload)
            .with_encoded_arguments(self::event().encoded_arguments().map(str::to_owned))
            .with_trace_parent(self::event().trace_parent().cloned())
    };
    let same = r#"{"id":7,"note":"zwölf “Stück”"}"#;
    let elsewhere = |queue: &str, source: &str| {
        let (queue, source) = (QueueName::new(queue).unwrap(), Source::new(source).unwrap());
        Envelope::new(queue, source, "order.placed", data(same))
            .with_id(event().id())
            .with_time(event().time())
            .with_encoded_arguments(event().encoded_arguments().map(str::to_owned))
            .with_trace_parent(event().trace_parent().cloned())
    };
    let open = |envelope: Envelope| Sealed::new(envelope, Some(signature.clone())).open(Some(&keyring));
    assert!(open(changed("order.placed", data(same))).is_ok());
    assert!(open(elsewhere("orders", "/shop")).is_ok());

    let other_trace = TraceParent::new(TRACE.replace("-01", "-00")).unwrap();
    let tampered = [
        ("id", event().with_id(uuid::Uuid::from_u128(1))),
        ("source", elsewhere("orders", "/shop2")),
        ("queue", elsewhere("orders2", "/shop")),
        ("the border of queue and source", elsewhere("orders-", "shop")),
        ("type", changed("order.placed2", data(same))),
        ("kind", changed("order.placed", Payload::Text)),
        ("data", changed("order.placed", data(&same.replace('7', "8")))),
        ("the text of the data", changed("order.placed", data(&same.replace(':', ": ")))),
        ("time", event().with_time(event().time() + Duration::from_nanos(1))),
        ("args", event().with_encoded_arguments(Some(r#"{"positional":[],"named":{}}"#.to_owned()))),
        ("no args", event().with_encoded_arguments(None)),
        ("traceparent", event().with_trace_parent(Some(other_trace))),
        ("no traceparent", event().with_trace_parent(None)),
        ("tracestate", traced("vendor=7")),
    ];
    for (what, envelope) in tampered {
        assert!(matches!(open(envelope), Err(SignatureError::Wrong { .. })), "{what}");
    }
    for byte in 0..32 {
        let mut mac = *signature.mac();
        mac[byte] ^= 1;
        let sealed = Sealed::new(event(), Some(Signature::from_parts(key("k"), mac)));
        assert!(matches!(sealed.open(Some(&keyring)), Err(SignatureError::Wrong { .. })));
    }
    // The name of the key is covered, even where two keys have one secret.
    let renamed = Signature::from_parts(key("l"), *signature.mac());
    let opened = Sealed::new(event(), Some(renamed)).open(Some(&keyring));
    assert!(matches!(opened, Err(SignatureError::Wrong { .. })));
}

// K11
#[test]
fn the_signature_is_verified_before_anything_is_decoded() {
    let seal = Seal::default().with_keyring(keyring("k", "s"));
    let bytes = seal.seal(text().with_encoded_arguments(Some("no JSON".to_owned()))).unwrap();
    // What is signed comes out, and only then turns out to be nonsense.
    assert!(seal.open(&bytes, &queue()).unwrap().arguments().is_err());
    let tampered = String::from_utf8(bytes).unwrap().replace("no JSON", "NO JSON");
    assert!(matches!(seal.open(tampered.as_bytes(), &queue()), Err(OpenError::Signature(_))));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e15..1e15).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..8)
                .prop_map(|map| Value::from(serde_json::Map::from_iter(map))),
        ]
    })
}

prop_compose! {
    fn any_envelope()(
        (id, event, source) in (any::<u128>(), "(?s).+", ".*"),
        data in prop::option::of(any_json()),
        (seconds, nanos) in (-100_000_000_000_i64..200_000_000_000, 0..1_000_000_000_u32),
        positional in prop::collection::vec(any_json(), 0..3),
        named in prop::collection::btree_map(".*", any_json(), 0..3),
        queue in "[A-Za-z0-9._-]{1,100}",
        trace in prop::option::of((1..u128::MAX, 1..u64::MAX, any::<u8>())),
        state in prop::option::of("[ -~]{1,512}"),
    ) -> Envelope {
        let payload = data.map_or(Payload::Text, |data| Payload::Event(Json::new(&data).unwrap()));
        let start = Duration::from_secs(seconds.unsigned_abs());
        let time: SystemTime = if seconds < 0 { UNIX_EPOCH - start } else { UNIX_EPOCH + start };
        let trace = trace.map(|(trace, span, flags)| {
            let parent = TraceParent::new(format!("00-{trace:032x}-{span:016x}-{flags:02x}")).unwrap();
            match &state {
                Some(state) => parent.with_state(state).unwrap(),
                None => parent,
            }
        });
        Envelope::new(QueueName::new(queue).unwrap(), Source::of_name(&source), event, payload)
            .with_id(uuid::Uuid::from_u128(id))
            .with_time(time + Duration::from_nanos(u64::from(nanos)))
            .with_arguments(&Arguments { positional, named })
            .with_trace_parent(trace)
    }
}

proptest! {
    #[test]
    fn every_envelope_comes_back_as_it_was(envelope in any_envelope(), signed: bool) {
        let seal = if signed { Seal::default().with_keyring(keyring("k", "s")) } else { Seal::default() };
        let bytes = seal.seal(envelope.clone()).unwrap();
        let opened = seal.open(&bytes, envelope.queue()).unwrap();
        prop_assert_eq!(opened.arguments().unwrap(), envelope.arguments().unwrap());
        prop_assert_eq!(opened, envelope);
    }

    #[test]
    fn data_comes_back_as_the_value_it_was(value in any_json()) {
        prop_assert_eq!(Json::new(&value).unwrap().decode::<Value>().unwrap(), value);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _any = JsonCodec.decode(&bytes);
    }

    #[test]
    fn any_fields_are_decoded_or_refused(
        values in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 1..4),
    ) {
        let mut fields = fields("signed");
        let names: Vec<_> = fields.keys().cloned().collect();
        for (name, value) in values {
            fields.insert(name.get(&names).clone(), value);
        }
        if let Ok(sealed) = decode(&fields) {
            // Whatever was read can be written, and is then read as the same.
            let written = JsonCodec.encode(&sealed).unwrap();
            prop_assert_eq!(JsonCodec.decode(&written).unwrap(), sealed);
        }
    }

    #[test]
    fn a_mutated_envelope_is_refused_or_the_same(
        envelope in any_envelope(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..6),
    ) {
        let seal = Seal::default().with_keyring(keyring("k", "s"));
        let mut bytes = seal.seal(envelope.clone()).unwrap();
        for (at, edit, byte) in edits {
            let at = at.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => bytes.insert(at, byte),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        // Nobody without the key says anything else than what was signed.
        if let Ok(opened) = seal.open(&bytes, envelope.queue()) {
            prop_assert_eq!(opened, envelope);
        }
    }
}
