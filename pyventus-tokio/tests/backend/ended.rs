//! Runtimes that end before the emissions they were to run.

use std::sync::Arc;
use std::thread;

use pyventus_core::{EmissionHandle, EmitError, EventLinker};
use pyventus_tokio::{BackendClosed, TokioBackend};
use tokio::runtime::Runtime;

use crate::{Held, KINDS, Log, PATIENCE, emitter, runtimes};

#[track_caller]
fn assert_cancelled(handle: EmissionHandle) {
    let result = handle.wait();
    assert!(matches!(result, Err(EmitError::Cancelled)), "{result:?}");
}

/// A handler of the event `e` with callbacks, each of which logs.
fn seen(linker: &EventLinker) -> Log {
    let log = Log::default();
    let [handler, success, failure] = ["handler", "success", "failure"].map(|what| {
        let log = Arc::clone(&log);
        move || log.lock().unwrap().push(what.into())
    });
    linker
        .subscribe("e")
        .on_success(success)
        .on_failure(move |_: &anyhow::Error| failure())
        .handler(handler)
        .unwrap();
    log
}

// A4
#[test]
fn what_was_for_a_runtime_that_has_ended_is_cancelled_and_its_handle_says_so() {
    let ends: [fn(Runtime); 2] = [drop, Runtime::shutdown_background];
    for (kind, end) in KINDS.iter().flat_map(|kind| ends.map(|end| (kind, end))) {
        for runtime in runtimes() {
            let linker = EventLinker::new();
            let held = Held::link(&linker);
            let log = seen(&linker);
            let backend = kind(TokioBackend::on_runtime(runtime.handle().clone()));
            let emitter = emitter(&backend, &linker);
            let before: Vec<_> = (0..3).map(|_| emitter.emit("held")).collect();
            end(runtime);
            for handle in before {
                assert_cancelled(handle);
            }

            // From synchronous code, from another thread, from within another runtime.
            assert_cancelled(emitter.emit("e"));
            thread::scope(|scope| drop(scope.spawn(|| assert_cancelled(emitter.emit("e")))));
            for other in runtimes() {
                let result = other.block_on(async { emitter.emit("e").await });
                assert!(matches!(result, Err(EmitError::Cancelled)), "{result:?}");
            }
            held.release(3);
            assert_eq!(*log.lock().unwrap(), [""; 0]);

            // Nothing is left to wait for, and a closing ends.
            let [other, _] = runtimes();
            other.block_on(backend.wait()).unwrap();
            assert_eq!(backend.task_count(), 0);
            assert_eq!(other.block_on(backend.close(PATIENCE)).unwrap().cut, 0);
            let Err(EmitError::Submit(refused)) = emitter.emit("e").wait() else { panic!("it was taken") };
            assert!(refused.reason().is::<BackendClosed>());
            other.block_on(refused.into_emission().unwrap().run());
            assert_eq!(*log.lock().unwrap(), ["handler", "success"]);
        }
    }
}

#[test]
fn what_is_emitted_within_a_runtime_that_has_ended_is_cancelled() {
    for kind in KINDS {
        for runtime in runtimes() {
            let linker = EventLinker::new();
            let log = seen(&linker);
            let backend = kind(TokioBackend::new());
            let handle = runtime.handle().clone();
            drop(runtime);
            {
                let _entered = handle.enter();
                assert_cancelled(emitter(&backend, &linker).emit("e"));
            }
            assert_eq!((backend.task_count(), log.lock().unwrap().len()), (0, 0));
            // Elsewhere, the backend is as good as new.
            assert_eq!(emitter(&backend, &linker).emit("e").wait().unwrap().succeeded(), 1);
            assert_eq!(*log.lock().unwrap(), ["handler", "success"]);
        }
    }
}
