//! What a subscription holds, and what becomes of it.

use std::io;
use std::sync::{Arc, Barrier};

use pyventus::{Context, EventEmitter, EventKey, EventLinker, InlineBackend, State, SubscribeError};

use crate::{Recorder, emitter_of};

// C3 C12
#[test]
fn one_subscription_is_one_handler_with_all_of_its_callbacks_and_events() {
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    let subscription = linker
        .subscribe(["a", "b"])
        .on_success(|| SEEN.push("success"))
        .on_failure(|_: &anyhow::Error| SEEN.push("failure"))
        .once()
        .handler(|context: Context| {
            anyhow::ensure!(context.event_name() == "a", "not a");
            Ok(())
        })
        .unwrap();
    assert_eq!((linker.handler_count(), linker.event_count_of(&subscription)), (1, 2));
    assert!(subscription.is_once());
    emitter_of(&linker).emit("b");
    emitter_of(&linker).emit("a");
    assert_eq!(SEEN.take(), ["failure"]);
}

// C2
#[test]
fn nothing_is_subscribed_before_the_handler_is_given() {
    let linker = EventLinker::new();
    let unfinished = linker.subscribe("e").once().on_success(|| ());
    assert!(linker.is_empty());
    drop(unfinished);
    assert!(linker.is_empty());
}

// C6
#[test]
fn an_error_before_the_handler_is_given_subscribes_nothing() {
    fn subscribe(linker: &EventLinker) -> anyhow::Result<()> {
        let half = linker.subscribe("e").on_failure(|_: &anyhow::Error| ());
        let amount: u8 = "many".parse()?;
        half.handler(move || amount)?;
        Ok(())
    }
    let linker = EventLinker::new();
    assert!(subscribe(&linker).unwrap_err().is::<std::num::ParseIntError>());
    assert!(linker.is_empty());
}

// C4
#[test]
fn callbacks_are_set_in_any_order_the_last_success_callback_stays_and_all_failure_callbacks_do() {
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .on_failure(|_: &io::Error| SEEN.push("first failure"))
        .on_success(|| SEEN.push("first success"))
        .on_failure(|_: &anyhow::Error| SEEN.push("second failure"))
        .on_success(|_: u8| SEEN.push("second success"))
        .handler(|context: Context| match context.args().len() {
            0 => Ok(1_u8),
            _ => Err(io::Error::other("no")),
        })
        .unwrap();
    emitter_of(&linker).emit("e");
    assert_eq!(SEEN.take(), ["second success"]);
    emitter_of(&linker).emit_with("e", pyventus::args![1]);
    assert_eq!(SEEN.take(), ["first failure", "second failure"]);
}

// C13 V12 L14 L15
#[test]
fn a_refused_subscription_can_be_made_again_when_there_is_room() {
    let linker = EventLinker::namespace("subscribing.full").max_handlers(1);
    let subscribe = || linker.subscribe(("free", EventKey::ANY)).handler(|| ());
    let first = linker.subscribe(EventKey::ANY).handler(|| ()).unwrap();
    assert!(matches!(
        subscribe(),
        Err(SubscribeError::LimitExceeded { key: EventKey::ANY, max: 1, linker: "subscribing.full" })
    ));
    assert_eq!((linker.handler_count(), linker.event_count()), (1, 1));
    assert!(first.unsubscribe());
    assert!(subscribe().is_ok());
}

// V13
#[test]
#[should_panic(expected = "a linker has to allow at least one handler per event")]
fn a_limit_of_nothing_is_refused() {
    drop(EventLinker::new().max_handlers(0));
}

struct Service;

impl Service {
    fn sync(context: Context) -> String {
        context.event_name().to_owned()
    }

    async fn bound(self: Arc<Self>, suffix: &'static str) -> String {
        suffix.to_owned()
    }

    async fn with_state(state: State<Self>) -> usize {
        Arc::strong_count(&state.0)
    }
}

// H2 H1
#[test]
fn functions_methods_pointers_closures_and_boxes_are_handlers() {
    fn plain() {}
    async fn plain_async() {
        tokio::task::yield_now().await;
    }
    let linker = EventLinker::new();
    let service = Arc::new(Service);
    linker.subscribe("e").handler(plain).unwrap();
    linker.subscribe("e").handler(plain_async).unwrap();
    linker.subscribe("e").handler(plain as fn()).unwrap();
    linker.subscribe("e").handler(Service::sync).unwrap();
    linker.subscribe("e").handler(Service::with_state).unwrap();
    linker.subscribe("e").handler(move || Arc::clone(&service).bound("captured")).unwrap();
    linker.subscribe("e").handler(async || tokio::task::yield_now().await).unwrap();
    linker
        .subscribe("e")
        .handler(Box::new(|_: Context| 1) as Box<dyn Fn(Context) -> i32 + Send + Sync>)
        .unwrap();
    linker.subscribe("e").handler(String::new).unwrap();
    let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).state(Service).build();
    let report = emitter.emit("e").wait().unwrap();
    assert_eq!((report.succeeded(), report.failed()), (9, 0));
}

// H9
#[test]
fn a_handler_runs_beside_itself_when_emissions_overlap() {
    let linker = EventLinker::new();
    let both = Barrier::new(2);
    linker.subscribe("e").handler(move || both.wait().is_leader()).unwrap();
    let emitter = emitter_of(&linker);
    // Each of the two runs waits for the other.
    std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(|| emitter.emit("e").wait().unwrap().succeeded()));
        assert_eq!(threads.map(|thread| thread.join().unwrap()), [1, 1]);
    });
}

// Z9 C14
#[test]
fn a_linker_that_nobody_holds_is_gone_with_its_handlers_whoever_holds_subscriptions() {
    let linker = EventLinker::new();
    let held = Arc::new(());
    let captured = Arc::clone(&held);
    let subscription = linker.subscribe("e").handler(move || Arc::strong_count(&captured)).unwrap();
    let emitter = emitter_of(&linker);
    emitter.emit("e");
    drop(linker);
    assert!(subscription.is_subscribed(), "the emitter holds the linker");
    assert_eq!(Arc::strong_count(&held), 2);
    drop(emitter);
    assert_eq!(Arc::strong_count(&held), 1);
    assert!(!subscription.is_subscribed() && !subscription.unsubscribe());
}

// Z10 L8
#[test]
fn a_handler_stays_when_its_subscription_is_dropped() {
    let linker = EventLinker::new();
    let subscription = linker.subscribe("e").handler(|| ()).unwrap();
    drop(subscription);
    assert_eq!(linker.handler_count(), 1);
    assert_eq!(emitter_of(&linker).emit("e").wait().unwrap().succeeded(), 1);
}
