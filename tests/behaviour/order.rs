//! Handlers start in a promised order.

use pyventus::{EventEmitter, EventLinker, InlineBackend, on};

use crate::{Recorder, emitter_of, logging};

static ORDER: EventLinker = EventLinker::namespace("order");
static STARTED: Recorder = Recorder::new();

#[on("order", linker = ORDER)]
fn first_in_source() {
    STARTED.push("first in source");
}

#[on("order", linker = ORDER)]
fn second_in_source() {
    STARTED.push("second in source");
}

#[on("order", linker = ORDER, priority = -1)]
fn low() {
    STARTED.push("low");
}

#[on("order", linker = ORDER, priority = 2)]
fn high() {
    STARTED.push("high");
}

#[on("order", linker = ORDER, before(high))]
async fn before_high() {
    STARTED.push("before high");
}

#[on("order", linker = ORDER, priority = 5, after(first_in_source, flow::handle))]
fn after_first() {
    STARTED.push("after first");
}

#[on("order", linker = ORDER, priority = 1)]
mod flow {
    #[on_event]
    fn handle() {
        super::STARTED.push("flow");
    }
}

// Among the handlers that wait for no other one, priority decides, then the place in source: `high`
// has to wait for a handler of a lower priority, and is the next once that has started.
#[test]
fn handlers_start_by_wish_then_priority_then_place_in_source_then_subscription() {
    ORDER.subscribe("order").handler(|| STARTED.push("subscribed 1")).unwrap();
    ORDER.subscribe("order").handler(|| STARTED.push("subscribed 2")).unwrap();
    EventEmitter::builder(InlineBackend::new()).linker(&ORDER).build().emit("order");
    assert_eq!(
        STARTED.take(),
        [
            "flow",
            "first in source",
            "after first",
            "second in source",
            "before high",
            "high",
            "low",
            "subscribed 1",
            "subscribed 2"
        ]
    );
}

static CYCLE: EventLinker = EventLinker::namespace("order.cycle");
static CYCLED: Recorder = Recorder::new();

#[on("cycle", linker = CYCLE, before(hen))]
fn egg() {
    CYCLED.push("egg");
}

#[on("cycle", linker = CYCLE, before(egg))]
fn hen() {
    CYCLED.push("hen");
}

#[on("cycle", linker = CYCLE, after(hen))]
fn farmer() {
    CYCLED.push("farmer");
}

#[test]
fn a_cycle_is_an_error_that_shows_it_and_handlers_keep_their_places() {
    let log = logging::of(|| drop(emitter_of(&CYCLE).emit("cycle")));
    assert_eq!(CYCLED.take(), ["egg", "hen", "farmer"]);
    assert!(log.contains("ERROR [EventLinker]"), "{log}");
    for handler in ["order::egg (", "order::hen ("] {
        assert!(log.contains(handler), "{log}");
    }
    assert!(!log.contains("farmer"), "{log}");
}
