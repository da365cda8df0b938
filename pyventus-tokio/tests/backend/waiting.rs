//! Waiting for what runs, and counting it.

use std::io;
use std::pin::pin;
use std::task::Poll;

use pyventus_core::{Context, EventLinker};
use pyventus_tokio::{TokioBackend, WouldDeadlock};

use crate::{Held, emitter, in_turn, logged, runtimes};

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

// S5 S6 S22
#[test]
fn a_count_and_a_wait_are_those_of_one_backend_over_all_runtimes() {
    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let (backend, other) = (TokioBackend::new(), TokioBackend::new());
    let [near, far] = runtimes();
    let elsewhere = {
        let _entered = far.enter();
        emitter(&backend, &linker).emit("held");
        emitter(&other, &linker).emit("held")
    };
    near.block_on(async {
        emitter(&backend, &linker).emit("held");
        assert_eq!((backend.task_count(), backend.clone().task_count(), other.task_count()), (2, 2, 1));
        let mut waiting = pin!(backend.wait());
        for _ in 0..3 {
            held.started().await;
            let polled = std::future::poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx))).await;
            assert!(polled.is_pending());
        }
        held.release(3);
        waiting.await.unwrap();
        assert_eq!(backend.task_count(), 0);
    });
    assert_eq!(elsewhere.wait().unwrap().succeeded(), 1);
}

// S23
#[test]
fn a_failure_neither_ends_a_wait_nor_comes_out_of_it() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let held = Held::link(&linker);
        linker.subscribe("fails").handler(async || Err::<(), _>(io::Error::other("disk"))).unwrap();
        let backend = TokioBackend::new();
        runtime.block_on(async {
            let slow = emitter(&backend, &linker).emit("held");
            let (waited, ()) = tokio::join!(backend.wait(), async {
                let failed = emitter(&backend, &linker).emit("fails").await.unwrap();
                assert!(failed.outcomes()[0].error().unwrap().is::<io::Error>());
                assert!(backend.task_count() >= 1);
                held.release(1);
            });
            assert_eq!((waited, backend.task_count()), (Ok(()), 0));
            assert_eq!(slow.await.unwrap().succeeded(), 1);
        });
    }
}
