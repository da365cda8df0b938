//! A backend that records what goes by on its way to another one.

use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::args::Args;
use crate::backend::{Backend, SubmitError, Witness};
use crate::capabilities::{BackendId, Capabilities};
use crate::context::EmissionId;
use crate::emission::EventEmission;
use crate::emitted::EmittedEvent;

use super::deferred::Deferred;
use super::expect::NotSettled;
use super::recording::{Recording, parent};

/// Stands before another backend and records what is emitted, while that one runs it as always.
///
/// To the emitter it is the other backend: it has its name and its capabilities.
///
/// A clone is the same probe. Its [`Recording`] says what was emitted, asserts it, and waits for
/// more.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use pyventus_core::testing::Probe;
/// use pyventus_core::{EventEmitter, EventLinker, InlineBackend};
///
/// let linker = EventLinker::new();
/// linker.subscribe("order.placed").handler(|| ())?;
///
/// let probe = Probe::new(InlineBackend::new());
/// let emitter = EventEmitter::builder(probe.clone()).linker(&linker).build();
/// emitter.emit("order.placed");
///
/// // In asynchronous code: `.await?`.
/// probe.settled(Duration::from_secs(5)).wait()?;
/// probe.assert_emitted_text("order.placed");
/// probe.assert_no_failures();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Probe {
    recording: Recording,
    backend: Arc<dyn Backend>,
}

impl Probe {
    /// Returns a probe that stands before a backend and has recorded nothing so far.
    #[must_use]
    pub fn new(backend: impl Backend) -> Self {
        Self { recording: Recording::new("it has not ended"), backend: Arc::new(backend) }
    }

    /// Waits until every emission that was recorded has ended, what handlers have emitted meanwhile
    /// included. One that was cancelled, or refused by the backend, is not waited for.
    ///
    /// The time begins with the call. It is the time of the machine, also where a runtime has one
    /// of its own.
    ///
    /// # Errors
    ///
    /// One has not ended by the end of the time.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost where the future is dropped.
    pub fn settled(&self, timeout: Duration) -> Deferred<Result<(), NotSettled>> {
        self.recording.settled(timeout)
    }

    fn parent(&self) -> Option<EmissionId> {
        // A backend that runs emissions before `submit` returns may run them without saying so.
        parent(self.id()).or_else(|| Submitting::current(self.id()))
    }
}

impl Backend for Probe {
    fn submit(&self, mut emission: EventEmission) -> Result<(), SubmitError> {
        let (number, wakers) = self.recording.take(&mut emission, self.parent());
        drop(wakers);
        let _submitting = Submitting::enter(self.id(), emission.id());
        self.backend.submit(emission).inspect_err(|error| self.recording.refuse(number, error.reason()))
    }

    fn name(&self) -> &str {
        self.backend.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.backend.capabilities()
    }

    fn id(&self) -> BackendId {
        self.backend.id()
    }

    fn witness(&self) -> Option<&dyn Witness> {
        Some(self)
    }
}

impl Witness for Probe {
    fn unanswered(&self, event: EmittedEvent, args: Option<Arc<Args>>) {
        if let Some(witness) = self.backend.witness() {
            witness.unanswered(event.clone(), args.clone());
        }
        self.recording.take_unanswered(event, args, self.parent());
    }
}

impl Deref for Probe {
    type Target = Recording;

    fn deref(&self) -> &Recording {
        &self.recording
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe")
            .field("backend", &self.backend.name())
            .field("recording", &self.recording)
            .finish()
    }
}

thread_local! {
    static SUBMITTING: RefCell<Vec<(BackendId, EmissionId)>> = const { RefCell::new(Vec::new()) };
}

/// The time during which a thread hands an emission to a backend.
struct Submitting;

impl Submitting {
    fn enter(backend: BackendId, emission: EmissionId) -> Self {
        with(|submitting| submitting.push((backend, emission)));
        Self
    }

    /// The innermost emission that the thread hands to a backend.
    fn current(backend: BackendId) -> Option<EmissionId> {
        with(|submitting| {
            let innermost = submitting.iter().rfind(|(of, _)| *of == backend);
            innermost.map(|(_, emission)| *emission)
        })
        .flatten()
    }
}

impl Drop for Submitting {
    fn drop(&mut self) {
        with(Vec::pop);
    }
}

/// Nothing is known on a thread that is ending.
fn with<T>(code: impl FnOnce(&mut Vec<(BackendId, EmissionId)>) -> T) -> Option<T> {
    SUBMITTING.try_with(|submitting| code(&mut submitting.borrow_mut())).ok()
}
