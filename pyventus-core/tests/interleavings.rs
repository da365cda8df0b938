//! The registry under every kind of interleaving: `RUSTFLAGS="--cfg shuttle" cargo test -p
//! pyventus-core --test interleavings`. Without that flag there is nothing here.
#![cfg(shuttle)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyventus_core::{EventEmitter, EventKey, EventLinker, InlineBackend};
use shuttle::thread;

/// How many schedules of each model are tried.
const SCHEDULES: usize = 10_000;

fn emitter(linker: &EventLinker) -> EventEmitter {
    EventEmitter::builder(InlineBackend::new()).linker(linker).build()
}

fn counter() -> (Arc<AtomicUsize>, impl Fn() + Send + Sync + 'static) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    (count, move || {
        counted.fetch_add(1, Ordering::Relaxed);
    })
}

// M15 M16 L45
#[test]
fn a_one_time_handler_is_claimed_once_by_concurrent_emissions_of_its_events() {
    shuttle::check_random(
        || {
            let linker = EventLinker::new();
            let (count, handler) = counter();
            linker.subscribe(("a", "b", EventKey::ANY)).once().handler(handler).unwrap();
            let threads: Vec<_> = ["a", "b", "c"]
                .into_iter()
                .map(|event| {
                    let emitter = emitter(&linker);
                    thread::spawn(move || drop(emitter.emit(event)))
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(count.load(Ordering::Relaxed), 1);
            assert!(linker.is_empty());
        },
        SCHEDULES,
    );
}

// L22 M17
#[test]
fn a_subscription_to_several_events_appears_for_all_of_them_at_once() {
    shuttle::check_random(
        || {
            let linker = EventLinker::new();
            let (count, handler) = counter();
            let emitting = {
                let emitter = emitter(&linker);
                let count = Arc::clone(&count);
                thread::spawn(move || {
                    emitter.emit("a");
                    let seen = count.load(Ordering::Relaxed);
                    emitter.emit("b");
                    // Once an emission has found the handler, no later one misses it.
                    assert!(seen == 0 || count.load(Ordering::Relaxed) == 2);
                })
            };
            linker.subscribe(("a", "b")).handler(handler).unwrap();
            emitting.join().unwrap();
            let before = count.load(Ordering::Relaxed);
            emitter(&linker).emit("b");
            assert_eq!(count.load(Ordering::Relaxed), before + 1);
        },
        SCHEDULES,
    );
}

// L31 L42
#[test]
fn an_emission_that_starts_after_the_last_unlinking_finds_nobody() {
    shuttle::check_random(
        || {
            let linker = EventLinker::new();
            let (count, handler) = counter();
            let subscription = linker.subscribe(("a", "b")).handler(handler).unwrap();
            let emitting = {
                let emitter = emitter(&linker);
                thread::spawn(move || drop(emitter.emit("a")))
            };
            let unlinking = {
                let (linker, subscription) = (linker.clone(), subscription.clone());
                thread::spawn(move || linker.unlink("a", &subscription).unwrap())
            };
            assert_eq!(linker.unlink("b", &subscription).unwrap(), 1);
            assert_eq!(unlinking.join().unwrap(), 1);
            emitting.join().unwrap();
            assert!(count.load(Ordering::Relaxed) <= 1);
            let before = count.load(Ordering::Relaxed);
            emitter(&linker).emit("a");
            emitter(&linker).emit("b");
            assert_eq!(count.load(Ordering::Relaxed), before);
            assert!(linker.is_empty() && !subscription.unsubscribe());
        },
        SCHEDULES,
    );
}

// L14 L42
#[test]
fn a_limit_holds_against_concurrent_subscriptions() {
    shuttle::check_random(
        || {
            let linker = EventLinker::namespace("limited").max_handlers(1);
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let linker = linker.clone();
                    thread::spawn(move || linker.subscribe(("a", "b")).handler(|| ()).is_ok())
                })
                .collect();
            let subscribed = threads.into_iter().map(|thread| thread.join().unwrap());
            assert_eq!(subscribed.filter(|subscribed| *subscribed).count(), 1);
            assert_eq!((linker.handler_count(), linker.event_count()), (1, 2));
        },
        SCHEDULES,
    );
}
