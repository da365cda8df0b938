//! What `emit` returns, and what it refuses.

use std::sync::Arc;
use std::sync::mpsc;

use pyventus::{Backend, EmitError, EventEmission, EventEmitter, EventLinker, InlineBackend, SubmitError};

use crate::{emitter_of, logging};

// M1 E3 V3
#[test]
fn an_empty_text_is_an_error_which_is_logged_where_nobody_looks() {
    let linker = EventLinker::new();
    assert!(matches!(emitter_of(&linker).emit("").wait(), Err(EmitError::EmptyEventName(_))));
    let log = logging::of(|| drop(emitter_of(&linker).emit("")));
    assert!(log.contains("ERROR [EventEmitter]") && log.contains("the name of an event is empty"), "{log}");
    let looked_at = logging::of(|| drop(emitter_of(&linker).emit("").wait()));
    assert_eq!(looked_at, "");
}

// M7
#[test]
fn an_event_that_nobody_answers_submits_nothing() {
    struct Unreachable;
    impl Backend for Unreachable {
        fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
            panic!("{emission:?} was submitted");
        }
    }
    let emitter = EventEmitter::builder(Unreachable).linker(&EventLinker::new()).build();
    let report = emitter.emit("nobody").wait().unwrap();
    assert_eq!((report.succeeded(), report.failed(), report.outcomes().len()), (0, 0, 0));
}

#[derive(Debug, thiserror::Error)]
#[error("the queue is full")]
struct Full;

struct Refusing;

impl Backend for Refusing {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        Err(SubmitError::refused(emission, Full))
    }

    fn name(&self) -> &'static str {
        "refusing"
    }
}

// M12 M13 P8
#[test]
fn a_refused_emission_reaches_the_caller_and_can_be_run_elsewhere() {
    let linker = EventLinker::new();
    linker.subscribe("e").once().handler(|| ()).unwrap();
    let emitter = EventEmitter::builder(Refusing).linker(&linker).build();
    assert_eq!(emitter.backend_name(), "refusing");
    let Err(EmitError::Submit(error)) = emitter.emit("e").wait() else { panic!("it was refused") };
    assert!(error.reason().is::<Full>());
    assert!(
        !linker.subscribe("e").handler(|| ()).unwrap().eq(&linker.subscribe("f").handler(|| ()).unwrap())
    );

    let emission = error.into_emission().unwrap();
    assert_eq!((emission.event_name(), emission.len()), ("e", 1));
    InlineBackend::new().submit(emission).unwrap();

    let log = logging::of(|| drop(emitter.emit("e")));
    assert!(log.contains("ERROR [EventEmitter]") && log.contains("the queue is full"), "{log}");
    assert!(log.contains("event=e"), "{log}");
}

// H21 Z8
#[test]
fn a_dropped_emission_is_visible_on_its_handle() {
    struct Dropping;
    impl Backend for Dropping {
        fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
            drop(emission);
            Ok(())
        }
    }
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| ()).unwrap();
    let emitter = EventEmitter::builder(Dropping).linker(&linker).build();
    assert!(matches!(emitter.emit("e").wait(), Err(EmitError::Cancelled)));
}

// M28 N1
#[test]
fn every_emission_has_an_identity_and_a_time_of_its_own() {
    let (tx, rx) = mpsc::channel();
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .handler(move |context: pyventus::Context| {
            tx.send((context.id(), context.timestamp())).unwrap();
        })
        .unwrap();
    let before = std::time::SystemTime::now();
    for _ in 0..3 {
        emitter_of(&linker).emit("e");
    }
    drop(linker);
    let seen: Vec<_> = rx.try_iter().collect();
    assert_eq!(seen.len(), 3);
    assert!(seen.windows(2).all(|pair| pair[0].0 < pair[1].0), "identities are sortable by time");
    assert!(seen.iter().all(|(_, time)| *time >= before));
    assert_eq!(seen[0].0.to_string().as_bytes()[14], b'7', "a UUID of version 7");
}

// M26
#[test]
fn an_emitter_is_used_from_many_threads_at_once() {
    let (tx, rx) = mpsc::channel();
    let linker = EventLinker::new();
    linker.subscribe("e").handler(move || tx.send(()).unwrap()).unwrap();
    let emitter = emitter_of(&linker);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..100).for_each(|_| drop(emitter.emit("e"))));
        }
    });
    assert_eq!(rx.try_iter().count(), 800);
}

// N10
#[test]
fn nothing_prints_a_payload() {
    struct Capture(std::sync::Mutex<Option<EventEmission>>);
    impl Backend for Capture {
        fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
            self.0.lock().unwrap().replace(emission);
            Ok(())
        }
    }
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| ()).unwrap();
    let captured = Arc::new(Capture(std::sync::Mutex::new(None)));
    let emitter = EventEmitter::builder(Arc::clone(&captured)).linker(&linker).state("a secret").build();
    let handle = emitter.emit_with("e", pyventus::args!["a secret", password = "a secret"]);
    let emission = captured.0.lock().unwrap().take().unwrap();
    let printed = format!("{emission:?} {emitter:?} {linker:?} {handle:?}");
    assert!(!printed.contains("a secret"), "{printed}");
    assert!(printed.contains("\"e\"") && printed.contains("Capture"), "{printed}");
}
