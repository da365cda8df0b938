//! One-time handlers answer one event.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyventus::{Context, EventLinker, key, once};

use crate::{Recorder, emitter, emitter_of};

static DECLARED: Recorder = Recorder::new();

#[once("once.one", "once.two")]
async fn declared() {
    DECLARED.push("once");
}

// M14
#[test]
fn a_one_time_handler_answers_one_of_its_events_once() {
    for event in ["once.one", "once.one", "once.two"] {
        emitter().emit(event);
    }
    assert_eq!(DECLARED.take(), ["once"]);
}

static FLOW: Recorder = Recorder::new();

#[once("once.flow")]
mod flow {
    use super::FLOW;

    #[on_event]
    fn handle() -> Result<(), std::io::Error> {
        Err(std::io::Error::other("no"))
    }

    #[on_failure]
    fn failed() {
        FLOW.push("failed");
    }
}

// M14
#[test]
fn a_one_time_handler_that_fails_has_had_its_time() {
    emitter().emit("once.flow");
    emitter().emit("once.flow");
    assert_eq!(FLOW.take(), ["failed"]);
}

// M15 L45
#[test]
fn a_one_time_handler_runs_once_however_many_threads_emit() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let linker = EventLinker::new();
    for round in 1..=20 {
        linker.subscribe(["a", "b"]).once().handler(|| RUNS.fetch_add(1, Ordering::Relaxed)).unwrap();
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for event in ["a", "b", "a", "b", "a", "b", "a", "b"] {
                let (start, emitter) = (&start, emitter_of(&linker.clone()));
                scope.spawn(move || {
                    start.wait();
                    emitter.emit(event);
                });
            }
        });
        assert_eq!(RUNS.load(Ordering::Relaxed), round);
    }
}

// M18
#[test]
fn a_one_time_handler_that_emits_its_own_event_does_not_run_again() {
    static RUNS: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("again")
        .once()
        .handler(|context: Context| {
            RUNS.push("once");
            context.emitter().emit("again");
        })
        .unwrap();
    emitter_of(&linker).emit("again");
    assert_eq!(RUNS.take(), ["once"]);
}

#[derive(pyventus::Event)]
struct Typed;

// M6
#[test]
fn a_one_time_handler_of_a_type_and_of_everything_is_unlinked_from_both() {
    let linker = EventLinker::new();
    let subscription =
        linker.subscribe((key::<Typed>(), pyventus::EventKey::ANY)).once().handler(|| ()).unwrap();
    assert!(subscription.is_subscribed());
    assert_eq!(emitter_of(&linker).emit("anything").wait().unwrap().succeeded(), 1);
    assert!(!subscription.is_subscribed() && !subscription.unsubscribe());
    assert!(emitter_of(&linker).emit(Typed).wait().unwrap().outcomes().is_empty());
}
