//! Tokio, from synchronous and from asynchronous code.

use std::time::Duration;

use pyventus::{Context, EmitError, EventEmitter, EventLinker, TokioBackend};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::Recorder;

fn emitter_of(linker: &EventLinker) -> EventEmitter {
    EventEmitter::builder(TokioBackend::new()).linker(linker).build()
}

/// Both flavours of a runtime.
fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

// A1 A7 D5
#[test]
fn a_sync_emit_returns_when_all_that_its_handlers_emit_has_ended() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("outer")
        .handler(|context: Context| {
            RAN.push("outer");
            // Nobody waits for it here.
            context.emitter().emit("middle");
        })
        .unwrap();
    linker
        .subscribe("middle")
        .handler(|context: Context| async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            RAN.push("middle");
            context.emitter().emit("inner");
        })
        .unwrap();
    linker
        .subscribe("inner")
        .handler(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            RAN.push("inner");
        })
        .unwrap();
    for _ in 0..2 {
        emitter_of(&linker).emit("outer");
        assert_eq!(RAN.take(), ["outer", "middle", "inner"]);
    }
}

// A7
#[test]
fn a_sync_emit_waits_for_what_its_handlers_emit_on_other_tokio_backends_too() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    let other = emitter_of(&linker);
    linker.subscribe("outer").handler(move || drop(other.emit("inner"))).unwrap();
    linker
        .subscribe("inner")
        .handler(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            RAN.push("inner");
        })
        .unwrap();
    emitter_of(&linker).emit("outer");
    assert_eq!(RAN.take(), ["inner"]);
}

// A8
#[test]
fn a_sync_emit_does_not_wait_for_a_task_that_a_handler_spawns() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    let (tx, rx) = oneshot::channel::<()>();
    let rx = std::sync::Mutex::new(Some(rx));
    linker
        .subscribe("spawns")
        .handler(move || {
            let rx = rx.lock().unwrap().take().unwrap();
            tokio::spawn(async {
                rx.await.unwrap();
                RAN.push("task");
            });
        })
        .unwrap();
    linker.subscribe("runs on").handler(|| async { tokio::task::yield_now().await }).unwrap();
    let emitter = emitter_of(&linker);
    // The task cannot end before the line below: emit did not wait for it.
    emitter.emit("spawns");
    tx.send(()).unwrap();
    // It makes progress while an emission runs on its thread.
    while RAN.take().is_empty() {
        emitter.emit("runs on");
    }
}

// A9
#[test]
fn a_handler_in_sync_code_goes_on_before_what_it_emits_has_run() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("outer")
        .handler(|context: Context| {
            context.emitter().emit("inner");
            RAN.push("outer goes on");
        })
        .unwrap();
    linker.subscribe("inner").handler(|| RAN.push("inner")).unwrap();
    emitter_of(&linker).emit("outer");
    assert_eq!(RAN.take(), ["outer goes on", "inner"]);
}

// A1
#[test]
fn a_sync_emit_runs_on_the_emitting_thread() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| RAN.push(format!("{:?}", std::thread::current().id()))).unwrap();
    linker
        .subscribe("e")
        .handler(|| async {
            tokio::task::yield_now().await;
            RAN.push(format!("{:?}", std::thread::current().id()));
        })
        .unwrap();
    emitter_of(&linker).emit("e");
    let here = format!("{:?}", std::thread::current().id());
    assert_eq!(RAN.take(), [here.clone(), here]);
}

// A2 M10
#[test]
fn an_async_emit_schedules_on_the_current_runtime_and_returns_at_once() {
    for runtime in runtimes() {
        let (tx, rx) = oneshot::channel::<()>();
        let rx = std::sync::Mutex::new(Some(rx));
        let linker = EventLinker::new();
        linker.subscribe("e").handler(move || rx.lock().unwrap().take().unwrap()).unwrap();
        runtime.block_on(async {
            let handle = emitter_of(&linker).emit("e");
            // The handler cannot end before this line: emit did not wait for it.
            tx.send(()).unwrap();
            assert_eq!(handle.await.unwrap().succeeded(), 1);
        });
    }
}

// A2
#[test]
fn no_handler_has_run_on_the_emitting_thread_when_an_async_emit_returns() {
    thread_local! {
        static EMITS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    for runtime in runtimes() {
        let linker = EventLinker::new();
        linker.subscribe("e").handler(|| assert!(!EMITS.get(), "within emit")).unwrap();
        let emitter = emitter_of(&linker);
        let task = runtime.spawn(async move {
            for _ in 0..100 {
                EMITS.set(true);
                let handle = emitter.emit("e");
                EMITS.set(false);
                assert_eq!(handle.await.unwrap().succeeded(), 1);
            }
        });
        runtime.block_on(task).unwrap();
    }
}

// A3
#[test]
fn one_emitter_serves_sync_and_async_code() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| async { tokio::task::yield_now().await }).unwrap();
    let emitter = emitter_of(&linker);
    assert_eq!(emitter.emit("e").wait().unwrap().succeeded(), 1);
    for runtime in runtimes() {
        assert_eq!(runtime.block_on(async { emitter.emit("e").await }).unwrap().succeeded(), 1);
        assert_eq!(emitter.emit("e").wait().unwrap().succeeded(), 1);
    }
}

// Z1
#[test]
fn awaiting_a_nested_emission_in_a_handler_works_in_every_context() {
    let linker = EventLinker::new();
    linker
        .subscribe("outer")
        .handler(|context: Context| async move {
            context.emitter().emit("inner").await.map(|inner| inner.succeeded())
        })
        .unwrap();
    linker.subscribe("inner").handler(|| async { tokio::task::yield_now().await }).unwrap();
    let emitter = emitter_of(&linker);
    assert_eq!(emitter.emit("outer").wait().unwrap().succeeded(), 1);
    for runtime in runtimes() {
        assert_eq!(runtime.block_on(async { emitter.emit("outer").await }).unwrap().succeeded(), 1);
    }
}

// Z2
#[test]
fn a_thread_of_spawn_blocking_schedules_on_its_runtime_and_may_wait() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        linker.subscribe("e").handler(|| async { tokio::task::yield_now().await }).unwrap();
        let emitter = emitter_of(&linker);
        let succeeded = runtime.block_on(async {
            tokio::task::spawn_blocking(move || emitter.emit("e").wait().unwrap().succeeded()).await.unwrap()
        });
        assert_eq!(succeeded, 1);
    }
}

// A4 H21
#[test]
fn an_emission_whose_runtime_ends_first_is_cancelled_and_runs_no_callback() {
    for runtime in runtimes() {
        static RAN: Recorder = Recorder::new();
        let linker = EventLinker::new();
        linker
            .subscribe("e")
            .on_success(|| RAN.push("success"))
            .on_failure(|_: &anyhow::Error| RAN.push("failure"))
            .handler(std::future::pending::<()>)
            .unwrap();
        let handle = {
            let _entered = runtime.enter();
            emitter_of(&linker).emit("e")
        };
        drop(runtime);
        assert!(matches!(handle.wait(), Err(EmitError::Cancelled)));
        assert!(RAN.take().is_empty());
    }
}

// A5
#[test]
fn what_is_scheduled_is_held_until_it_has_ended_and_no_longer() {
    for runtime in runtimes() {
        let value = std::sync::Arc::new(());
        let (tx, rx) = oneshot::channel::<()>();
        let rx = std::sync::Mutex::new(Some(rx));
        let (linker, held) = (EventLinker::new(), std::sync::Arc::clone(&value));
        linker
            .subscribe("e")
            .handler(move || {
                let (rx, held) = (rx.lock().unwrap().take().unwrap(), std::sync::Arc::clone(&held));
                async move { rx.await.map(|()| drop(held)) }
            })
            .unwrap();
        runtime.block_on(async {
            let handle = EventEmitter::builder(TokioBackend::new()).linker(&linker).build().emit("e");
            // Nobody but the emission holds its handler, its emitter and its backend.
            drop(linker);
            tokio::task::yield_now().await;
            tx.send(()).unwrap();
            assert_eq!(handle.await.unwrap().succeeded(), 1);
            let released = async {
                while std::sync::Arc::strong_count(&value) > 1 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_mins(1), released).await.unwrap();
        });
    }
}

#[test]
fn timers_and_spawned_tasks_of_tokio_work_in_sync_code() {
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .handler(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            tokio::spawn(async { 7_u8 }).await
        })
        .unwrap();
    assert_eq!(emitter_of(&linker).emit("e").wait().unwrap().succeeded(), 1);
}

#[test]
fn many_threads_emit_from_sync_code_at_once() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| async { tokio::task::yield_now().await }).unwrap();
    let emitter = emitter_of(&linker);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(emitter.emit("e").wait().unwrap().succeeded(), 1);
                }
            });
        }
    });
}
