//! Many threads on one linker, with exact counts at the end.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyventus_core::{EventEmitter, EventLinker, InlineBackend};

fn emitter(linker: &EventLinker) -> EventEmitter {
    EventEmitter::builder(InlineBackend::new()).linker(linker).build()
}

// M15 L45
#[test]
fn sixty_four_threads_run_a_one_time_handler_once() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    const THREADS: usize = 64;
    let linker = EventLinker::new();
    linker.subscribe(["a", "b"]).once().handler(|| RUNS.fetch_add(1, Ordering::Relaxed)).unwrap();
    let start = Barrier::new(THREADS);
    let reported: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (start, emitter) = (&start, emitter(&linker));
                scope.spawn(move || {
                    start.wait();
                    emitter.emit(["a", "b"][thread % 2]).wait().unwrap().succeeded()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((RUNS.load(Ordering::Relaxed), reported), (1, 1));
    assert!(linker.is_empty());
}

// L42 L43
#[test]
fn sixteen_threads_subscribe_emit_and_unsubscribe_without_losing_a_count() {
    static OWN: AtomicUsize = AtomicUsize::new(0);
    static SHARED: AtomicUsize = AtomicUsize::new(0);
    const THREADS: usize = 16;
    const ROUNDS: usize = 1_000;
    let linker = EventLinker::new();
    linker.subscribe("shared").handler(|| SHARED.fetch_add(1, Ordering::Relaxed)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let linker = linker.clone();
            scope.spawn(move || {
                let emitter = emitter(&linker);
                let event = format!("own {thread}");
                for _ in 0..ROUNDS {
                    let subscription = linker
                        .subscribe((event.as_str(), "shared"))
                        .handler(|context: pyventus_core::Context| {
                            if context.event_name() != "shared" {
                                OWN.fetch_add(1, Ordering::Relaxed);
                            }
                        })
                        .unwrap();
                    assert_eq!(emitter.emit(event.as_str()).wait().unwrap().succeeded(), 1);
                    assert!(emitter.emit("shared").wait().unwrap().succeeded() >= 2);
                    assert!(subscription.unsubscribe());
                    assert_eq!(emitter.emit(event.as_str()).wait().unwrap().succeeded(), 0);
                }
            });
        }
    });
    assert_eq!(OWN.load(Ordering::Relaxed), THREADS * ROUNDS);
    assert_eq!(SHARED.load(Ordering::Relaxed), THREADS * ROUNDS);
    assert_eq!((linker.handler_count(), linker.event_count()), (1, 1));
}
