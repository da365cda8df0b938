//! Many handlers of one emission wait at once, each for something else.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;

use futures::channel::oneshot;
use pyventus::{EventEmitter, EventLinker, HandlerPanic, TokioBackend};

use crate::emitter_of;

/// Each handler waits for the one that is subscribed after it, and the last for nobody.
fn chain(linker: &EventLinker, length: usize) -> Arc<Mutex<Vec<usize>>> {
    let ended = Arc::new(Mutex::new(Vec::new()));
    let mut before: Option<oneshot::Sender<()>> = None;
    for index in 0..length {
        let (done, after) = oneshot::channel();
        let (turn, ended) = (Mutex::new(Some((before.replace(done), after))), Arc::clone(&ended));
        let handler = move || {
            let turn = turn.lock().unwrap().take();
            let ended = Arc::clone(&ended);
            async move {
                let (before, after) = turn.expect("the event is emitted once");
                after.await.expect("the one behind has not ended");
                ended.lock().unwrap().push(index);
                if let Some(before) = before {
                    before.send(()).expect("the one before waits");
                }
            }
        };
        linker.subscribe("chain").handler(handler).unwrap();
    }
    before.expect("there are handlers").send(()).unwrap();
    ended
}

// H2 A3
#[test]
fn handlers_that_wait_for_one_another_all_end_however_many_they_are() {
    for length in [2, 7, 8, 9, 40, 300] {
        let linker = EventLinker::new();
        let ended = chain(&linker, length);
        let report = emitter_of(&linker).emit("chain").wait().unwrap();
        assert_eq!(report.succeeded(), length);
        assert!(ended.lock().unwrap().iter().copied().eq((0..length).rev()), "of {length}");
    }
}

#[tokio::test]
async fn handlers_that_wait_for_one_another_all_end_on_tokio() {
    for length in [9, 300] {
        let linker = EventLinker::new();
        let ended = chain(&linker, length);
        let emitter = EventEmitter::builder(TokioBackend::new()).linker(&linker).build();
        assert_eq!(emitter.emit("chain").await.unwrap().succeeded(), length);
        assert_eq!(ended.lock().unwrap().len(), length);
    }
}

// Each is woken by another thread, a hundred times, in no order.
#[test]
fn no_wake_of_a_handler_is_lost() {
    const HANDLERS: usize = 64;
    const TIMES: usize = 100;
    let linker = EventLinker::new();
    let (work, tasks) = std::sync::mpsc::channel::<oneshot::Sender<()>>();
    for _ in 0..HANDLERS {
        let work = work.clone();
        let handler = move || {
            let work = work.clone();
            async move {
                for _ in 0..TIMES {
                    let (done, is_done) = oneshot::channel();
                    work.send(done).unwrap();
                    is_done.await.unwrap();
                }
            }
        };
        linker.subscribe("woken").handler(handler).unwrap();
    }
    drop(work);
    let tasks = Mutex::new(tasks);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Ok(done) = { tasks.lock().unwrap().recv() } {
                    done.send(()).unwrap();
                }
            });
        }
        let report = emitter_of(&linker).emit("woken").wait().unwrap();
        assert_eq!(report.succeeded(), HANDLERS);
        drop(linker);
    });
}

/// A future that is ready when it has been polled so often, and panics when it is dropped.
struct Bursting {
    polls: usize,
    dropped: Arc<AtomicUsize>,
    end: fn() -> Result<(), std::io::Error>,
}

impl Future for Bursting {
    type Output = Result<(), std::io::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.polls.checked_sub(1) {
            Some(left) => {
                self.polls = left;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready((self.end)()),
        }
    }
}

impl Drop for Bursting {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        assert!(thread::panicking(), "in a drop");
    }
}

// H22 M21
#[test]
fn futures_that_panic_when_they_are_dropped_harm_no_other_handler() {
    let ends: [fn() -> Result<(), std::io::Error>; 3] =
        [|| Ok(()), || Err(std::io::Error::other("failed")), || panic!("in a poll")];
    let linker = EventLinker::new();
    let dropped = Arc::new(AtomicUsize::new(0));
    for polls in [0, 1, 20] {
        for end in ends {
            let dropped = Arc::clone(&dropped);
            let handler = move || Bursting { polls, dropped: Arc::clone(&dropped), end };
            linker.subscribe("burst").handler(handler).unwrap();
        }
    }
    linker.subscribe("burst").handler(async || ()).unwrap();
    for emitter in [emitter_of(&linker), EventEmitter::builder(TokioBackend::new()).linker(&linker).build()] {
        dropped.store(0, Ordering::Relaxed);
        let report = emitter.emit("burst").wait().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 9, "each future is dropped once");
        let outcomes = report.outcomes();
        assert_eq!(outcomes.len(), 10);
        assert!(outcomes.last().unwrap().is_success());
        let errors = outcomes.iter().filter_map(pyventus::Outcome::error);
        assert!(errors.filter(|error| error.is::<HandlerPanic>()).count() >= 3);
        assert!(report.failed() >= 6);
    }
}
