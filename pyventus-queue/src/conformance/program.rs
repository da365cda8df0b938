//! What the laws of workers stand on: a program over a broker, with handlers of its own.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyventus_core::{Context, EmissionHandle, Event, EventEmitter, EventLinker, Retry};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::{Broker, Counts, DeadLetter, Page, QueueBackend, Summary, Worker, WorkerHandle};

use super::ground::{At, Deadline};

/// An event that is known by a number.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Numbered {
    pub(super) number: u64,
}

impl Event for Numbered {
    const NAME: &'static str = "law.numbered";
}

/// The number of the event that a handler answers.
pub(super) fn number_of(context: &Context) -> u64 {
    let object = context.object::<Numbered>().map(|event| event.number);
    let number = object.or_else(|| context.args().named("number")?.as_u64());
    number.expect("every event of a law has a number")
}

/// A program that emits, handles, or both.
pub(super) struct Program<B> {
    pub(super) at: At<B>,
    pub(super) linker: EventLinker,
}

impl<B: Broker> Program<B> {
    pub(super) fn new(at: At<B>) -> Self {
        Self { at, linker: EventLinker::new() }
    }

    pub(super) fn backend(&self) -> QueueBackend<B> {
        let backend = QueueBackend::new(self.at.broker.clone()).queue(&*self.at.queue);
        backend.expect("it is a name").event::<Numbered>()
    }

    pub(super) fn emitter(&self) -> EventEmitter {
        EventEmitter::builder(self.backend()).linker(&self.linker).build()
    }

    /// A worker that tries again soon, and looks often whether it is to end.
    pub(super) fn worker(&self) -> Worker<B> {
        Worker::new(self.at.broker.clone())
            .queue(&*self.at.queue)
            .group(&*self.at.group)
            .event::<Numbered>()
            .emitter(self.emitter())
            .poll(Duration::from_millis(50))
            .retry(Retry::new(3).first(Duration::from_millis(20)).factor(1))
    }

    /// Emits events with these numbers, which have to be accepted.
    pub(super) async fn emit(&self, numbers: impl IntoIterator<Item = u64>) {
        let emitter = self.emitter();
        accepted(numbers.into_iter().map(|number| emitter.emit(Numbered { number })).collect()).await;
    }

    pub(super) async fn letters(&self) -> Vec<DeadLetter> {
        let At { broker, queue, group } = &self.at;
        broker.letters(queue, group, Page::first(10_000)).await.expect("the broker is there")
    }

    /// Waits until the counts are so.
    #[track_caller]
    pub(super) fn until(&self, wanted: impl Fn(Counts) -> bool) -> impl Future<Output = Counts> {
        let place = std::panic::Location::caller();
        async move {
            let deadline = Deadline::new();
            loop {
                let counts = self.at.counts().await;
                assert!(counts.is_conserved(), "an event got lost: {counts}");
                if wanted(counts) {
                    return counts;
                }
                deadline.check(|| format!("the counts at {place} stay at {counts}"));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Waits until nothing is left to do for so many events.
    #[track_caller]
    pub(super) fn until_done(&self, events: u64) -> impl Future<Output = Counts> {
        self.until(move |counts| counts.accepted == events && counts.pending == 0)
    }
}

/// Waits until all events are accepted.
pub(super) async fn accepted(handles: Vec<EmissionHandle>) {
    for handle in handles {
        handle.await.expect("the broker is there");
    }
}

/// A worker that runs.
pub(super) struct Work {
    pub(super) handle: WorkerHandle,
    task: JoinHandle<Summary>,
}

impl Work {
    pub(super) fn start<B: Broker>(worker: Worker<B>) -> Self {
        let handle = worker.handle();
        let task = tokio::spawn(async {
            worker.run_until(std::future::pending::<()>()).await.expect("the names are such")
        });
        Self { handle, task }
    }

    /// Lets the worker end.
    pub(super) async fn end(self) -> Summary {
        self.handle.stop();
        self.finished().await
    }

    /// Waits until the worker has ended.
    pub(super) async fn finished(self) -> Summary {
        self.task.await.expect("a worker does not panic")
    }

    /// Ends it as the end of its process would: nothing is settled or handed back.
    pub(super) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.is_err(), "it had ended before");
    }
}

/// What handlers have done.
pub(super) struct Seen<K>(Arc<Mutex<HashMap<K, Vec<u32>>>>);

impl<K: Hash + Eq> Seen<K> {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// Writes down which attempt it was.
    pub(super) fn add(&self, key: K, attempt: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().push(attempt);
    }

    pub(super) fn take(&self) -> HashMap<K, Vec<u32>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K> Clone for Seen<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What handlers wait at, until it is opened for good.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    reached: Mutex<usize>,
    is_open: Mutex<bool>,
    changed: Notify,
}

impl Gate {
    /// Comes to the gate and waits.
    pub(super) async fn pass(&self) {
        *self.0.reached.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.changed.notify_waiters();
        self.wait(|inner| *inner.is_open.lock().unwrap_or_else(PoisonError::into_inner)).await;
    }

    /// Waits until so many have come to the gate.
    pub(super) async fn reached_by(&self, wanted: usize) {
        let reached =
            self.wait(|inner| *inner.reached.lock().unwrap_or_else(PoisonError::into_inner) >= wanted);
        let reached = tokio::time::timeout(super::PATIENCE, reached).await;
        assert!(reached.is_ok(), "the worker is stuck: a handler does not start");
    }

    pub(super) fn open(&self) {
        *self.0.is_open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_waiters();
    }

    async fn wait(&self, condition: impl Fn(&Inner) -> bool) {
        loop {
            // Listening before looking, so that nothing is missed in between.
            let changed = self.0.changed.notified();
            if condition(&self.0) {
                return;
            }
            changed.await;
        }
    }
}
