//! How often an emission allocates, and how many bytes a handler takes.
//!
//! The numbers are upper limits: where an emission allocates less, lower them.
#![expect(clippy::print_stdout, reason = "`--nocapture` shows the figures of the documentation")]

use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use pyventus::{Backend, Event, EventEmitter, EventLinker, InlineBackend, TokioBackend, args, key};

#[derive(Event)]
struct OrderPlaced {
    _id: u64,
    _amount: u64,
    _customer: String,
}

fn order() -> OrderPlaced {
    OrderPlaced { _id: 7, _amount: 1200, _customer: String::from("a customer") }
}

const TEXT: &str = "order.placed";

fn emitter(backend: impl Backend, link: impl Fn(&EventLinker)) -> EventEmitter {
    let linker = EventLinker::new();
    link(&linker);
    EventEmitter::builder(backend).linker(&linker).build()
}

fn link_typed(n: usize) -> impl Fn(&EventLinker) {
    move |linker| {
        for _ in 0..n {
            linker.subscribe(key::<OrderPlaced>()).handler(|_: &OrderPlaced| ()).expect("it is linked");
        }
    }
}

fn link_ready(n: usize) -> impl Fn(&EventLinker) {
    move |linker| {
        for _ in 0..n {
            let handler = |_: Arc<OrderPlaced>| async {};
            linker.subscribe(key::<OrderPlaced>()).handler(handler).expect("it is linked");
        }
    }
}

fn link_text(n: usize) -> impl Fn(&EventLinker) {
    move |linker| {
        for _ in 0..n {
            linker.subscribe(TEXT).handler(|| ()).expect("it is linked");
        }
    }
}

/// What the code allocates once everything that is made on first use is there.
fn allocated(mut code: impl FnMut()) -> AllocationInfo {
    code();
    code();
    measure(code)
}

/// Holds an emission to its limit, and shows what it takes.
#[track_caller]
fn at_most(limit: u64, what: &str, allocated: &AllocationInfo) {
    let (count, bytes) = (allocated.count_total, allocated.bytes_total);
    println!("{what}: {count} allocations, {bytes} bytes");
    assert!(count <= limit, "{what}: {count} allocations, more than {limit}");
    assert_eq!(allocated.count_current, 0, "{what}: something is left behind");
}

/// Emits a shared event on that backend, in synchronous code.
fn emits_shared(emitter: &EventEmitter) -> AllocationInfo {
    let event = Arc::new(order());
    allocated(|| drop(emitter.emit(&event)))
}

#[test]
fn an_event_that_nobody_answers_allocates_nothing() {
    let emitter = emitter(InlineBackend::new(), |_| ());
    at_most(0, "a typed event that nobody answers", &emits_shared(&emitter));
    at_most(0, "a text that nobody answers", &allocated(|| drop(emitter.emit(TEXT))));
}

#[test]
fn a_shared_event_allocates_nothing_for_any_number_of_sync_handlers() {
    for n in [1, 10, 1000] {
        let emitter = emitter(InlineBackend::new(), link_typed(n));
        at_most(0, &format!("a shared event, {n} sync handlers, inline"), &emits_shared(&emitter));
    }
}

#[test]
fn an_event_by_value_allocates_what_its_author_does() {
    let emitter = emitter(InlineBackend::new(), link_typed(1));
    let emission = allocated(|| drop(emitter.emit(order())));
    at_most(1, "an event by value with its own text, 1 sync handler, inline", &emission);
}

#[test]
fn a_text_allocates_nothing_but_its_arguments() {
    for n in [1, 10] {
        let emitter = emitter(InlineBackend::new(), link_text(n));
        let emission = allocated(|| drop(emitter.emit(TEXT)));
        at_most(0, &format!("a text, {n} sync handlers, inline"), &emission);
    }
    let emitter = emitter(InlineBackend::new(), link_text(1));
    let emission = allocated(|| drop(emitter.emit_with(TEXT, args!["a customer", amount = 7])));
    at_most(6, "a text with two arguments, 1 sync handler, inline", &emission);
}

#[test]
fn an_async_handler_allocates_its_future() {
    for n in [1, 10] {
        let emitter = emitter(InlineBackend::new(), link_ready(n));
        at_most(n as u64, &format!("a shared event, {n} async handlers, inline"), &emits_shared(&emitter));
    }
}

#[test]
fn an_emission_on_tokio_allocates_its_task_besides() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be built");
    let on_tokio = |emitter: EventEmitter| {
        let event = Arc::new(order());
        let emit = || drop(runtime.block_on(emitter.emit(Arc::clone(&event))).expect("the emission ends"));
        let _entered = runtime.enter();
        allocated(emit)
    };
    for (n, of_async, of_sync) in [(1, 3, 2), (10, 12, 2)] {
        let ready = on_tokio(emitter(TokioBackend::new(), link_ready(n)));
        at_most(of_async, &format!("a shared event, {n} async handlers, tokio"), &ready);
        let sync = on_tokio(emitter(TokioBackend::new(), link_typed(n)));
        at_most(of_sync, &format!("a shared event, {n} sync handlers, tokio"), &sync);
    }
}

#[test]
fn a_handler_takes_little_memory() {
    const HANDLERS: usize = 10_000;

    let event = Arc::new(order());
    let (emitter, linker) = (emitter(InlineBackend::new(), |_| ()), EventLinker::new());
    let subscribed = measure(|| link_typed(HANDLERS)(emitter.linker()));
    let published = measure(|| drop(emitter.emit(&event)));
    let keys = measure(|| {
        for index in 0..HANDLERS {
            linker.subscribe(format!("{TEXT}.{index}")).handler(|| ()).expect("it is linked");
        }
    });
    let each =
        |allocated: &AllocationInfo| allocated.bytes_current / i64::try_from(HANDLERS).expect("it fits");
    for (what, allocated, limit) in [
        ("a handler", subscribed, 210),
        ("a handler in the lists that emissions read", published, 26),
        ("a handler with a key of its own", keys, 360),
    ] {
        let bytes = each(&allocated);
        println!("{what}: {bytes} bytes");
        assert!(bytes <= limit, "{what}: {bytes} bytes, more than {limit}");
    }
}
