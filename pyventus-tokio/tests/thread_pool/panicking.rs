//! Panics leave the pool as it was.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{self, Wake, Waker};
use std::time::Duration;

use pyventus_core::{EventEmitter, EventLinker, HandlerPanic};

use crate::{Held, Meeting, PATIENCE, emitter, pool};

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

/// What panics here is no code of a handler: it runs when all of them have ended.
#[test]
fn a_waker_that_panics_leaves_the_thread_alive() {
    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("nobody is to be woken");
        }
    }

    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let (tell, told) = mpsc::channel();
    linker.subscribe("next").handler(move || tell.send(())).unwrap();
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    let mut awaited = emitter.emit("held");
    let waker = Waker::from(Arc::new(Panics));
    assert!(Pin::new(&mut awaited).poll(&mut task::Context::from_waker(&waker)).is_pending());
    held.release_all();
    emitter.emit("next");
    told.recv_timeout(PATIENCE).unwrap();
    backend.close().unwrap();
    assert_eq!(backend.task_count(), 0);
    assert_eq!(awaited.wait().unwrap().succeeded(), 1);
}
