//! What tests assert of a recording, and what they are told where it does not hold.

use std::cell::Cell;
use std::io;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use pyventus::testing::{Recording, RecordingBackend};
use pyventus::{Event, EventEmitter, EventLinker, args, on};

use crate::testing::{OrderPlaced, recording};

#[derive(Debug, Event)]
struct OrderShipped;

thread_local! {
    /// The line of the last panic of this thread.
    static LINE: Cell<u32> = const { Cell::new(0) };
}

/// What the assertion says that fails in a piece of code; it has to be one that stands there.
#[track_caller]
fn told(code: impl FnOnce()) -> String {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let here = panic.location().filter(|place| place.file() == file!());
            LINE.set(here.map_or(0, panic::Location::line));
            others(panic);
        }));
    });
    let payload = catch_unwind(AssertUnwindSafe(code)).expect_err("it holds");
    let call = panic::Location::caller().line();
    assert!(
        (call..call + 3).contains(&LINE.get()),
        "the failure points to the line {} of this file",
        LINE.get()
    );
    *payload.downcast::<String>().expect("a message with what was emitted")
}

static NOWHERE: EventLinker = EventLinker::namespace("testing.nowhere");

#[on(OrderPlaced, linker = NOWHERE)]
fn ship(order: &OrderPlaced) -> io::Result<()> {
    if order.id == 13 { Err(io::Error::other("no such order")) } else { Ok(()) }
}

#[on(OrderPlaced, linker = NOWHERE)]
fn bill() {}

/// Handlers of its own, and what was emitted to them: two orders, a greeting and an error.
fn orders() -> (RecordingBackend, EventEmitter) {
    let linker = EventLinker::new();
    linker.register::<ship>().unwrap();
    let (backend, emitter) = recording(&linker);
    emitter.emit(OrderPlaced { id: 7 });
    emitter.emit_with("greet", args!["Pyventus", formal = true]);
    emitter.emit(OrderPlaced { id: 8 });
    emitter.emit_error(io::Error::other("disk"));
    (backend, emitter)
}

const LIST: &str = "
what was emitted, in order:
  1. OrderPlaced (order.placed): it waits to be run
  2. \"greet\" with 2 arguments: no handler answers it
  3. OrderPlaced (order.placed): it waits to be run
  4. error(std::io::error::Error): no handler answers it";

#[test]
fn an_event_that_was_not_emitted_is_told_with_those_that_were() {
    let (backend, _emitter) = orders();
    backend.assert_emitted::<OrderPlaced>(|order| order.id == 8);
    let told_of = told(|| backend.assert_emitted::<OrderPlaced>(|order| order.id == 9));
    assert_eq!(told_of, format!("OrderPlaced (order.placed) was emitted 2 times, but never as wanted{LIST}"));
    let told_of = told(|| backend.assert_emitted::<OrderShipped>(|_| true));
    assert_eq!(told_of, format!("OrderShipped was not emitted{LIST}"));

    backend.assert_emitted_error::<io::Error>(|error| error.to_string() == "disk");
    let told_of = told(|| backend.assert_emitted_error::<io::Error>(|_| false));
    assert_eq!(told_of, format!("error(std::io::error::Error) was emitted once, but not as wanted{LIST}"));
    let told_of = told(|| backend.assert_emitted_error::<std::fmt::Error>(|_| true));
    assert_eq!(told_of, format!("error(core::fmt::Error) was not emitted{LIST}"));
    assert_eq!(backend.emitted::<OrderPlaced>().iter().map(|order| order.id).collect::<Vec<_>>(), [7, 8]);
}

#[test]
fn a_text_that_was_not_emitted_is_told_with_the_one_that_may_be_meant() {
    let (backend, _emitter) = orders();
    backend.assert_emitted_text("greet");
    backend.assert_emitted_text_with("greet", |args| args.named("formal") == Some(&true.into()));
    let told_of = told(|| backend.assert_emitted_text("greed"));
    assert_eq!(told_of, format!("\"greed\" was not emitted; did you mean \"greet\"?{LIST}"));
    let told_of = told(|| backend.assert_emitted_text_with("greet", |args| args.len() == 3));
    assert_eq!(told_of, format!("\"greet\" was emitted once, but not as wanted{LIST}"));
    // A typed event is no text event, though a handler of its name answers it.
    let told_of = told(|| backend.assert_emitted_text("order.placed"));
    assert_eq!(told_of, format!("\"order.placed\" was not emitted{LIST}"));
}

#[test]
fn an_event_that_should_not_have_been_emitted_is_told() {
    let (backend, _emitter) = orders();
    backend.assert_not_emitted::<OrderShipped>();
    backend.assert_not_emitted_error::<std::fmt::Error>();
    backend.assert_not_emitted_text("order.placed");
    let told_of = told(|| backend.assert_not_emitted::<OrderPlaced>());
    assert_eq!(told_of, format!("OrderPlaced (order.placed) was emitted 2 times{LIST}"));
    let told_of = told(|| backend.assert_not_emitted_text("greet"));
    assert_eq!(told_of, format!("\"greet\" was emitted{LIST}"));
    let told_of = told(|| backend.assert_not_emitted_error::<io::Error>());
    assert_eq!(told_of, format!("error(std::io::error::Error) was emitted{LIST}"));
    let told_of = told(|| backend.assert_nothing_emitted());
    assert_eq!(told_of, format!("4 events were emitted{LIST}"));
    let told_of = told(|| backend.assert_all_answered());
    assert_eq!(told_of, format!("2 events were emitted that no handler answers{LIST}"));
}

#[test]
fn where_nothing_was_emitted_that_is_told() {
    let (backend, emitter) = recording(&EventLinker::new());
    backend.assert_nothing_emitted();
    backend.assert_all_answered();
    backend.assert_all_ran();
    backend.assert_no_failures();
    let told_of = told(|| backend.assert_emitted_text("greet"));
    assert_eq!(told_of, "\"greet\" was not emitted\nnothing was emitted by way of this backend");
    emitter.emit("greet");
    let told_of = told(|| backend.assert_nothing_emitted());
    assert!(told_of.starts_with("an event was emitted\n"), "{told_of}");
}

#[test]
fn emissions_that_have_not_run_are_told() {
    let (backend, emitter) = orders();
    let told_of = told(|| backend.assert_all_ran());
    assert_eq!(told_of, format!("2 of 2 emissions have not run to their end{LIST}"));
    backend.step().wait();
    let told_of = told(|| backend.assert_all_ran());
    assert!(told_of.starts_with("1 of 2 emissions"), "{told_of}");
    backend.run_all().wait();
    backend.assert_all_ran();
    emitter.emit(OrderPlaced { id: 13 });
    backend.run_all().wait();
    backend.assert_all_ran();
}

#[test]
fn a_handler_that_has_not_run_or_has_failed_is_told_with_those_that_have() {
    let (backend, emitter) = orders();
    let told_of = told(|| backend.assert_handled_by::<ship>());
    assert_eq!(told_of, format!("`{}::ship` has not handled any event{LIST}", module_path!()));
    backend.run_all().wait();
    backend.assert_handled_by::<ship>();
    for name in ["ship", "testing_assertions::ship", concat!(module_path!(), "::ship")] {
        backend.assert_handled_by_name(name);
    }
    let told_of = told(|| backend.assert_handled_by::<bill>());
    assert!(told_of.contains("::bill` has not handled any event\n"), "{told_of}");
    let handled = format!("\n  1. OrderPlaced (order.placed): handled by {}::ship (", module_path!());
    assert!(told_of.contains(&handled), "{told_of}");
    // Part of a name is another name.
    let told_of = told(|| backend.assert_handled_by_name("hip"));
    assert!(told_of.starts_with("`hip` has not handled any event\n"), "{told_of}");
    backend.assert_no_failures();

    emitter.emit(OrderPlaced { id: 13 });
    backend.run_all().wait();
    backend.assert_handled_by::<ship>();
    let told_of = told(|| backend.assert_no_failures());
    assert!(told_of.starts_with("a handler has failed\n"), "{told_of}");
    assert!(
        told_of.contains("): no such order") && told_of.contains("5. OrderPlaced (order.placed): failed in ")
    );
    emitter.emit(OrderPlaced { id: 13 });
    backend.run_all().wait();
    let told_of = told(|| backend.assert_no_failures());
    assert!(told_of.starts_with("handlers have failed 2 times\n"), "{told_of}");
}

#[test]
fn a_handler_that_has_only_failed_has_not_handled_anything() {
    fn failed(recording: &Recording) -> String {
        told(|| recording.assert_handled_by_name("ship"))
    }
    let linker = EventLinker::new();
    linker.register::<ship>().unwrap();
    let (backend, emitter) = recording(&linker);
    emitter.emit(OrderPlaced { id: 13 });
    backend.run_all().wait();
    let told_of = failed(&backend);
    assert!(told_of.starts_with("`ship` has failed each time that it ran\n"), "{told_of}");
}

#[test]
fn a_closure_is_named_by_the_function_that_it_stands_in() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| ()).unwrap();
    let (backend, emitter) = recording(&linker);
    emitter.emit("e");
    backend.run_all().wait();
    backend.assert_handled_by_name("a_closure_is_named_by_the_function_that_it_stands_in::{{closure}}");
}
