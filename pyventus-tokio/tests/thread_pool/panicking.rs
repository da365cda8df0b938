//! Panics leave the pool as it was.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pyventus_core::{Context, EmitError, EventEmitter, EventLinker, HandlerPanic};
use tracing::span;

use crate::{Meeting, emitter, pool};

const THREADS: usize = 4;

/// Whether all threads of the pool take part in running as many emissions as there are threads.
fn all_are_alive(emitter: &EventEmitter, linker: &EventLinker) -> bool {
    let meeting = Meeting::default();
    let meet = linker.subscribe("meet").handler(move || assert!(meeting.of(THREADS))).unwrap();
    let handles: Vec<_> = (0..THREADS).map(|_| emitter.emit("meet")).collect();
    let succeeded = handles.into_iter().map(|handle| handle.wait().unwrap().succeeded()).sum::<usize>();
    meet.unsubscribe();
    succeeded == THREADS
}

#[test]
fn a_handler_that_panics_leaves_all_threads_alive() {
    let linker = EventLinker::new();
    let meeting = Meeting::default();
    let always = || true;
    linker
        .subscribe("sync")
        .handler(move || {
            // All of the threads panic.
            assert!(!meeting.of(THREADS), "boom");
        })
        .unwrap();
    linker
        .subscribe("async")
        .handler(move || async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert!(!always(), "boom");
        })
        .unwrap();
    linker.subscribe("blocking").blocking().handler(move || assert!(!always(), "boom")).unwrap();
    linker.subscribe("callback").on_success(move || assert!(!always(), "boom")).handler(|| ()).unwrap();
    let backend = pool(THREADS);
    let emitter = emitter(&backend, &linker);
    for (event, failed) in [("sync", 1), ("async", 1), ("blocking", 1), ("callback", 0)] {
        let handles: Vec<_> = (0..THREADS).map(|_| emitter.emit(event)).collect();
        for handle in handles {
            let report = handle.wait().unwrap();
            assert_eq!(report.failed(), failed, "{event}");
            assert!(report.outcomes()[0].error().is_none_or(anyhow::Error::is::<HandlerPanic>), "{event}");
        }
        assert!(all_are_alive(&emitter, &linker), "{event}");
    }
    backend.close().unwrap();
}

/// What panics here is no code of a handler: it runs between them.
#[test]
fn a_log_that_panics_cancels_the_emission_and_leaves_the_thread_alive() {
    struct PanicsOnce(AtomicBool);

    impl tracing::Subscriber for PanicsOnce {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

        fn event(&self, _: &tracing::Event<'_>) {
            assert!(self.0.swap(true, Ordering::SeqCst), "the disk of the log is full");
        }

        fn enter(&self, _: &span::Id) {}

        fn exit(&self, _: &span::Id) {}
    }

    let linker = EventLinker::new();
    linker
        .subscribe("log")
        .handler(|_: Context| {
            // It stays with the thread of the pool.
            std::mem::forget(tracing::subscriber::set_default(PanicsOnce(AtomicBool::new(false))));
        })
        .unwrap();
    linker.subscribe("e").handler(|| ()).unwrap();
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    assert_eq!(emitter.emit("log").wait().unwrap().succeeded(), 1);
    assert!(matches!(emitter.emit("e").wait(), Err(EmitError::Cancelled)));
    assert_eq!(emitter.emit("e").wait().unwrap().succeeded(), 1);
    backend.wait().unwrap();
    assert_eq!(backend.task_count(), 0);
}
