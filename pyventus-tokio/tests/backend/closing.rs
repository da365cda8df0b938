//! The end of a backend: what it took is finished, or cut and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pyventus_core::{Context, EmitError, EventLinker};
use pyventus_tokio::{BackendClosed, TokioBackend, WouldDeadlock};
use tokio::runtime::Builder;

use crate::{Held, KINDS, PATIENCE, emitter, in_turn, logged, runtimes};

#[test]
fn closing_refuses_new_emissions_and_finishes_running_ones() {
    for (runtime, kind) in runtimes().iter().flat_map(|runtime| KINDS.map(|kind| (runtime, kind))) {
        let linker = EventLinker::new();
        let backend = kind(TokioBackend::new());
        let log = logged(&linker, &["e"]);
        runtime.block_on(async {
            let running = emitter(&backend, &linker).emit("e");
            let closed = backend.close(PATIENCE).await.unwrap();
            assert_eq!(closed.cut, 0);
            assert_eq!(running.await.unwrap().succeeded(), 1);
            let Err(EmitError::Submit(refused)) = emitter(&backend, &linker).emit("e").await else {
                panic!("it was refused")
            };
            assert!(refused.reason().is::<BackendClosed>());
            assert_eq!(refused.into_emission().unwrap().len(), 1);
            assert_eq!(backend.close(Duration::ZERO).await.unwrap().cut, 0);
        });
        assert_eq!(*log.lock().unwrap(), in_turn(&["e"]));
        // From synchronous code too.
        assert!(emitter(&backend, &linker).emit("e").wait().is_err());
    }
}

#[test]
fn closing_cuts_at_the_deadline_what_runs_and_what_waits() {
    for runtime in runtimes() {
        for deadline in [Duration::ZERO, Duration::from_millis(5)] {
            for kind in KINDS {
                let backend = kind(TokioBackend::new());
                let linker = EventLinker::new();
                let _held = Held::link(&linker);
                linker.subscribe("quick").handler(|| ()).unwrap();
                runtime.block_on(async {
                    let ended = emitter(&backend, &linker).emit("quick").await.unwrap();
                    assert_eq!(ended.succeeded(), 1);
                    let handles: Vec<_> = (0..3).map(|_| emitter(&backend, &linker).emit("held")).collect();
                    let closed = backend.close(deadline).await.unwrap();
                    assert_eq!((closed.cut, backend.task_count()), (3, 0));
                    for handle in handles {
                        assert!(matches!(handle.await, Err(EmitError::Cancelled)));
                    }
                    // Once more, it cuts nothing.
                    assert_eq!(backend.close(deadline).await.unwrap().cut, 0);
                });
            }
        }
    }
}

#[test]
fn a_deadline_that_never_comes_cuts_nothing() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let log = logged(&linker, &["e"]);
        let backend = TokioBackend::new();
        runtime.block_on(async {
            emitter(&backend, &linker).emit("e");
            assert_eq!(backend.close(Duration::MAX).await.unwrap().cut, 0);
        });
        assert_eq!(*log.lock().unwrap(), in_turn(&["e"]));
    }
}

// S24
#[test]
fn a_handler_that_closes_its_own_backend_gets_an_error_and_the_backend_is_closed_all_the_same() {
    for runtime in runtimes() {
        for kind in KINDS {
            let backend = kind(TokioBackend::new());
            let linker = EventLinker::new();
            let own = backend.clone();
            linker
                .subscribe("e")
                .handler(move |_: Context| {
                    let own = own.clone();
                    async move { assert_eq!(own.close(Duration::ZERO).await, Err(WouldDeadlock)) }
                })
                .unwrap();
            runtime.block_on(async {
                let report = emitter(&backend, &linker).emit("e").await.unwrap();
                assert_eq!(report.succeeded(), 1, "{report:?}");
                assert!(matches!(emitter(&backend, &linker).emit("e").await, Err(EmitError::Submit(_))));
                assert_eq!(backend.close(PATIENCE).await.unwrap().cut, 0);
            });
        }
    }
}

#[test]
fn every_emission_is_run_or_refused_while_many_close_and_emit() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for _ in 0..20 {
        let ran = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ran);
        let linker = EventLinker::new();
        linker.subscribe("e").handler(move || counted.fetch_add(1, Ordering::SeqCst)).unwrap();
        let backend = TokioBackend::new();
        let (succeeded, refused) = runtime.block_on(async {
            let emitting: Vec<_> = (0..4)
                .map(|_| {
                    let emitter = emitter(&backend, &linker);
                    tokio::spawn(async move {
                        let handles: Vec<_> = (0..50).map(|_| emitter.emit("e")).collect();
                        let mut counts = (0, 0);
                        for handle in handles {
                            match handle.await {
                                Ok(report) => counts.0 += report.succeeded(),
                                Err(EmitError::Submit(_)) => counts.1 += 1,
                                Err(other) => panic!("{other}"),
                            }
                        }
                        counts
                    })
                })
                .collect();
            let closing: Vec<_> = (0..10)
                .map(|_| {
                    let backend = backend.clone();
                    tokio::spawn(async move { backend.close(PATIENCE).await.unwrap().cut })
                })
                .collect();
            for closing in closing {
                assert_eq!(closing.await.unwrap(), 0);
            }
            let mut counts = (0, 0);
            for emitting in emitting {
                let (succeeded, refused) = emitting.await.unwrap();
                counts = (counts.0 + succeeded, counts.1 + refused);
            }
            counts
        });
        assert_eq!((succeeded + refused, ran.load(Ordering::SeqCst)), (200, succeeded));
    }
}

#[test]
fn a_backend_that_has_nothing_to_wait_for_is_closed_without_a_clock() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let idle = TokioBackend::new();
        assert_eq!(idle.close(Duration::from_secs(5)).await.unwrap().cut, 0);

        let linker = EventLinker::new();
        linker.subscribe("e").handler(std::future::pending::<()>).unwrap();
        let busy = TokioBackend::new();
        let handle = emitter(&busy, &linker).emit("e");
        assert_eq!(busy.close(Duration::ZERO).await.unwrap().cut, 1);
        assert!(matches!(handle.await, Err(EmitError::Cancelled)));
    });
}
