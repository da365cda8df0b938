//! Backends run emissions where and when they like.

use std::sync::{Arc, Mutex};

use pyventus::{Backend, Context, EmitError, EventEmission, EventEmitter, EventLinker, SubmitError, args};

use crate::{Recorder, emitter_of};

/// Keeps emissions until it is told to run them.
#[derive(Default)]
struct Later(Mutex<Vec<EventEmission>>);

impl Backend for Later {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.0.lock().unwrap().push(emission);
        Ok(())
    }
}

// P6 M23 N12 L31
#[test]
fn an_emission_runs_later_on_another_thread_with_the_handlers_of_its_time() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    let subscription = linker.subscribe("e").handler(|| RAN.push("ran")).unwrap();
    let later = Arc::new(Later::default());
    let handle = EventEmitter::builder(Arc::clone(&later)).linker(&linker).build().emit("e");
    assert!(RAN.take().is_empty());
    assert!(subscription.unsubscribe());
    drop(linker);

    let emission = later.0.lock().unwrap().remove(0);
    let runner = std::thread::spawn(move || futures::executor::block_on(emission.run()));
    assert_eq!(handle.wait().unwrap().succeeded(), 1);
    runner.join().unwrap();
    assert_eq!(RAN.take(), ["ran"]);
}

#[test]
fn inline_runs_a_nested_emission_within_the_handler_that_makes_it() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("outer")
        .handler(|context: Context| async move {
            RAN.push("outer starts");
            context.emitter().emit("inner").await.unwrap();
            RAN.push("outer ends");
        })
        .unwrap();
    linker.subscribe("inner").handler(|| async { RAN.push("inner") }).unwrap();
    emitter_of(&linker).emit("outer");
    assert_eq!(RAN.take(), ["outer starts", "inner", "outer ends"]);
}

// M19 M21
#[test]
fn handlers_are_started_in_order_and_do_not_wait_for_one_another() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    let (tx, rx) = futures::channel::oneshot::channel();
    let (tx, rx) = (Mutex::new(Some(tx)), Mutex::new(Some(rx)));
    linker
        .subscribe("e")
        .handler(move || {
            let rx = rx.lock().unwrap().take();
            async move {
                RAN.push("first waits");
                rx.unwrap().await.unwrap();
                RAN.push("first ends");
            }
        })
        .unwrap();
    linker
        .subscribe("e")
        .handler(move || {
            RAN.push("second");
            tx.lock().unwrap().take().unwrap().send(()).unwrap();
        })
        .unwrap();
    assert_eq!(emitter_of(&linker).emit("e").wait().unwrap().succeeded(), 2);
    assert_eq!(RAN.take(), ["first waits", "second", "first ends"]);
}

#[test]
fn a_blocking_handler_without_a_thread_of_its_own_is_told_where_it_would_wait_for_ever() {
    static TOLD: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("deeper")
        .blocking()
        .handler(|context: Context| {
            let depth = context.args().positional()[0].as_u64().unwrap_or_default();
            if depth > 0 {
                let nested = context.emitter().emit_with("deeper", args![depth - 1]).wait();
                if let Err(EmitError::WouldDeadlock { blocking: true, .. }) = nested {
                    TOLD.push("would wait for ever");
                }
            }
        })
        .unwrap();
    // Emissions that stand this deep in one another run beside the handlers that emit them.
    let report = emitter_of(&linker).emit_with("deeper", args![100]).wait().unwrap();
    assert_eq!(report.succeeded(), 1);
    assert!(!TOLD.take().is_empty());
}
