//! The backend that runs emissions in place.

use crate::backend::{Backend, SubmitError};
use crate::emission::EventEmission;

/// Runs handlers on the caller's thread, before `emit` returns.
///
/// Asynchronous handlers are driven in place: the thread waits for them. A handler that emits runs
/// the nested emission within its own. A handler that needs a runtime of its own kind, such as a
/// timer of tokio, fails here; use the backend of that runtime.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker, InlineBackend};
///
/// let linker = EventLinker::new();
/// linker.subscribe("hello").handler(|| async { println!("Hello, World!") })?;
///
/// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
/// assert_eq!(emitter.emit("hello").wait()?.succeeded(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct InlineBackend;

impl InlineBackend {
    /// Returns the backend.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Backend for InlineBackend {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        pollster::block_on(emission.run());
        Ok(())
    }
}
