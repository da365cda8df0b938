//! The events that were emitted, and that the broker has not accepted yet.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyventus_core::EventEmission;
use tokio::sync::{Notify, watch};

use crate::error::PublishError;
use crate::message::Message;
use crate::name::QueueName;

/// The most events that are published at a time.
const BATCH_EVENTS: usize = 1024;

/// About how many bytes are published at a time, at most; one event may have more.
const BATCH_BYTES: usize = 4 << 20;

/// A backend does not take an event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// The broker does not accept events as fast as they are emitted.
    #[error(
        "the broker has yet to accept {capacity} events, and no more wait for it; await the handles of emissions"
    )]
    #[non_exhaustive]
    Full {
        /// How many events wait at most.
        capacity: usize,
    },
    /// The backend was closed.
    #[error("the backend was closed")]
    Closed,
    /// The system gives no thread to publish on.
    #[error("the system gives no thread to publish on")]
    NoThread(#[from] io::Error),
}

/// One event on its way to the broker.
pub(super) struct Item {
    pub(super) queue: QueueName,
    pub(super) message: Message,
    pub(super) emission: EventEmission,
    /// The thread that waits for it, where one does.
    pub(super) reply: Option<SyncSender<Replied>>,
}

/// The emission, given back with what the broker has said.
pub(super) type Replied = (EventEmission, Result<(), PublishError>);

impl Item {
    fn end(self, result: Result<(), PublishError>) {
        let Self { emission, reply, .. } = self;
        match (reply, result) {
            (Some(reply), result) => drop(reply.send((emission, result))),
            (None, Ok(())) => emission.accepted(),
            (None, Err(error)) => emission.refused(error),
        }
    }
}

pub(super) struct Outbox {
    state: Mutex<State>,
    /// Wakes the publisher.
    filled: Notify,
    /// Wakes the threads that wait for events to end.
    ended: Condvar,
    /// How many events have ended, for the tasks that wait for them.
    count: watch::Sender<u64>,
}

struct State {
    waiting: VecDeque<Item>,
    capacity: usize,
    /// How many events were ever taken.
    taken: u64,
    /// Of how many of them the broker has said what becomes of them; it does so in order.
    answered: u64,
    /// How many of them have ended: who waits for them was told.
    ended: u64,
    /// How many threads wait for events to end: to wake nobody costs as much.
    blocked: usize,
    is_closed: bool,
    /// No backend is left that could emit.
    is_abandoned: bool,
}

impl State {
    /// How many events wait for the broker.
    fn left(&self) -> u64 {
        self.taken - self.answered
    }
}

impl Outbox {
    pub(super) fn new(capacity: usize) -> Self {
        let (waiting, is_closed, is_abandoned) = (VecDeque::new(), false, false);
        let (taken, answered, ended, blocked) = (0, 0, 0, 0);
        let state = State { waiting, capacity, taken, answered, ended, blocked, is_closed, is_abandoned };
        let (count, _) = watch::channel(0);
        Self { state: Mutex::new(state), filled: Notify::new(), ended: Condvar::new(), count }
    }

    pub(super) fn set_capacity(&self, capacity: usize) {
        self.change(|state| state.capacity = capacity);
    }

    /// Takes an event in; a thread that may block waits until there is space for it.
    pub(super) fn put(&self, item: Item, may_block: bool) -> Result<(), (Box<Item>, OutboxError)> {
        let mut state = self.lock();
        while !state.is_closed && state.left() >= state.capacity as u64 {
            if !may_block {
                let capacity = state.capacity;
                drop(state);
                return Err((Box::new(item), OutboxError::Full { capacity }));
            }
            state.blocked += 1;
            state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.blocked -= 1;
        }
        if state.is_closed {
            drop(state);
            return Err((Box::new(item), OutboxError::Closed));
        }
        state.taken += 1;
        state.waiting.push_back(item);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for events, and takes some of one queue out; none where no further ones will come.
    pub(super) async fn take(&self) -> Option<Vec<Item>> {
        loop {
            {
                let mut state = self.lock();
                let batch = next_batch(&mut state.waiting);
                if !batch.is_empty() {
                    return Some(batch);
                }
                if state.is_abandoned {
                    return None;
                }
            }
            self.filled.notified().await;
        }
    }

    /// Takes some events of one queue out, if there are any.
    pub(super) fn take_at_once(&self) -> Option<Vec<Item>> {
        let batch = next_batch(&mut self.lock().waiting);
        (!batch.is_empty()).then_some(batch)
    }

    /// The broker has accepted events that were taken out, or not.
    pub(super) fn end(&self, events: Vec<Item>, result: &Result<(), PublishError>) {
        let count = events.len() as u64;
        // Who is told that an event was accepted finds space for the next one.
        self.change(|state| state.answered += count);
        end_all(events, result);
        let ended = self.change(|state| {
            state.ended += count;
            state.ended
        });
        self.count.send_replace(ended);
    }

    /// Returns how many events wait for the broker.
    pub(super) fn left(&self) -> u64 {
        self.lock().left()
    }

    /// Waits until everything has ended that was taken so far.
    pub(super) async fn flush(&self) {
        let taken = self.lock().taken;
        let mut count = self.count.subscribe();
        // The sender is a part of `self`.
        let _closed = count.wait_for(|ended| *ended >= taken).await;
    }

    /// Blocks the thread as long; returns how many events are left after that time.
    pub(super) fn flush_blocking(&self, patience: Duration) -> u64 {
        let mut state = self.lock();
        let taken = state.taken;
        state.blocked += 1;
        let waited = self.ended.wait_timeout_while(state, patience, |state| state.ended < taken);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.blocked -= 1;
        taken.saturating_sub(state.ended)
    }

    /// Takes no further events.
    pub(super) fn close(&self) {
        self.change(|state| state.is_closed = true);
    }

    /// Nobody will emit any more: lets the publisher end when it is through.
    pub(super) fn abandon(&self) {
        self.lock().is_abandoned = true;
        self.filled.notify_one();
    }

    /// Changes something that threads wait for, and wakes them if there are any.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let changed = change(&mut state);
        let has_waiting = state.blocked > 0;
        drop(state);
        if has_waiting {
            self.ended.notify_all();
        }
        changed
    }

    /// Nothing of a user runs under the lock: items are ended and dropped without it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next events of one queue, in order.
fn next_batch(waiting: &mut VecDeque<Item>) -> Vec<Item> {
    let mut bytes = 0;
    let mut count = 0;
    while count < BATCH_EVENTS
        && let Some(item) = waiting.get(count)
        && item.queue == waiting[0].queue
    {
        bytes += item.message.body().len();
        if count > 0 && bytes > BATCH_BYTES {
            break;
        }
        count += 1;
    }
    waiting.drain(..count).collect()
}

/// Ends events, of which each may wake or drop something of a user.
fn end_all(items: Vec<Item>, result: &Result<(), PublishError>) {
    for item in items {
        let id = item.message.id();
        if catch_unwind(AssertUnwindSafe(|| item.end(result.clone()))).is_err() {
            tracing::error!(target: "pyventus", source = "QueueBackend", emission = %id, "who waits for the emission has panicked");
        }
    }
}
