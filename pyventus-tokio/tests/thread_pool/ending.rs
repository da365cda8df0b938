//! Closing by dropping.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pyventus_core::{EmitError, EventEmitter, EventLinker};
use pyventus_tokio::{BackendClosed, ThreadPoolBackend};

use crate::{Held, emitter, pool, runtimes};

/// A handler of the event `e` that counts when it ends.
fn counted(linker: &EventLinker, count: &'static AtomicUsize) {
    linker
        .subscribe("e")
        .handler(move || async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            count.fetch_add(1, Ordering::SeqCst);
        })
        .unwrap();
}

// X3 X12
#[test]
fn a_pool_that_is_dropped_has_run_everything_whoever_holds_clones() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    let linker = EventLinker::new();
    counted(&linker, &RAN);
    let backend = pool(2);
    let clone = backend.clone();
    let emitter = emitter(&backend, &linker);
    for _ in 0..10 {
        emitter.emit("e");
    }
    drop(clone);
    assert_eq!(emitter.emit("e").wait().unwrap().succeeded(), 1, "a clone has closed the pool");
    drop(backend);
    assert_eq!(RAN.load(Ordering::SeqCst), 11);
    match emitter.emit("e").wait() {
        Err(EmitError::Submit(error)) => assert!(error.reason().is::<BackendClosed>()),
        other => panic!("{other:?}"),
    }
}

// X13
#[test]
fn a_pool_that_is_dropped_by_a_panic_has_run_everything() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    let linker = EventLinker::new();
    counted(&linker, &RAN);
    let block = || {
        let backend = pool(1);
        let emitter = emitter(&backend, &linker);
        for _ in 0..10 {
            emitter.emit("e");
        }
        assert!(linker.is_empty(), "boom");
    };
    catch_unwind(AssertUnwindSafe(block)).unwrap_err();
    assert_eq!(RAN.load(Ordering::SeqCst), 10);
}

#[test]
fn a_pool_may_be_dropped_and_closed_in_asynchronous_code() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    let linker = EventLinker::new();
    counted(&linker, &RAN);
    for runtime in runtimes() {
        RAN.store(0, Ordering::SeqCst);
        runtime.block_on(async {
            let end: [fn(ThreadPoolBackend); 2] = [drop, |backend| backend.close().unwrap()];
            for end in end {
                let backend = pool(2);
                emitter(&backend, &linker).emit("e");
                end(backend);
            }
        });
        assert_eq!(RAN.load(Ordering::SeqCst), 2);
        let backend = pool(2);
        let emitter = emitter(&backend, &linker);
        emitter.emit("e");
        let closing = runtime.spawn_blocking(move || backend.close());
        runtime.block_on(closing).unwrap().unwrap();
        assert_eq!(RAN.load(Ordering::SeqCst), 3);
    }
}

#[test]
fn a_pool_that_is_dropped_on_a_thread_of_its_own_still_runs_what_it_has_taken() {
    for event in ["sync", "blocking", "task"] {
        let linker = EventLinker::new();
        let held = Held::link(&linker);
        let backend = pool(1);
        let emitter = emitter(&backend, &linker);
        let owner = Mutex::new(Some(backend));
        let subscribe = || linker.subscribe(event);
        let subscribed = match event {
            "sync" => subscribe().handler(move || drop(owner.lock().unwrap().take())),
            "blocking" => subscribe().blocking().handler(move || drop(owner.lock().unwrap().take())),
            _ => subscribe().handler(move || {
                let owner = owner.lock().unwrap().take();
                async move { tokio::spawn(async move { drop(owner) }).await }
            }),
        };
        subscribed.unwrap();
        // The pool is dropped while it holds one emission back.
        let handles = ["held", event, "held"].map(|event| emitter.emit(event));
        held.release_all();
        for handle in handles {
            assert_eq!(handle.wait().unwrap().succeeded(), 1, "{event}");
        }
        assert!(matches!(emitter.emit(event).wait(), Err(EmitError::Submit(_))), "{event}");
    }
}

#[test]
fn a_pool_that_was_moved_into_an_emitter_outlives_it_until_its_emissions_have_ended() {
    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let emitter = EventEmitter::builder(pool(1)).linker(&linker).build();
    let handles = [emitter.emit("held"), emitter.emit("held")];
    drop(emitter);
    held.release_all();
    for handle in handles {
        assert_eq!(handle.wait().unwrap().succeeded(), 1);
    }
}
