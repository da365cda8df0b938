//! The backend that runs what the test tells it to run.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::args::Args;
use crate::backend::{Backend, SubmitError, Witness};
use crate::capabilities::{BackendId, Capabilities, Capability};
use crate::emission::EventEmission;
use crate::emitted::EmittedEvent;
use crate::offload::Here;

use super::deferred::Deferred;
use super::record::Record;
use super::recording::{Recording, parent};

/// Keeps what is emitted until the test runs it, one emission after the other.
///
/// `emit` returns at once. [`step`](Self::step) runs the oldest emission to its end, and
/// [`run_all`](Self::run_all) what there is; both run it in place, on the thread that awaits or
/// waits, handlers declared `blocking` included. What a handler emits is an emission like any other,
/// which goes to the end of the queue: the order is always the same.
///
/// A handler that awaits what it emits would wait for ever: it gets
/// [`EmitError::WouldDeadlock`](crate::EmitError::WouldDeadlock), unless the backend is made with
/// [`nesting`](Self::nesting). A test that awaits the handle of what it has emitted has to run it
/// first. Code that awaits its own emissions is better tested with a [`Probe`](super::Probe).
///
/// A clone is the same backend. Its [`Recording`] says what was emitted and asserts it.
///
/// # Examples
///
/// ```
/// use pyventus_core::testing::RecordingBackend;
/// use pyventus_core::{Context, EventEmitter, EventLinker};
///
/// let linker = EventLinker::new();
/// linker.subscribe("order.placed").handler(|context: Context| {
///     context.emitter().emit("order.shipped");
/// })?;
/// linker.subscribe("order.shipped").handler(|| ())?;
///
/// let backend = RecordingBackend::new();
/// let emitter = EventEmitter::builder(backend.clone()).linker(&linker).build();
/// emitter.emit("order.placed");
/// assert_eq!(backend.pending(), 1);
///
/// let placed = backend.step().wait().expect("an emission waits");
/// assert_eq!((placed.event_name(), placed.outcomes().len()), ("order.placed", 1));
///
/// // In a test under `#[tokio::test]`: `.await`.
/// assert_eq!(backend.run_all().wait(), 1);
/// backend.assert_all_ran();
/// # Ok::<(), pyventus_core::SubscribeError>(())
/// ```
#[derive(Clone)]
pub struct RecordingBackend {
    recording: Recording,
    queue: Arc<Mutex<Queue>>,
    nesting: bool,
}

/// The emissions that wait, each with the number of its record.
type Queue = VecDeque<(usize, EventEmission)>;

impl Default for RecordingBackend {
    fn default() -> Self {
        Self::new()
    }
}

impl RecordingBackend {
    /// Returns a backend that has recorded nothing so far.
    #[must_use]
    pub fn new() -> Self {
        Self { recording: Recording::new("it waits to be run"), queue: Arc::default(), nesting: false }
    }

    /// Runs what a handler emits as a part of the emission that it is emitted in, beside the
    /// handler, which may await it.
    ///
    /// A step then takes all of it. Without this, each takes a step of its own.
    #[must_use]
    pub fn nesting(mut self) -> Self {
        self.nesting = true;
        self
    }

    /// Returns how many emissions wait to be run.
    ///
    /// They are kept, and their emitters with them, until they are run or
    /// [cancelled](Self::cancel_all).
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue().len()
    }

    /// Runs the oldest emission that waits to its end, and returns its record; `None` where none
    /// waits.
    ///
    /// The errors and panics of its handlers are on the record.
    ///
    /// # Cancel safety
    ///
    /// Where the future is dropped, so is the emission that it runs: it is cancelled.
    pub fn step(&self) -> Deferred<Option<Record>> {
        let backend = self.clone();
        Deferred::new(async move { backend.run_oldest().await })
    }

    /// Runs every emission that waits, and what is emitted by that, in the order they were emitted;
    /// returns how many.
    ///
    /// It does not end where each emission is followed by another one.
    ///
    /// # Cancel safety
    ///
    /// As [`step`](Self::step); what has not begun waits still.
    pub fn run_all(&self) -> Deferred<usize> {
        let backend = self.clone();
        Deferred::new(async move {
            let mut count = 0;
            while backend.run_oldest().await.is_some() {
                count += 1;
            }
            count
        })
    }

    /// Drops every emission that waits, which cancels it; returns how many.
    ///
    /// No handler runs, and their handles resolve to
    /// [`EmitError::Cancelled`](crate::EmitError::Cancelled).
    #[expect(clippy::must_use_candidate, reason = "a test may not care how many there are")]
    pub fn cancel_all(&self) -> usize {
        let waiting = std::mem::take(&mut *self.queue());
        waiting.len()
    }

    async fn run_oldest(&self) -> Option<Record> {
        let (number, emission) = self.queue().pop_front()?;
        if self.nesting {
            emission.run_nesting(Here).await;
        } else {
            emission.run().await;
        }
        Some(self.recording.record(number))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for RecordingBackend {
    fn submit(&self, mut emission: EventEmission) -> Result<(), SubmitError> {
        let parent = parent(self.id());
        if self.nesting && parent.is_some() {
            let (number, _wakers) = self.recording.take(&mut emission, parent);
            if let Err((emission, ())) = emission.nest(()) {
                self.queue().push_back((number, emission));
            }
            return Ok(());
        }
        // Whoever sees the record finds the emission in the queue; nobody is woken under the lock.
        let mut queue = self.queue();
        let (number, wakers) = self.recording.take(&mut emission, parent);
        queue.push_back((number, emission));
        drop(queue);
        drop(wakers);
        Ok(())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE.with_if(Capability::AwaitsNested, self.nesting)
    }

    fn id(&self) -> BackendId {
        BackendId::of(&*self.queue)
    }

    fn witness(&self) -> Option<&dyn Witness> {
        Some(self)
    }
}

impl Witness for RecordingBackend {
    fn unanswered(&self, event: EmittedEvent, args: Option<Arc<Args>>) {
        self.recording.take_unanswered(event, args, parent(self.id()));
    }
}

impl Deref for RecordingBackend {
    type Target = Recording;

    fn deref(&self) -> &Recording {
        &self.recording
    }
}

impl fmt::Debug for RecordingBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingBackend")
            .field("recording", &self.recording)
            .field("pending", &self.pending())
            .field("nesting", &self.nesting)
            .finish_non_exhaustive()
    }
}
