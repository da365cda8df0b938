//! What `TokioBackend` promises beside running handlers: order, limits, waiting, closing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pyventus_core::{Context, EmitError, EventEmitter, EventLinker, HandlerPanic};
use pyventus_tokio::{BackendClosed, TokioBackend, WouldDeadlock, ZeroConcurrency};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Barrier, Semaphore, oneshot};

type Log = Arc<Mutex<Vec<String>>>;

fn emitter(backend: &TokioBackend, linker: &EventLinker) -> EventEmitter {
    EventEmitter::builder(backend.clone()).linker(linker).build()
}

/// Both flavours of a runtime.
fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

/// A handler of every numbered event: it logs its start and its end, with a pause between.
fn logged(linker: &EventLinker, events: &'static [&'static str]) -> Log {
    let log = Log::default();
    for event in events {
        let log = Arc::clone(&log);
        linker
            .subscribe(*event)
            .handler(move || {
                let log = Arc::clone(&log);
                async move {
                    log.lock().unwrap().push(format!("{event} starts"));
                    for _ in 0..3 {
                        tokio::task::yield_now().await;
                    }
                    log.lock().unwrap().push(format!("{event} ends"));
                }
            })
            .unwrap();
    }
    log
}

fn in_turn(events: &[&str]) -> Vec<String> {
    events.iter().flat_map(|event| [format!("{event} starts"), format!("{event} ends")]).collect()
}

// S11 S12
#[test]
fn an_ordered_backend_ends_each_emission_before_it_starts_the_next() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let log = logged(&linker, &["1", "2", "3"]);
        let opened = Arc::new(Semaphore::new(0));
        let open = Arc::clone(&opened);
        linker
            .subscribe("held")
            .handler(move || {
                let opened = Arc::clone(&opened);
                async move { opened.acquire().await.map(drop) }
            })
            .unwrap();
        let backend = TokioBackend::new().ordered();
        runtime.block_on(async {
            for event in ["held", "1", "2", "3", "1"] {
                emitter(&backend, &linker).emit(event);
            }
            assert_eq!(backend.task_count(), 5);
            open.add_permits(1);
            backend.wait().await.unwrap();
            assert_eq!(backend.task_count(), 0);
        });
        assert_eq!(*log.lock().unwrap(), in_turn(&["1", "2", "3", "1"]));
    }
}

// S14 S15
#[test]
fn what_an_ordered_handler_emits_runs_before_what_waits_in_the_order_it_was_emitted() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let log = logged(&linker, &["nested 1", "nested 2", "later"]);
        linker
            .subscribe("outer")
            .handler(|context: Context| {
                context.emitter().emit("nested 1");
                context.emitter().emit("nested 2");
            })
            .unwrap();
        let backend = TokioBackend::new().ordered();
        runtime.block_on(async {
            emitter(&backend, &linker).emit("outer");
            emitter(&backend, &linker).emit("later");
            backend.wait().await.unwrap();
        });
        assert_eq!(*log.lock().unwrap(), in_turn(&["nested 1", "nested 2", "later"]));
    }
}

#[test]
fn a_nested_emission_can_be_awaited_under_order_and_under_a_limit_of_one() {
    for runtime in runtimes() {
        for backend in [TokioBackend::new().ordered(), TokioBackend::new().max_concurrency(1).unwrap()] {
            let linker = EventLinker::new();
            linker
                .subscribe("outer")
                .handler(|context: Context| async move {
                    context.emitter().emit("middle").await.map(|report| report.succeeded())
                })
                .unwrap();
            linker
                .subscribe("middle")
                .handler(|context: Context| async move {
                    context.emitter().emit("inner").await.map(|report| report.succeeded())
                })
                .unwrap();
            linker.subscribe("inner").handler(|| async { tokio::task::yield_now().await }).unwrap();
            let report = runtime.block_on(async { emitter(&backend, &linker).emit("outer").await }).unwrap();
            assert_eq!(report.succeeded(), 1);
        }
    }
}

// S19
#[test]
fn a_panic_stops_neither_the_queue_nor_the_next_emission() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        linker.subscribe("panics").handler(async || assert!(std::thread::panicking(), "boom")).unwrap();
        linker.subscribe("works").handler(|| ()).unwrap();
        let backend = TokioBackend::new().ordered();
        runtime.block_on(async {
            let panics = emitter(&backend, &linker).emit("panics");
            let works = emitter(&backend, &linker).emit("works");
            assert!(panics.await.unwrap().outcomes()[0].error().unwrap().is::<HandlerPanic>());
            assert_eq!(works.await.unwrap().succeeded(), 1);
        });
    }
}

// S20
#[test]
fn a_queue_whose_runtime_ended_is_ready_for_the_next_runtime() {
    let linker = EventLinker::new();
    linker.subscribe("never").handler(std::future::pending::<()>).unwrap();
    linker.subscribe("works").handler(|| ()).unwrap();
    let backend = TokioBackend::new().ordered();
    let [first, second] = runtimes();
    let (running, waiting) = first.block_on(async {
        let running = emitter(&backend, &linker).emit("never");
        let waiting = emitter(&backend, &linker).emit("works");
        tokio::task::yield_now().await;
        (running, waiting)
    });
    drop(first);
    for handle in [running, waiting] {
        assert!(matches!(handle.wait(), Err(EmitError::Cancelled)));
    }
    let report = second.block_on(async { emitter(&backend, &linker).emit("works").await }).unwrap();
    assert_eq!(report.succeeded(), 1);
    // And for a thread without any, once no runtime can be running the queue any more.
    drop(second);
    assert_eq!(emitter(&backend, &linker).emit("works").wait().unwrap().succeeded(), 1);
    assert_eq!(backend.task_count(), 0);
}

// S13 S18
#[test]
fn threads_without_a_runtime_share_the_order() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    static RAN: AtomicUsize = AtomicUsize::new(0);
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .handler(|| async {
            assert_eq!(RUNNING.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
            tokio::task::yield_now().await;
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            RAN.fetch_add(1, Ordering::SeqCst);
        })
        .unwrap();
    let backend = TokioBackend::new().ordered();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    assert_eq!(emitter(&backend, &linker).emit("e").wait().unwrap().succeeded(), 1);
                }
            });
        }
    });
    assert_eq!((RAN.load(Ordering::SeqCst), backend.task_count()), (400, 0));
}

#[test]
fn a_limit_of_two_runs_two_at_a_time() {
    for runtime in runtimes() {
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let linker = EventLinker::new();
        {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            let pair = Arc::new(Barrier::new(2));
            linker
                .subscribe("e")
                .handler(move || {
                    let (running, most) = (Arc::clone(&running), Arc::clone(&most));
                    let pair = Arc::clone(&pair);
                    async move {
                        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        // Nobody goes on alone.
                        pair.wait().await;
                        running.fetch_sub(1, Ordering::SeqCst);
                    }
                })
                .unwrap();
        }
        let backend = TokioBackend::new().max_concurrency(2).unwrap();
        runtime.block_on(async {
            for _ in 0..20 {
                emitter(&backend, &linker).emit("e");
            }
            backend.wait().await.unwrap();
        });
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }
    assert_eq!(TokioBackend::new().max_concurrency(0).unwrap_err(), ZeroConcurrency);
}

// S7 S8 S21
#[test]
fn a_blocking_handler_runs_elsewhere_and_holds_nobody_up() {
    for runtime in runtimes() {
        let (tx, rx) = std::sync::mpsc::channel::<()>();
        let rx = Mutex::new(rx);
        let linker = EventLinker::new();
        // Waits for the handler after it: on the same thread, that would be for ever.
        linker.subscribe("e").blocking().handler(move || rx.lock().unwrap().recv()).unwrap();
        linker.subscribe("e").handler(move || tx.send(())).unwrap();
        let backend = TokioBackend::new();
        let report = runtime.block_on(async { emitter(&backend, &linker).emit("e").await }).unwrap();
        assert_eq!(report.succeeded(), 2);
        assert_eq!(emitter(&backend, &EventLinker::new()).emit("e").wait().unwrap().succeeded(), 0);
    }
}

// S21
#[test]
fn what_a_blocking_handler_of_an_ordered_backend_emits_is_a_part_of_its_emission() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let log = logged(&linker, &["nested", "later"]);
        linker
            .subscribe("outer")
            .blocking()
            .handler(|context: Context| drop(context.emitter().emit("nested")))
            .unwrap();
        let backend = TokioBackend::new().ordered();
        runtime.block_on(async {
            emitter(&backend, &linker).emit("outer");
            emitter(&backend, &linker).emit("later");
            backend.wait().await.unwrap();
        });
        assert_eq!(*log.lock().unwrap(), in_turn(&["nested", "later"]));
    }
}

// S22
#[test]
fn waiting_covers_what_is_emitted_meanwhile() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let log = logged(&linker, &["inner"]);
        linker
            .subscribe("outer")
            .handler(|context: Context| async move {
                tokio::task::yield_now().await;
                context.emitter().emit("inner");
            })
            .unwrap();
        let backend = TokioBackend::new();
        runtime.block_on(async {
            emitter(&backend, &linker).emit("outer");
            backend.wait().await.unwrap();
        });
        assert_eq!(*log.lock().unwrap(), in_turn(&["inner"]));
    }
}

// S24
#[test]
fn a_handler_that_waits_for_its_own_backend_gets_an_error() {
    for runtime in runtimes() {
        let backend = TokioBackend::new();
        let linker = EventLinker::new();
        let own = backend.clone();
        linker
            .subscribe("e")
            .handler(move || {
                let own = own.clone();
                async move { own.wait().await }
            })
            .unwrap();
        let report = runtime.block_on(async { emitter(&backend, &linker).emit("e").await }).unwrap();
        assert!(report.outcomes()[0].error().unwrap().is::<WouldDeadlock>());
    }
}

#[test]
fn closing_refuses_new_emissions_and_finishes_running_ones() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let log = logged(&linker, &["e"]);
        let backend = TokioBackend::new();
        runtime.block_on(async {
            let running = emitter(&backend, &linker).emit("e");
            let closed = backend.close(Duration::from_mins(1)).await.unwrap();
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
        for (backend, expected) in [(TokioBackend::new(), 3), (TokioBackend::new().ordered(), 3)] {
            let linker = EventLinker::new();
            linker.subscribe("never").handler(std::future::pending::<()>).unwrap();
            runtime.block_on(async {
                let handles: Vec<_> = (0..3).map(|_| emitter(&backend, &linker).emit("never")).collect();
                let closed = backend.close(Duration::from_millis(5)).await.unwrap();
                assert_eq!((closed.cut, backend.task_count()), (expected, 0));
                for handle in handles {
                    assert!(matches!(handle.await, Err(EmitError::Cancelled)));
                }
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
                    tokio::spawn(async move { backend.close(Duration::from_mins(1)).await.unwrap().cut })
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
fn a_backend_on_a_runtime_runs_there_from_wherever_it_is_emitted() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("the runtime")
        .enable_all()
        .build()
        .unwrap();
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| std::thread::current().name() == Some("the runtime")).unwrap();
    let (tx, rx) = oneshot::channel();
    let tx = Mutex::new(Some(tx));
    linker
        .subscribe("e")
        .handler(move || tx.lock().unwrap().take().unwrap().send(Handle::current().id()).is_ok())
        .unwrap();
    let backend = TokioBackend::on_runtime(runtime.handle().clone());
    let report = emitter(&backend, &linker).emit("e").wait().unwrap();
    assert_eq!(report.succeeded(), 2);
    assert_eq!(rx.blocking_recv().unwrap(), runtime.handle().id());

    runtime.shutdown_background();
    assert!(matches!(emitter(&backend, &linker).emit("e").wait(), Err(EmitError::Cancelled)));
}

#[test]
fn twenty_thousand_emissions_in_a_cascade_end_with_one_worker_and_a_limit_of_one() {
    const DEPTH: usize = 20_000;
    static LEFT: AtomicUsize = AtomicUsize::new(DEPTH);
    let done = Arc::new(Semaphore::new(0));
    let told = Arc::clone(&done);
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .handler(move |context: Context| {
            if LEFT.fetch_sub(1, Ordering::SeqCst) == 1 {
                told.add_permits(1);
            } else {
                context.emitter().emit("e");
            }
        })
        .unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let backend = TokioBackend::new().max_concurrency(1).unwrap();
    runtime.block_on(async {
        emitter(&backend, &linker).emit("e");
        drop(done.acquire().await.unwrap());
        backend.wait().await.unwrap();
    });
    assert_eq!(LEFT.load(Ordering::SeqCst), 0);
}
