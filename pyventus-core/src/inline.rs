//! The backend that runs emissions in place.

use crate::backend::{Backend, SubmitError};
use crate::capabilities::{Capabilities, Capability};
use crate::emission::EventEmission;
use crate::emission::in_place::Deeper;
use crate::offload::Here;

/// Runs handlers on the caller's thread, before `emit` returns.
///
/// Asynchronous handlers are driven in place: the thread waits for them. A handler that emits runs
/// the nested emission within its own, up to 64 deep. Beyond that, so that a cascade of any length
/// does not overflow the stack, what is emitted runs beside the handler, which may await it: then
/// `emit` returns first. A handler that needs a runtime of its own kind, such as a
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
        let emission = if Deeper::is_below() {
            match emission.nest(()) {
                Ok(()) => return Ok(()),
                // The emission of another backend stands between: on this stack, all the same.
                Err((emission, ())) => emission,
            }
        } else {
            emission
        };
        let deeper = Deeper::enter();
        if deeper.is_deepest() {
            emission.run_to_end(Here);
        } else {
            pollster::block_on(emission.run_plain());
        }
        Ok(())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE.with(Capability::Isolated).with(Capability::AwaitsNested)
    }

    fn runs_in_place(&self) -> bool {
        true
    }
}
