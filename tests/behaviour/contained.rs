//! Code of users panics, fails and uses the linker wherever it runs, and harms nobody.

use std::fmt;
use std::sync::Arc;

use pyventus::{Event, EventEmitter, EventLinker, HandlerPanic, InlineBackend, TokioBackend, key};

use crate::{Recorder, emitter_of, logging};

// Z4 H22 M21
#[test]
fn panics_everywhere_leave_linker_and_emitter_as_they_were() {
    struct Failing;
    impl Drop for Failing {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "in a drop");
        }
    }
    let linker = EventLinker::new();
    let failing = Failing;
    linker
        .subscribe("e")
        .on_success(|()| -> () { panic!("in a success callback") })
        .handler(move || {
            let _captured = &failing;
        })
        .unwrap();
    linker
        .subscribe("e")
        .on_failure(|_: &HandlerPanic| -> () { panic!("in a failure callback") })
        .handler(|| -> () { panic!("in a handler") })
        .unwrap();
    linker.subscribe("e").once().handler(async || panic_soon().await).unwrap();
    for emitter in [emitter_of(&linker), EventEmitter::builder(TokioBackend::new()).linker(&linker).build()] {
        for _ in 0..2 {
            let report = emitter.emit("e").wait().unwrap();
            assert_eq!(report.succeeded(), 1);
            assert!(report.failed() >= 1);
        }
    }
    assert_eq!(linker.handler_count(), 2);
    let subscription = linker.subscribe("f").handler(|| ()).unwrap();
    assert!(subscription.unsubscribe());
    // What panics when it is dropped is kept until the process ends.
    std::mem::forget(linker);
}

async fn panic_soon() {
    tokio::task::yield_now().await;
    panic!("in a future");
}

/// Uses a linker when it is shown.
struct Shown(EventLinker);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.subscribe("shown").handler(|| ()).map_err(|_| fmt::Error)?;
        write!(f, "{} handlers", self.0.handlers().len())
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Shown {}

// Z6 L43 G21
#[test]
fn the_text_of_an_error_may_use_the_linker_that_its_handler_is_in() {
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    let inner = linker.clone();
    linker
        .subscribe("e")
        .on_failure(|error: &Shown| SEEN.push(error.to_string()))
        .handler(move || Err::<(), _>(Shown(inner.clone())))
        .unwrap();
    let log = logging::of(|| drop(emitter_of(&linker).emit("e")));
    assert!(log.contains("Exception: 2 handlers"), "{log}");
    assert_eq!(SEEN.take(), ["3 handlers"]);
}

// Z4 H12
#[test]
fn an_error_whose_text_panics_is_still_logged_and_answered() {
    struct Unspeakable;
    impl fmt::Display for Unspeakable {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no words")
        }
    }
    impl fmt::Debug for Unspeakable {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Unspeakable")
        }
    }
    impl std::error::Error for Unspeakable {}
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .on_failure(|_: &Unspeakable| SEEN.push("answered"))
        .handler(|| Err::<(), _>(Unspeakable))
        .unwrap();
    let log = logging::of(|| drop(emitter_of(&linker).emit("e")));
    assert!(log.contains("ERROR [EventHandler]") && log.contains("no words"), "{log}");
    assert_eq!(SEEN.take(), ["answered"]);
}

#[derive(Event)]
struct Slow;

// H23
#[test]
fn a_handler_and_its_callbacks_run_strictly_one_after_the_other() {
    static SEEN: Recorder = Recorder::new();
    async fn step(name: &str) {
        SEEN.push(format!("{name} starts"));
        tokio::task::yield_now().await;
        SEEN.push(format!("{name} ends"));
    }
    let linker = EventLinker::new();
    linker
        .subscribe(key::<Slow>())
        .on_success(|_: u8| step("success"))
        .handler(|_: Arc<Slow>| async {
            step("handler").await;
            7_u8
        })
        .unwrap();
    EventEmitter::builder(InlineBackend::new()).linker(&linker).build().emit(Slow);
    assert_eq!(SEEN.take(), ["handler starts", "handler ends", "success starts", "success ends"]);
}
