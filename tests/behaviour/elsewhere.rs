//! Backends whose handlers are chosen and run elsewhere.

use std::any::TypeId;
use std::sync::{Arc, Mutex};

use pyventus::{
    Backend, Capabilities, Capability, EmitError, Event, EventCodec, EventEmission, EventEmitter,
    EventLinker, InlineBackend, Payload, SubmitError, UnknownEvent, args, key,
};
use serde::{Deserialize, Serialize};

use crate::Recorder;
use crate::logging;

/// Keeps what it is handed, to be answered by the test.
#[derive(Default)]
struct Post(Mutex<Vec<EventEmission>>);

impl Backend for Post {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.0.lock().unwrap().push(emission);
        Ok(())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE.with(Capability::Elsewhere)
    }
}

impl Post {
    fn taken(&self) -> EventEmission {
        self.0.lock().unwrap().pop().unwrap()
    }
}

fn emitter(linker: &EventLinker) -> (EventEmitter, Arc<Post>) {
    let post = Arc::new(Post::default());
    (EventEmitter::builder(Arc::clone(&post)).linker(linker).build(), post)
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "parcel.sent")]
struct ParcelSent {
    id: u64,
    weight: f64,
}

#[derive(Event)]
struct NotForThePost;

#[derive(Serialize, Deserialize, Event)]
#[event(name = "two of a name")]
struct One;

#[derive(Serialize, Deserialize, Event)]
#[event(name = "two of a name")]
struct Other;

#[test]
fn an_event_is_handed_over_whoever_answers_it_here_and_claims_nobody() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    let (emitter, post) = emitter(&linker);
    let handle = emitter.emit("nobody answers it here");
    let emission = post.taken();
    assert!(emission.is_empty());
    emission.accepted();
    assert!(handle.wait().unwrap().outcomes().is_empty());

    let once = linker.subscribe("once").once().handler(|| RAN.push("ran")).unwrap();
    emitter.emit("once");
    post.taken().accepted();
    assert!(once.is_subscribed());
    assert!(RAN.take().is_empty());
}

#[test]
fn what_was_not_accepted_after_all_is_an_error_of_the_handle() {
    let (emitter, post) = emitter(&EventLinker::new());
    let handle = emitter.emit("lost");
    post.taken().refused(anyhow::anyhow!("the disk is full"));
    let Err(EmitError::Submit(error)) = handle.wait() else { panic!("the handle hears of it") };
    assert_eq!(error.reason().to_string(), "the disk is full");
}

#[test]
fn what_was_not_accepted_is_logged_where_nobody_looks() {
    for looks_too_early in [true, false] {
        let log = logging::of(|| {
            let (emitter, post) = emitter(&EventLinker::new());
            let handle = emitter.emit("lost");
            if looks_too_early {
                drop(handle);
                post.taken().refused(anyhow::anyhow!("the disk is full"));
            } else {
                post.taken().refused(anyhow::anyhow!("the disk is full"));
                drop(handle);
            }
        });
        let lines: Vec<_> = log.lines().filter(|line| line.contains("the disk is full")).collect();
        assert_eq!(lines.len(), 1, "{log:?}");
    }
}

#[test]
fn a_backend_sees_what_an_emission_is_about() {
    let (emitter, post) = emitter(&EventLinker::new());
    emitter.emit_with("text", args!["first", count = 2]);
    let text = post.taken();
    assert!(matches!(text.payload(), Payload::Text));
    assert_eq!(text.type_name(), None);
    let named: Vec<_> = text.context().args().named_iter().collect();
    assert_eq!(named, [("count", &2.into())]);

    emitter.emit(ParcelSent { id: 7, weight: 0.1 });
    let parcel = post.taken();
    let Payload::Event(object) = parcel.payload() else { panic!("{:?}", parcel.payload()) };
    assert_eq!(object.downcast_ref(), Some(&ParcelSent { id: 7, weight: 0.1 }));
    assert!(parcel.type_name().unwrap().ends_with("ParcelSent"));

    emitter.emit_error(std::io::Error::other("disk"));
    assert!(matches!(post.taken().payload(), Payload::Error(error) if error.to_string() == "disk"));
}

#[test]
fn a_declared_event_with_serde_has_a_codec_that_is_found_by_type_and_by_name() {
    let parcel = ParcelSent { id: 7, weight: 127_733_276_962_520.03 };
    for codec in [
        EventCodec::of_type(TypeId::of::<ParcelSent>()).unwrap(),
        EventCodec::named("parcel.sent").unwrap(),
        EventCodec::of::<ParcelSent>(),
    ] {
        assert_eq!((codec.name(), codec.type_id()), ("parcel.sent", TypeId::of::<ParcelSent>()));
        let json = codec.encode(&parcel).unwrap();
        assert_eq!(serde_json::from_str::<ParcelSent>(&json).unwrap(), parcel);
        let error = codec.encode(&NotForThePost).unwrap_err();
        assert!(error.to_string().contains("parcel.sent"), "{error}");
    }
}

#[test]
fn a_name_that_cannot_be_decoded_is_told_why() {
    assert!(EventCodec::of_type(TypeId::of::<NotForThePost>()).is_none());
    let error = |name| EventCodec::named(name).unwrap_err();
    assert!(matches!(error("never declared"), UnknownEvent::NotDeclared { .. }));
    assert!(matches!(error("NotForThePost"), UnknownEvent::NotSerializable { .. }));
    let ambiguous = error("two of a name");
    assert!(
        ambiguous.to_string().contains("One, ") || ambiguous.to_string().contains("Other, "),
        "{ambiguous}"
    );
    for error in [error("never declared"), error("NotForThePost"), ambiguous] {
        assert!(error.to_string().len() > 40, "{error}");
    }
}

#[test]
fn an_event_without_serde_is_one_like_others_where_it_stays() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker.subscribe(key::<NotForThePost>()).handler(|_: &NotForThePost| RAN.push("ran")).unwrap();
    EventEmitter::builder(InlineBackend::new()).linker(&linker).build().emit(NotForThePost);
    assert_eq!(RAN.take(), ["ran"]);
}
