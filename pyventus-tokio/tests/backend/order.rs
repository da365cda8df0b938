//! Emissions one after the other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use pyventus_core::{Context, EmitError, EventLinker, HandlerPanic};
use pyventus_tokio::TokioBackend;
use tokio::runtime::Handle;

use crate::{Held, PATIENCE, emitter, in_turn, logged, runtimes};

// S11 S12
#[test]
fn an_ordered_backend_ends_each_emission_before_it_starts_the_next() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let log = logged(&linker, &["1", "2", "3"]);
        let synchronous = Arc::clone(&log);
        // It would be quick enough to overtake the others.
        let handler = move || synchronous.lock().unwrap().extend(in_turn(&["sync"]));
        linker.subscribe("sync").handler(handler).unwrap();
        let held = Held::link(&linker);
        let backend = TokioBackend::new().ordered();
        runtime.block_on(async {
            for event in ["held", "1", "2", "sync", "3", "1"] {
                emitter(&backend, &linker).emit(event);
            }
            assert_eq!(backend.task_count(), 6);
            held.release(1);
            backend.wait().await.unwrap();
            assert_eq!(backend.task_count(), 0);
        });
        assert_eq!(*log.lock().unwrap(), in_turn(&["1", "2", "sync", "3", "1"]));
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
        // In synchronous code, too, where nobody else runs the queue.
        log.lock().unwrap().clear();
        emitter(&TokioBackend::new().ordered(), &linker).emit("outer");
        assert_eq!(*log.lock().unwrap(), in_turn(&["nested 1", "nested 2"]));
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

// S12
#[test]
fn one_task_runs_the_queue_and_ends_with_it() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let held = Held::link(&linker);
        let backend = TokioBackend::new().ordered();
        runtime.block_on(async {
            // It is made anew for what comes later.
            for _ in 0..2 {
                let handles: Vec<_> = (0..5).map(|_| emitter(&backend, &linker).emit("held")).collect();
                held.started().await;
                assert_eq!(Handle::current().metrics().num_alive_tasks(), 1);
                held.release(5);
                for handle in handles {
                    assert_eq!(handle.await.unwrap().succeeded(), 1);
                }
                for _ in 0..4 {
                    held.started().await;
                }
                let ended = async {
                    while Handle::current().metrics().num_alive_tasks() > 0 {
                        tokio::task::yield_now().await;
                    }
                };
                tokio::time::timeout(PATIENCE, ended).await.unwrap();
            }
        });
    }
}

// S13
#[test]
fn an_idle_queue_is_run_on_the_calling_thread_in_synchronous_code() {
    let linker = EventLinker::new();
    let (tell, told) = mpsc::channel();
    let tell_later = tell.clone();
    linker.subscribe("e").handler(move || tell.send(thread::current().id())).unwrap();
    linker
        .subscribe("e")
        .handler(move || {
            let tell = tell_later.clone();
            async move {
                tokio::task::yield_now().await;
                tell.send(thread::current().id())
            }
        })
        .unwrap();
    let backend = TokioBackend::new().ordered();
    for _ in 0..2 {
        emitter(&backend, &linker).emit("e");
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [thread::current().id(); 2]);
    }
}

// S16
#[test]
fn what_a_task_of_a_handler_emits_goes_to_the_end_of_the_queue() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let held = Held::link(&linker);
        let log = logged(&linker, &["by the task", "later"]);
        linker
            .subscribe("outer")
            .handler(|context: Context| async move {
                let task = tokio::spawn(async move { drop(context.emitter().emit("by the task")) });
                // It has emitted by the time that its handler ends.
                task.await
            })
            .unwrap();
        let backend = TokioBackend::new().ordered();
        runtime.block_on(async {
            for event in ["held", "outer", "later"] {
                emitter(&backend, &linker).emit(event);
            }
            held.release(1);
            backend.wait().await.unwrap();
        });
        assert_eq!(*log.lock().unwrap(), in_turn(&["later", "by the task"]));
    }
}

// S17
#[test]
fn an_emission_of_another_thread_is_left_to_the_runtime_that_runs_the_queue() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let held = Held::link(&linker);
        let (tell, told) = mpsc::channel();
        linker.subscribe("e").handler(move || tell.send(Handle::current().id())).unwrap();
        let backend = TokioBackend::new().ordered();
        runtime.block_on(async {
            emitter(&backend, &linker).emit("held");
            held.started().await;
            let other = emitter(&backend, &linker);
            // Synchronous code, which returns though nothing has run.
            let handle = thread::spawn(move || other.emit("e")).join().unwrap();
            assert!(told.try_recv().is_err());
            assert_eq!(backend.task_count(), 2);
            held.release(1);
            assert_eq!(handle.await.unwrap().succeeded(), 1);
        });
        assert_eq!(told.try_recv(), Ok(runtime.handle().id()));
    }
}

// S17
#[test]
fn an_emission_of_another_thread_is_left_to_the_thread_that_runs_the_queue() {
    let linker = EventLinker::new();
    let (start, started) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    linker
        .subscribe("held")
        .handler(move || {
            start.send(thread::current().id()).unwrap();
            released.lock().unwrap().recv_timeout(PATIENCE)
        })
        .unwrap();
    let (tell, told) = mpsc::channel();
    linker.subscribe("e").handler(move || tell.send(thread::current().id())).unwrap();
    let backend = TokioBackend::new().ordered();
    thread::scope(|scope| {
        let running = scope.spawn(|| drop(emitter(&backend, &linker).emit("held")));
        let runs = started.recv_timeout(PATIENCE).unwrap();
        let handle = emitter(&backend, &linker).emit("e");
        assert!(told.try_recv().is_err());
        release.send(()).unwrap();
        assert_eq!(handle.wait().unwrap().succeeded(), 1);
        running.join().unwrap();
        assert_eq!(told.try_recv(), Ok(runs));
    });
}
