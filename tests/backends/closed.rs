//! Emitters whose backend was closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use futures::executor::block_on;
use pyventus::conformance::Fixture;
use pyventus::{Backend, EmissionReport, EmitError, EventEmitter, EventLinker, InlineBackend};
use tokio::runtime::Builder;

use crate::local::{BACKENDS, Driven};

/// Runs what a closed backend has given back.
#[track_caller]
fn run_elsewhere(name: &str, refused: Result<EmissionReport, EmitError>) {
    match refused {
        Err(EmitError::Submit(error)) => {
            let reason = error.reason().to_string();
            assert!(reason.ends_with("closed"), "{name}: {reason}");
            InlineBackend::new().submit(error.into_emission().unwrap()).unwrap();
        }
        other => panic!("{name} has taken an emission though it was closed: {other:?}"),
    }
}

// M12 X11
#[test]
fn an_emitter_of_a_closed_backend_gives_back_what_it_is_given_from_everywhere() {
    let mut closed = 0;
    for (name, open) in BACKENDS {
        let backend = open(Driven::start(&mut Builder::new_current_thread()).unwrap()).unwrap();
        if !backend.close() {
            continue;
        }
        closed += 1;
        let (linker, ran) = (EventLinker::new(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..5 {
            let ran = Arc::clone(&ran);
            linker.subscribe("e").once().handler(move || ran.fetch_add(1, Ordering::SeqCst)).unwrap();
        }
        linker.subscribe("e").handler(|| async { tokio::task::yield_now().await }).unwrap();
        let emitter = EventEmitter::builder(backend.backend()).linker(&linker).build();

        // Those that run once go with the first emission, and are not lost with it.
        run_elsewhere(name, emitter.emit("e").wait());
        assert_eq!(ran.load(Ordering::SeqCst), 5, "{name}");
        run_elsewhere(name, block_on(emitter.emit("e")));
        for mut flavour in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            let runtime = flavour.enable_all().build().unwrap();
            run_elsewhere(name, runtime.block_on(async { emitter.emit("e").await }));
            let blocking = emitter.clone();
            let refused = runtime.spawn_blocking(move || blocking.emit("e").wait());
            run_elsewhere(name, runtime.block_on(refused).unwrap());
        }
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| run_elsewhere(name, emitter.emit("e").wait()));
            }
        });
        // However often it is closed, and in whichever way.
        backend.close();
        assert!(backend.cut().is_some_and(|never_ran| never_ran.is_empty()), "{name}");
        run_elsewhere(name, emitter.emit("e").wait());
        assert_eq!(ran.load(Ordering::SeqCst), 5, "{name}");
    }
    assert_eq!(closed, 5);
}
