//! Closing by hand: refusing, waiting, giving back.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use pyventus_core::{Backend, Context, EmitError, EventEmitter, EventLinker, InlineBackend, args};
use pyventus_tokio::{BackendClosed, ThreadPoolBackend, WouldDeadlock};

use crate::{Held, Log, PATIENCE, emitter, pool};

#[track_caller]
fn assert_is_closed(emitter: &EventEmitter, event: &'static str) {
    match emitter.emit(event).wait() {
        Err(EmitError::Submit(error)) => assert!(error.reason().is::<BackendClosed>()),
        other => panic!("a closed backend has taken an emission: {other:?}"),
    }
}

/// A handler that logs the numbers it is given, and waits in between.
fn logged(linker: &EventLinker) -> Log {
    let log = Log::default();
    let numbers = log.clone();
    linker
        .subscribe("e")
        .handler(move |context: Context| {
            let log = numbers.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(1)).await;
                log.push(context.args().positional()[0].to_string());
            }
        })
        .unwrap();
    log
}

// X7
#[test]
fn closing_waits_for_what_runs_and_for_what_waits() {
    for threads in [1, 3] {
        let linker = EventLinker::new();
        let log = logged(&linker);
        let backend = pool(threads);
        let emitter = emitter(&backend, &linker);
        let handles: Vec<_> = (0..20).map(|number| emitter.emit_with("e", args![number])).collect();
        backend.close().unwrap();
        assert_eq!(log.lines().len(), 20);
        assert_eq!(backend.task_count(), 0);
        assert!(handles.into_iter().all(|handle| handle.wait().is_ok_and(|report| report.succeeded() == 1)));
        assert_is_closed(&emitter, "e");
    }
}

thread_local! {
    static ENDS: RefCell<Option<Ends>> = const { RefCell::new(None) };
}

/// Counts the threads that end.
struct Ends(Arc<AtomicUsize>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

// X7 X12
#[test]
fn the_threads_end_when_the_pool_is_closed_and_when_it_is_dropped() {
    let end: [fn(ThreadPoolBackend); 2] = [|backend| backend.close().unwrap(), drop];
    for end in end {
        let linker = EventLinker::new();
        let ended = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ended);
        linker.subscribe("e").handler(move || ENDS.set(Some(Ends(Arc::clone(&counted))))).unwrap();
        let backend = pool(1);
        assert_eq!(emitter(&backend, &linker).emit("e").wait().unwrap().succeeded(), 1);
        assert_eq!(ended.load(Ordering::SeqCst), 0);
        end(backend);
        assert_eq!(ended.load(Ordering::SeqCst), 1);
    }
}

// X8
#[test]
fn closing_now_returns_what_never_ran_and_lets_what_runs_end() {
    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let log = logged(&linker);
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    let running = emitter.emit("held");
    held.wait_until_started();
    let mut waiting: Vec<_> = (0..4).map(|number| emitter.emit_with("e", args![number])).collect();
    assert_eq!(backend.task_count(), 5);

    let mut never_ran = backend.close_now();
    assert_eq!(backend.task_count(), 1);
    let numbers: Vec<_> =
        never_ran.iter().map(|emission| emission.context().args().positional()[0].to_string()).collect();
    assert_eq!(numbers, ["0", "1", "2", "3"]);
    assert!(log.lines().is_empty());
    assert_is_closed(&emitter, "e");

    // One is run elsewhere, the others are dropped.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(never_ran.pop().unwrap().run());
    drop(never_ran);
    assert_eq!(waiting.pop().unwrap().wait().unwrap().succeeded(), 1);
    assert_eq!(log.lines(), ["3"]);
    for handle in waiting {
        assert!(matches!(handle.wait(), Err(EmitError::Cancelled)));
    }

    held.release_all();
    backend.close().unwrap();
    assert_eq!(running.wait().unwrap().succeeded(), 1);
    assert_eq!(log.lines(), ["3"]);
}

// X7 X8
#[test]
fn what_handlers_emit_is_a_part_of_what_a_closing_finishes() {
    let close: [fn(&ThreadPoolBackend) -> usize; 2] = [
        |backend| backend.close_now().len(),
        |backend| {
            // From within a handler, this does not wait.
            assert_eq!(backend.close(), Err(WouldDeadlock));
            0
        },
    ];
    for close in close {
        let linker = EventLinker::new();
        let log = logged(&linker);
        let backend = pool(1);
        let closed = backend.clone();
        linker
            .subscribe("outer")
            .handler(move |context: Context| {
                context.emitter().emit_with("e", args![1]);
                assert_eq!(close(&closed), 0);
                context.emitter().emit_with("e", args![2]);
                let emitter = context.emitter();
                // What is emitted elsewhere is no part of it.
                let elsewhere = thread::spawn(move || assert_is_closed(&emitter, "e"));
                elsewhere.join().map_err(|_| EmitError::Cancelled)
            })
            .unwrap();
        let outer = emitter(&backend, &linker).emit("outer");
        assert_eq!(outer.wait().unwrap().succeeded(), 1);
        backend.close().unwrap();
        assert_eq!(log.lines(), ["1", "2"]);
    }
}

// X9
#[test]
fn refusing_returns_at_once_and_what_waits_still_runs() {
    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let log = logged(&linker);
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    emitter.emit("held");
    held.wait_until_started();
    let waiting: Vec<_> = (0..3).map(|number| emitter.emit_with("e", args![number])).collect();
    backend.refuse();
    assert_eq!(backend.task_count(), 4);
    assert_is_closed(&emitter, "e");
    held.release_all();
    for handle in waiting {
        assert_eq!(handle.wait().unwrap().succeeded(), 1);
    }
    assert_eq!(log.lines(), ["0", "1", "2"]);
}

// X10
#[test]
fn closing_again_in_every_way_and_at_once_does_no_harm() {
    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let backend = pool(2);
    let emitter = emitter(&backend, &linker);
    let running = [emitter.emit("held"), emitter.emit("held")];
    held.wait_until_started();
    thread::scope(|scope| {
        let closing: Vec<_> = (0..4).map(|_| scope.spawn(|| backend.clone().close())).collect();
        backend.refuse();
        assert!(backend.close_now().len() <= 1);
        held.release_all();
        for closing in closing {
            closing.join().unwrap().unwrap();
        }
    });
    assert_eq!(backend.task_count(), 0);
    for _ in 0..2 {
        backend.close().unwrap();
        backend.refuse();
        assert!(backend.close_now().is_empty());
        backend.wait().unwrap();
    }
    assert_is_closed(&emitter, "held");
    // The second one may have been given back, and was dropped.
    assert!(running.into_iter().any(|handle| handle.wait().is_ok()));
}

// X11
#[test]
fn an_emission_to_a_closed_pool_is_given_back_with_its_one_time_handler() {
    let linker = EventLinker::new();
    let log = Log::default();
    let ran = log.clone();
    linker.subscribe("e").once().handler(move || ran.push("ran")).unwrap();
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    backend.close().unwrap();
    let Err(EmitError::Submit(error)) = emitter.emit("e").wait() else { panic!("it was taken") };
    assert!(error.reason().is::<BackendClosed>());
    assert_eq!(backend.task_count(), 0);
    assert!(log.lines().is_empty());
    InlineBackend::new().submit(error.into_emission().unwrap()).unwrap();
    assert_eq!(log.lines(), ["ran"]);
}

// X2 D14
#[test]
fn each_backend_has_a_pool_of_its_own_which_closes_alone() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| ()).unwrap();
    let (first, second) = (pool(1), pool(1));
    first.close().unwrap();
    assert_is_closed(&emitter(&first, &linker), "e");
    assert_eq!(emitter(&second, &linker).emit("e").wait().unwrap().succeeded(), 1);
}

#[test]
fn waiting_covers_what_is_emitted_meanwhile() {
    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let log = logged(&linker);
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    emitter.emit("held");
    held.wait_until_started();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            backend.wait().unwrap();
            log.lines()
        });
        emitter.emit_with("e", args![1]);
        emitter.emit("held");
        held.release_one();
        held.wait_until_started();
        emitter.emit_with("e", args![2]);
        held.release_one();
        assert_eq!(waiting.join().unwrap(), ["1", "2"]);
    });
    // It is open still.
    assert_eq!(emitter.emit_with("e", args![3]).wait().unwrap().succeeded(), 1);
}

#[test]
fn a_handler_that_waits_for_its_own_pool_gets_an_error_and_the_pool_is_closed_all_the_same() {
    for event in ["sync", "async", "blocking", "callback", "task", "thread that may block"] {
        let linker = EventLinker::new();
        let backend = pool(1);
        let (tell, told) = mpsc::channel();
        let closed = backend.clone();
        let close = move || {
            assert_eq!(closed.wait(), Err(WouldDeadlock));
            tell.send(closed.close()).unwrap();
        };
        let subscribe = || linker.subscribe(event);
        let subscribed = match event {
            "sync" => subscribe().handler(close),
            "async" => subscribe().handler(move || {
                let close = close.clone();
                async move {
                    tokio::task::yield_now().await;
                    close();
                }
            }),
            "blocking" => subscribe().blocking().handler(close),
            "callback" => subscribe().on_success(close).handler(|| ()),
            "task" => subscribe().handler(move || {
                let close = close.clone();
                async move { tokio::spawn(async move { close() }).await }
            }),
            _ => subscribe().handler(move || tokio::task::spawn_blocking(close.clone())),
        };
        subscribed.unwrap();
        let emitter = emitter(&backend, &linker);
        let handle = emitter.emit(event);
        assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Err(WouldDeadlock), "{event}");
        assert_eq!(handle.wait().unwrap().succeeded(), 1, "{event}");
        assert_is_closed(&emitter, event);
    }
}
