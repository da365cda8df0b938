//! What handlers emit on their own pool.

use std::io;
use std::sync::mpsc;

use pyventus_core::{Context, EmissionReport, EmitError, EventLinker, args};

use crate::{Held, Log, Meeting, PATIENCE, emitter, pool};

// X14
#[test]
fn what_a_handler_emits_runs_after_it_and_before_what_waits_even_on_one_thread() {
    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let log = Log::default();
    let (outer, inner, later) = (log.clone(), log.clone(), log.clone());
    linker
        .subscribe("outer")
        .handler(move |context: Context| {
            for number in 1..=2 {
                context.emitter().emit_with("inner", args![number]);
            }
            outer.push("outer");
        })
        .unwrap();
    linker
        .subscribe("inner")
        .handler(move |context: Context| inner.push(format!("inner {}", context.args().positional()[0])))
        .unwrap();
    linker.subscribe("later").handler(move || later.push("later")).unwrap();
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    for event in ["held", "outer", "later"] {
        emitter.emit(event);
    }
    held.release_all();
    backend.close().unwrap();
    assert_eq!(log.lines(), ["outer", "inner 1", "inner 2", "later"]);
}

// X14
#[test]
fn the_failure_callback_of_a_synchronous_handler_awaits_what_it_emits_on_the_only_thread() {
    let linker = EventLinker::new();
    let log = Log::default();
    let (first, answer, second, inner) = (log.clone(), log.clone(), log.clone(), log.clone());
    linker
        .subscribe("outer")
        .on_failure(move |error: &anyhow::Error, context: Context| {
            let (answer, error) = (answer.clone(), error.to_string());
            async move {
                let report = context.emitter().emit("inner").await.unwrap();
                answer.push(format!("{error}: {} has run", report.succeeded()));
            }
        })
        .handler(move || {
            first.push("first");
            Err::<(), _>(io::Error::other("it fails"))
        })
        .unwrap();
    linker.subscribe("outer").handler(move || second.push("second")).unwrap();
    linker.subscribe("inner").handler(move || inner.push("inner")).unwrap();
    let backend = pool(1);
    let report = emitter(&backend, &linker).emit("outer").wait().unwrap();
    assert_eq!((report.succeeded(), report.failed()), (1, 1));
    assert_eq!(log.lines(), ["first", "second", "inner", "it fails: 1 has run"]);
}

// X14 Z3
#[test]
fn handlers_that_take_all_threads_await_what_they_emit() {
    for threads in [1, 4] {
        let linker = EventLinker::new();
        let meeting = Meeting::default();
        linker
            .subscribe("outer")
            .handler(move |context: Context| {
                // Each thread is taken before anything nested is emitted.
                let all_are_taken = meeting.of(threads);
                async move {
                    anyhow::ensure!(all_are_taken, "a thread is free");
                    context
                        .emitter()
                        .emit("middle")
                        .await
                        .map(|report| report.succeeded())
                        .map_err(Into::into)
                }
            })
            .unwrap();
        linker
            .subscribe("middle")
            .handler(|context: Context| async move {
                context.emitter().emit("inner").await.map(|report| report.succeeded())
            })
            .unwrap();
        linker.subscribe("inner").handler(|| async { tokio::task::yield_now().await }).unwrap();
        let backend = pool(threads);
        let emitter = emitter(&backend, &linker);
        let handles: Vec<_> = (0..threads).map(|_| emitter.emit("outer")).collect();
        for handle in handles {
            assert_eq!(handle.wait().unwrap().succeeded(), 1);
        }
    }
}

/// Lets a handler of `outer` wait for `inner` on a pool of one thread, and returns what it got.
fn waited_for_inside(
    link: impl FnOnce(&EventLinker, mpsc::Sender<Result<EmissionReport, EmitError>>),
) -> Result<EmissionReport, EmitError> {
    let linker = EventLinker::new();
    let (tell, told) = mpsc::channel();
    link(&linker, tell);
    linker.subscribe("inner").handler(|| async { tokio::task::yield_now().await }).unwrap();
    let backend = pool(1);
    let report = emitter(&backend, &linker).emit("outer");
    let result = told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(report.wait().unwrap().succeeded(), 1);
    result
}

// Z3
#[test]
fn a_synchronous_handler_that_waits_for_what_it_emits_gets_an_error() {
    let result = waited_for_inside(|linker, tell| {
        linker
            .subscribe("outer")
            .handler(move |context: Context| tell.send(context.emitter().emit("inner").wait()))
            .unwrap();
    });
    match result {
        Err(EmitError::WouldDeadlock { event, within, blocking: true, .. }) => {
            assert_eq!((&*event, &*within), ("inner", "outer"));
        }
        other => panic!("{other:?}"),
    }
}

// Z3
#[test]
fn a_blocking_handler_waits_for_what_it_emits() {
    let result = waited_for_inside(|linker, tell| {
        linker
            .subscribe("outer")
            .blocking()
            .handler(move |context: Context| tell.send(context.emitter().emit("middle").wait()))
            .unwrap();
        linker
            .subscribe("middle")
            .blocking()
            .handler(|context: Context| match context.emitter().emit("inner").wait()?.succeeded() {
                1 => Ok(()),
                _ => Err(EmitError::Cancelled),
            })
            .unwrap();
    });
    assert_eq!(result.unwrap().succeeded(), 1);
}

// Z3
#[test]
fn an_asynchronous_handler_declared_blocking_awaits_what_it_emits() {
    let result = waited_for_inside(|linker, tell| {
        linker
            .subscribe("outer")
            .blocking()
            .handler(move |context: Context| {
                let tell = tell.clone();
                async move { tell.send(context.emitter().emit("inner").await) }
            })
            .unwrap();
    });
    assert_eq!(result.unwrap().succeeded(), 1);
}

// Z3
#[test]
fn handlers_of_two_pools_of_one_thread_wait_for_one_another() {
    let (near_linker, far_linker) = (EventLinker::new(), EventLinker::new());
    let (near, far) = (pool(1), pool(1));
    let far_emitter = emitter(&far, &far_linker);
    near_linker
        .subscribe("outer")
        .handler(move || match far_emitter.emit("inner").wait() {
            Ok(report) if report.succeeded() == 1 => Ok(()),
            other => Err(io::Error::other(format!("{other:?}"))),
        })
        .unwrap();
    far_linker.subscribe("inner").handler(|| async { tokio::task::yield_now().await }).unwrap();
    let report = emitter(&near, &near_linker).emit("outer").wait().unwrap();
    assert_eq!(report.succeeded(), 1, "{report:?}");
}
