//! What events carry, and that handlers share it.

use std::num::ParseIntError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use pyventus::{
    Backend, BindError, Context, EmptyEventName, Event, EventEmission, EventEmitter, EventKey, EventLinker,
    SubmitError, SubscribeError, args, key,
};

use crate::{Recorder, emitter_of};

// E5
#[test]
fn a_name_is_any_text_of_any_length() {
    let long = "a".repeat(1 << 20);
    let names = ["日本語 イベント", "e\u{301}", "\u{e9}", " ", "\n\0\u{202e}", "🦀", &long];
    let linker = EventLinker::new();
    for (number, name) in names.into_iter().enumerate() {
        linker.subscribe(name).handler(move |context: Context| context.event_name().len() + number).unwrap();
    }
    assert_eq!(linker.event_count(), names.len(), "no two of them are the same");
    for name in names {
        assert_eq!(emitter_of(&linker).emit(name).wait().unwrap().succeeded(), 1);
    }
}

// E16 E21
#[test]
fn handlers_share_one_object_and_see_what_it_lets_them_change() {
    #[derive(Event)]
    struct Counted {
        handlers: AtomicU32,
    }
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    for _ in 0..3 {
        linker
            .subscribe(key::<Counted>())
            .handler(|event: &Counted| {
                SEEN.push(event.handlers.fetch_add(1, Ordering::Relaxed).to_string());
            })
            .unwrap();
    }
    let event = Arc::new(Counted { handlers: AtomicU32::new(0) });
    emitter_of(&linker).emit(Arc::clone(&event));
    assert_eq!(SEEN.take(), ["0", "1", "2"]);
    assert_eq!(event.handlers.load(Ordering::Relaxed), 3);
}

// E17
#[test]
fn an_event_that_cannot_be_made_is_not_emitted() {
    #[derive(Debug, Event)]
    struct Percentage(u8);

    impl TryFrom<u8> for Percentage {
        type Error = u8;

        fn try_from(value: u8) -> Result<Self, u8> {
            if value <= 100 { Ok(Self(value)) } else { Err(value) }
        }
    }
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe(key::<Percentage>())
        .handler(|event: &Percentage| SEEN.push(event.0.to_string()))
        .unwrap();
    let emit = |value| Percentage::try_from(value).map(|event| drop(emitter_of(&linker).emit(event)));
    assert_eq!(emit(101), Err(101));
    assert!(SEEN.take().is_empty());
    assert_eq!(emit(100), Ok(()));
    assert_eq!(SEEN.take(), ["100"]);
}

// E24 E26
#[test]
fn errors_of_others_and_of_the_library_are_emitted_without_being_declared() {
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe((EventKey::error::<ParseIntError>(), EventKey::error::<SubscribeError>()))
        .handler(|context: Context| {
            SEEN.push(format!("{} {}", context.event_name(), context.error().unwrap()));
        })
        .unwrap();
    emitter_of(&linker).emit_error("x".parse::<u8>().unwrap_err());
    emitter_of(&linker).emit_error(linker.subscribe("").handler(|| ()).unwrap_err());
    emitter_of(&linker).emit_error(EmptyEventName);
    assert_eq!(
        SEEN.take(),
        ["ParseIntError invalid digit found in string", "SubscribeError the name of an event is empty"]
    );
}

// M27
#[test]
fn what_is_passed_along_is_taken_when_it_is_emitted() {
    struct Later(Mutex<Option<EventEmission>>);
    impl Backend for Later {
        fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
            self.0.lock().unwrap().replace(emission);
            Ok(())
        }
    }
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .handler(|context: Context| SEEN.push(context.args().positional()[0].to_string()))
        .unwrap();
    let later = Arc::new(Later(Mutex::new(None)));
    let emitter = EventEmitter::builder(Arc::clone(&later)).linker(&linker).build();
    let mut items = vec![1, 2];
    let handle = emitter.emit_with("e", args![&items]);
    items.push(3);
    let emission = later.0.lock().unwrap().take().unwrap();
    futures::executor::block_on(emission.run());
    assert_eq!(handle.wait().unwrap().succeeded(), 1);
    assert_eq!((SEEN.take().concat(), items.len()), ("[1,2]".to_owned(), 3));
}

mod other {
    #[derive(pyventus::Event)]
    pub(super) struct Shared;
}

// Z7 E11 H17
#[test]
fn an_object_of_another_type_fails_the_handler_with_the_names_of_both() {
    #[derive(Event)]
    struct Shared;
    let linker = EventLinker::new();
    linker.subscribe("Shared").handler(|_: &Shared| ()).unwrap();
    assert_eq!(emitter_of(&linker).emit(Shared).wait().unwrap().succeeded(), 1);
    let report = emitter_of(&linker).emit(other::Shared).wait().unwrap();
    let error = report.outcomes()[0].error().unwrap().downcast_ref::<BindError>().unwrap();
    assert!(error.wanted().contains(std::any::type_name::<Shared>()), "{error}");
    assert!(error.found().contains(std::any::type_name::<other::Shared>()), "{error}");
}

// E10 E22
#[test]
fn an_error_is_reached_by_its_type_and_by_no_text() {
    let linker = EventLinker::new();
    linker.subscribe(["ParseIntError", "error(ParseIntError)", "IntErrorKind"]).handler(|| ()).unwrap();
    let emit = || emitter_of(&linker).emit_error("x".parse::<u8>().unwrap_err()).wait().unwrap();
    assert!(emit().outcomes().is_empty());
    linker.subscribe(EventKey::error::<ParseIntError>()).handler(|_: &ParseIntError| ()).unwrap();
    assert_eq!(emit().succeeded(), 1);
}
