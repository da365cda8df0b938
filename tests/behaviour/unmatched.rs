//! Texts that nobody answers.

use pyventus::EventLinker;

use crate::{emitter_of, logging};

#[test]
fn a_text_that_nobody_answers_is_warned_of_once_with_the_name_that_was_meant() {
    let linker = EventLinker::namespace("unmatched");
    linker.subscribe("order.placed").handler(|| ()).unwrap();
    let emitter = emitter_of(&linker);
    let first = logging::of(|| drop(emitter.emit("order.plcaed")));
    assert!(first.contains("WARN [EventEmitter]"), "{first}");
    assert!(first.contains("no handler answers this text; did you mean \"order.placed\"?"), "{first}");
    assert_eq!(logging::of(|| drop(emitter.emit("order.plcaed"))), "");
    let other = logging::of(|| drop(emitter.emit("something else")));
    assert!(other.contains("no handler answers this text event="), "{other}");
}
