//! Events that a test waits for.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{self, Wake, Waker};
use std::thread;
use std::time::Duration;

use futures::FutureExt as _;
use pyventus::testing::RecordingBackend;
use pyventus::{Context, Event, EventLinker, InlineBackend, TokioBackend, args};

use crate::testing::{LONG, OrderPlaced, SHORT, probing, recording};

#[tokio::test]
async fn an_event_is_awaited_until_a_handler_emits_it() {
    #[derive(Debug, Event)]
    struct OrderShipped(u64);

    let linker = EventLinker::new();
    let ship = |context: Context| async move {
        tokio::task::yield_now().await;
        let id = context.object::<OrderPlaced>().map_or(0, |order| order.id);
        context.emitter().emit(OrderShipped(id));
    };
    linker.subscribe(pyventus::key::<OrderPlaced>()).handler(ship).unwrap();
    let (probe, emitter) = probing(TokioBackend::new(), &linker);
    let shipped = tokio::spawn(probe.expect::<OrderShipped>(LONG));
    emitter.emit(OrderPlaced { id: 7 });
    assert_eq!(shipped.await.unwrap().unwrap().0, 7);
    assert_eq!(probe.expect::<OrderPlaced>(LONG).await.unwrap().id, 7, "what was emitted before");
}

#[test]
fn each_event_is_returned_once_and_in_order_by_whomever_it_is_expected() {
    let linker = EventLinker::new();
    let (backend, emitter) = recording(&linker);
    for id in 0..3 {
        emitter.emit(OrderPlaced { id });
        emitter.emit_with("greet", args![id]);
        emitter.emit_error(io::Error::other(id.to_string()));
    }
    // One that is dropped takes nothing.
    drop(backend.expect::<OrderPlaced>(LONG));
    for id in 0..3 {
        assert_eq!(backend.expect::<OrderPlaced>(LONG).wait().unwrap().id, id);
        assert_eq!(backend.expect_text("greet", LONG).wait().unwrap().args().positional(), [id]);
        let error = backend.expect_error::<io::Error>(LONG).wait().unwrap();
        assert_eq!(error.to_string(), id.to_string());
    }
    let late = backend.expect::<OrderPlaced>(SHORT).wait().unwrap_err().to_string();
    assert!(
        late.starts_with("OrderPlaced (order.placed) was not emitted once more within 20ms; what"),
        "{late}"
    );
    assert_eq!(backend.records().len(), 9, "an event that was expected stays on record");
}

#[test]
fn a_thread_waits_for_what_another_one_emits() {
    let linker = EventLinker::new();
    let (probe, emitter) = probing(InlineBackend::new(), &linker);
    let (tx, rx) = mpsc::channel();
    let waiting = (0..4).map(|_| {
        let (probe, tx) = (probe.clone(), tx.clone());
        thread::spawn(move || tx.send(probe.expect::<OrderPlaced>(LONG).wait().unwrap().id).unwrap())
    });
    let waiting: Vec<_> = waiting.collect();
    for id in 0..4 {
        emitter.emit("another");
        emitter.emit(OrderPlaced { id });
    }
    for thread in waiting {
        thread.join().unwrap();
    }
    let mut ids: Vec<_> = rx.try_iter().collect();
    ids.sort_unstable();
    assert_eq!(ids, [0, 1, 2, 3]);
}

#[test]
fn what_was_expected_can_be_run_at_once() {
    /// What waits to be run at the moment in which the test hears of an event.
    struct Pending(RecordingBackend, AtomicUsize);
    impl Wake for Pending {
        fn wake(self: Arc<Self>) {
            self.1.store(self.0.pending(), Ordering::Relaxed);
        }
    }
    let linker = EventLinker::new();
    linker.subscribe(pyventus::key::<OrderPlaced>()).handler(|| ()).unwrap();
    let (backend, emitter) = recording(&linker);
    let heard = Arc::new(Pending(backend.clone(), AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&heard));
    let mut expected = backend.expect::<OrderPlaced>(LONG);
    assert!(expected.poll_unpin(&mut task::Context::from_waker(&waker)).is_pending());
    emitter.emit(OrderPlaced { id: 7 });
    assert_eq!(heard.1.load(Ordering::Relaxed), 1);
    assert!(expected.poll_unpin(&mut task::Context::from_waker(&waker)).is_ready());
}

#[test]
fn one_that_waits_in_vain_is_told_what_was_emitted_instead() {
    let linker = EventLinker::new();
    let (backend, emitter) = recording(&linker);
    let late = backend.expect_text("greet", Duration::ZERO).wait().unwrap_err();
    assert_eq!(
        late.to_string(),
        "\"greet\" was not emitted within 0ns; nothing was emitted by way of this backend"
    );
    assert!(late.seen().is_empty());

    emitter.emit("greed");
    let late = backend.expect_text("greet", SHORT).wait().unwrap_err();
    let text = "\"greet\" was not emitted within 20ms; what was emitted, in order:\n  1. \"greed\": no handler \
                answers it";
    assert_eq!((late.to_string(), format!("{late:?}")), (text.to_owned(), text.to_owned()));
    assert_eq!(late.seen().len(), 1);
    let late = backend.expect_error::<io::Error>(SHORT).wait().unwrap_err();
    assert!(late.to_string().starts_with("error(std::io::error::Error) was not emitted within"), "{late}");
}

#[test]
fn an_event_that_comes_after_the_test_gave_up_is_left_to_the_next_who_expects_it() {
    let linker = EventLinker::new();
    let (backend, emitter) = recording(&linker);
    let mut given_up = backend.expect::<OrderPlaced>(LONG);
    assert!((&mut given_up).now_or_never().is_none());
    emitter.emit(OrderPlaced { id: 7 });
    drop(given_up);
    assert_eq!(backend.expect::<OrderPlaced>(LONG).wait().unwrap().id, 7);
}
