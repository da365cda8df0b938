//! Where emissions run, how many at a time, and what the backend says of itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pyventus_core::{Backend, Capability, Context, EventLinker};
use pyventus_tokio::{TokioBackend, ZeroConcurrency};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{Barrier, Semaphore, oneshot};

use crate::{emitter, runtimes};

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

#[test]
fn a_limit_of_nothing_is_an_error() {
    let error = TokioBackend::new().max_concurrency(0).unwrap_err();
    assert_eq!(error, ZeroConcurrency);
    assert_eq!(error.to_string(), "a concurrency of zero runs nothing");
    // No limit is too high.
    TokioBackend::new().max_concurrency(usize::MAX).unwrap();
}

// S2 S4
#[test]
fn a_backend_says_what_it_promises_and_which_one_it_is() {
    let (awaits, offloads) = (Capability::AwaitsNested, Capability::Offloads);
    for (backend, expected) in [
        (TokioBackend::new(), &[Capability::Isolated, awaits, offloads][..]),
        (TokioBackend::new().ordered(), &[Capability::Ordered, awaits, offloads]),
        (TokioBackend::new().max_concurrency(1).unwrap(), &[awaits, offloads]),
        (TokioBackend::new().ordered().max_concurrency(1).unwrap(), &[Capability::Ordered, awaits, offloads]),
    ] {
        assert_eq!(backend.capabilities().iter().collect::<Vec<_>>(), expected);
        assert_eq!(backend.name(), "TokioBackend");
        assert_eq!(backend.id(), backend.clone().id());
        assert_ne!(backend.id(), TokioBackend::new().id());
    }
}
