//! Linkers are namespaces, and plain registries.

use std::io;
use std::sync::Arc;

use pyventus::{EmptyEventName, Event, EventKey, EventLinker, KeysError, SubscribeError, key, on};

use crate::{Recorder, emitter, emitter_of, logging};

static ISOLATED: EventLinker = EventLinker::namespace("linkers.isolated");
static SEEN: Recorder = Recorder::new();

#[on("linkers.event")]
fn in_the_global_one() {
    SEEN.push("global");
}

#[on("linkers.event", linker = ISOLATED)]
fn in_a_namespace() {
    SEEN.push("namespace");
}

// L1 L2 L3 E37 M24
#[test]
fn nothing_is_visible_across_linkers() {
    emitter().emit("linkers.event");
    assert_eq!(SEEN.take(), ["global"]);
    emitter_of(&ISOLATED).emit("linkers.event");
    assert_eq!(SEEN.take(), ["namespace"]);
    assert!(emitter_of(&EventLinker::new()).emit("linkers.event").wait().unwrap().outcomes().is_empty());
    assert_eq!((EventLinker::global().name(), ISOLATED.name()), ("global", "linkers.isolated"));
}

#[derive(Event)]
struct Limited;

// L13 L14 L15
#[test]
fn a_full_key_refuses_the_whole_subscription_and_has_room_again_after_one_leaves() {
    let linker = EventLinker::namespace("limited").max_handlers(1);
    let first = linker.subscribe(key::<Limited>()).handler(|| ()).unwrap();
    let refused = linker.subscribe(("free", key::<Limited>())).handler(|| ()).unwrap_err();
    assert_eq!(refused, SubscribeError::LimitExceeded { key: key::<Limited>(), max: 1, linker: "limited" });
    assert_eq!(refused.to_string(), "Limited has reached the limit of 1 handlers in the linker `limited`");
    assert!(emitter_of(&linker).emit("free").wait().unwrap().outcomes().is_empty());
    assert!(first.unsubscribe());
    linker.subscribe(("free", key::<Limited>())).handler(|| ()).unwrap();
}

static CROWDED: EventLinker = EventLinker::namespace("linkers.crowded").max_handlers(1);

#[on("crowded", linker = CROWDED)]
fn fits() {
    SEEN_CROWDED.push("fits");
}

#[on("crowded", linker = CROWDED)]
fn does_not_fit() {
    SEEN_CROWDED.push("does not fit");
}

static SEEN_CROWDED: Recorder = Recorder::new();

#[test]
fn a_declared_handler_beyond_the_limit_is_left_out() {
    emitter_of(&CROWDED).emit("crowded");
    assert_eq!(SEEN_CROWDED.take(), ["fits"]);
}

static DEFAULTS: EventLinker =
    EventLinker::namespace("linkers.defaults").default_success(succeeded).default_failure(failed);
static DEFAULTED: Recorder = Recorder::new();

async fn succeeded() {
    DEFAULTED.push("default success");
}

async fn failed(error: &anyhow::Error) {
    DEFAULTED.push(format!("default failure {error}"));
}

#[on("fails", linker = DEFAULTS)]
fn fails(kind: &str) -> anyhow::Result<()> {
    match kind {
        "io" => Err(io::Error::other("disk").into()),
        "fmt" => Err(std::fmt::Error.into()),
        _ => Ok(()),
    }
}

#[pyventus::on_failure(fails)]
fn io_failed(error: &io::Error) {
    DEFAULTED.push(format!("own failure {error}"));
}

// L18
#[test]
fn the_callbacks_of_a_linker_answer_where_a_handler_has_none_of_its_own() {
    let emit = |kind: &str| {
        emitter_of(&DEFAULTS).emit_with("fails", pyventus::args![kind]);
        DEFAULTED.take()
    };
    assert_eq!(emit("none"), ["default success"]);
    assert_eq!(emit("io"), ["own failure disk"]);
    assert_eq!(emit("fmt").len(), 1, "an error that no callback is meant for");
}

#[derive(Debug, thiserror::Error)]
#[error("too many")]
struct MyError;

// L8 L10
#[test]
fn a_closure_subscribes_to_several_keys_with_callbacks_and_unsubscribes() {
    static LOG: Recorder = Recorder::new();
    #[derive(Event)]
    struct OrderPlaced {
        id: u64,
    }
    let linker = EventLinker::new();
    let subscription = linker
        .subscribe(("StringEvent", key::<OrderPlaced>()))
        .on_success(|n: u32| LOG.push(format!("success {n}")))
        .on_failure(|error: &anyhow::Error| LOG.push(format!("failure {error}")))
        .handler(|order: Arc<OrderPlaced>| async move {
            if order.id > 9 { Err(MyError) } else { Ok::<_, MyError>(u32::try_from(order.id).unwrap()) }
        })
        .unwrap();
    let emitter = emitter_of(&linker);
    emitter.emit(OrderPlaced { id: 7 });
    emitter.emit(OrderPlaced { id: 70 });
    assert_eq!(LOG.take(), ["success 7", "failure too many"]);
    emitter.emit("StringEvent");
    assert!(LOG.take().concat().contains("the text event \"StringEvent\" without an object"));

    // Z10: dropping a handle does not unsubscribe.
    drop(subscription.clone());
    assert!(subscription.unsubscribe());
    // L25
    assert!(!subscription.unsubscribe());
    assert!(emitter.emit(OrderPlaced { id: 7 }).wait().unwrap().outcomes().is_empty());
}

// L9 H24
#[test]
fn the_same_function_subscribed_twice_is_two_handlers() {
    fn handle() {}
    let linker = EventLinker::new();
    let first = linker.subscribe("e").handler(handle).unwrap();
    let second = linker.subscribe("e").handler(handle).unwrap();
    assert_ne!(first, second);
    assert_eq!(first, first.clone());
    assert_eq!(emitter_of(&linker).emit("e").wait().unwrap().succeeded(), 2);
}

// E3 L12
#[test]
fn an_empty_text_or_no_key_at_all_is_refused() {
    let linker = EventLinker::new();
    assert_eq!(
        linker.subscribe(("e", "")).handler(|| ()).unwrap_err(),
        SubscribeError::Keys(KeysError::EmptyEventName(EmptyEventName))
    );
    let none: [EventKey; 0] = [];
    assert_eq!(linker.subscribe(none).handler(|| ()).unwrap_err(), SubscribeError::Keys(KeysError::NoEvents));
    assert!(emitter_of(&linker).emit("e").wait().unwrap().outcomes().is_empty());
}

// L11 L15
#[test]
fn a_key_given_twice_links_once() {
    let linker = EventLinker::namespace("twice").max_handlers(1);
    linker.subscribe(["e", "e"]).handler(|| ()).unwrap();
    assert_eq!(emitter_of(&linker).emit("e").wait().unwrap().succeeded(), 1);
}

// L43 M17
#[test]
fn a_handler_may_change_its_own_linker_and_the_change_affects_later_emissions_only() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    let inner = linker.clone();
    linker
        .subscribe("e")
        .handler(move || {
            RAN.push("outer");
            inner.subscribe("e").once().handler(|| RAN.push("inner")).unwrap();
        })
        .unwrap();
    emitter_of(&linker).emit("e");
    assert_eq!(RAN.take(), ["outer"]);
    emitter_of(&linker).emit("e");
    assert_eq!(RAN.take(), ["outer", "inner"]);
}

/// Uses the linker when it is dropped.
struct Meddler(EventLinker);

impl Drop for Meddler {
    fn drop(&mut self) {
        self.0.subscribe("late").handler(|| ()).unwrap();
    }
}

// Z5
#[test]
fn user_code_that_is_dropped_may_use_the_linker() {
    let linker = EventLinker::namespace("meddled").max_handlers(1);
    let meddler = Meddler(linker.clone());
    let subscription = linker.subscribe("e").handler(move || meddler.0.name()).unwrap();
    let refused = Meddler(EventLinker::new());
    assert!(linker.subscribe("e").handler(move || refused.0.name()).is_err());
    assert!(subscription.unsubscribe());
    let log = logging::of(|| assert_eq!(emitter_of(&linker).emit("late").wait().unwrap().succeeded(), 1));
    assert_eq!(log, "");
}
