//! What was emitted, in order, and who waits for more.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::args::Args;
use crate::capabilities::BackendId;
use crate::context::EmissionId;
use crate::emission::{EventEmission, within};
use crate::emitted::EmittedEvent;
use crate::outcome::EmissionReport;

use super::record::{Emitted, Fate, Record, RecordedOutcome, text_of};

/// What was emitted by way of a backend, in order, and what has become of it.
///
/// A clone is the same recording. [`RecordingBackend`](super::RecordingBackend) and
/// [`Probe`](super::Probe) lead to theirs: all methods here can be called on them.
#[derive(Clone)]
pub struct Recording {
    shared: Arc<Mutex<State>>,
    /// What messages say of an emission that has not ended.
    waiting: &'static str,
}

#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    wakers: Vec<Waker>,
}

/// Those who wait for a change; dropping it wakes them.
#[must_use]
pub(super) struct Wakers(Vec<Waker>);

impl Drop for Wakers {
    fn drop(&mut self) {
        self.0.drain(..).for_each(Waker::wake);
    }
}

/// A record, and whether a test has expected it already.
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) expected: bool,
}

impl Recording {
    pub(super) fn new(waiting: &'static str) -> Self {
        Self { shared: Arc::default(), waiting }
    }

    /// Returns a record of every event that was emitted so far, in the order they were emitted.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.lock().entries.iter().map(|entry| entry.record.clone()).collect()
    }

    pub(super) fn record(&self, number: usize) -> Record {
        self.lock().entries[number].record.clone()
    }

    /// Records an emission, and how it will have ended; returns the number of its record.
    pub(super) fn take(&self, emission: &mut EventEmission, parent: Option<EmissionId>) -> (usize, Wakers) {
        let context = emission.context();
        let (event, args) = (context.event.clone(), context.args.clone());
        let (number, wakers) =
            self.add(event, args, Some(emission.id()), parent, Fate::Waiting(self.waiting));
        let taken = Taken { recording: self.clone(), number };
        emission.observe(Box::new(move |report| taken.end(report)));
        (number, wakers)
    }

    /// Records an event that no handler answers.
    pub(super) fn take_unanswered(
        &self,
        event: EmittedEvent,
        args: Option<Arc<Args>>,
        parent: Option<EmissionId>,
    ) {
        drop(self.add(event, args, None, parent, Fate::Unanswered));
    }

    /// The backend has not taken an emission.
    pub(super) fn refuse(&self, number: usize, reason: &anyhow::Error) {
        let reason = text_of(reason);
        self.conclude(number, |fate| !matches!(fate, Fate::Ended(_)), Fate::Refused(reason));
    }

    fn add(
        &self,
        event: EmittedEvent,
        args: Option<Arc<Args>>,
        id: Option<EmissionId>,
        parent: Option<EmissionId>,
        fate: Fate,
    ) -> (usize, Wakers) {
        self.change(|entries| {
            let parent = parent.map(|parent| {
                let outer = entries.iter().rfind(|entry| entry.record.id() == Some(parent));
                (parent, outer.map(|outer| outer.record.label()).unwrap_or_default())
            });
            let emitted = Arc::new(Emitted { event, args, id, parent });
            entries.push(Entry { record: Record { emitted, fate }, expected: false });
            entries.len() - 1
        })
    }

    /// Records what has become of an emission, unless something else has before.
    fn conclude(&self, number: usize, is_open: impl FnOnce(&Fate) -> bool, concluded: Fate) {
        let (_done, _wakers) = self.change(|entries| {
            let fate = &mut entries[number].record.fate;
            if is_open(fate) {
                *fate = concluded;
            }
        });
    }

    /// Changes what is recorded; those who wait for a change are woken by the caller.
    fn change<T>(&self, change: impl FnOnce(&mut Vec<Entry>) -> T) -> (T, Wakers) {
        let mut state = self.lock();
        let result = change(&mut state.entries);
        (result, Wakers(std::mem::take(&mut state.wakers)))
    }

    /// Looks for something; the task is woken when there is more to look at.
    pub(super) fn poll<T>(&self, cx: &Context<'_>, find: impl FnOnce(&mut [Entry]) -> Option<T>) -> Poll<T> {
        let mut state = self.lock();
        if let Some(found) = find(&mut state.entries) {
            return Poll::Ready(found);
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The emission of that backend which the calling code runs in.
pub(super) fn parent(backend: BackendId) -> Option<EmissionId> {
    within::emission(backend)
}

/// An emission that was recorded and has not ended; dropping it means that it never will.
struct Taken {
    recording: Recording,
    number: usize,
}

impl Taken {
    fn end(self, report: &EmissionReport) {
        let outcomes = report.outcomes().iter().map(RecordedOutcome::new).collect();
        self.recording.conclude(self.number, |_| true, Fate::Ended(outcomes));
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.recording.conclude(self.number, |fate| matches!(fate, Fate::Waiting(_)), Fate::Cancelled);
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("records", &self.lock().entries.len()).finish_non_exhaustive()
    }
}
