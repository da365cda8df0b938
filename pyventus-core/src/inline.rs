//! The backend that runs emissions in place.

use std::cell::Cell;

use crate::backend::{Backend, SubmitError};
use crate::capabilities::{Capabilities, Capability};
use crate::emission::EventEmission;
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

/// How deep emissions run within one another on a stack.
const DEEPEST: usize = 64;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The time during which a thread runs one more emission within those it runs already.
struct Deeper(usize);

impl Deeper {
    fn enter() -> Self {
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        Self(depth)
    }
}

impl Drop for Deeper {
    fn drop(&mut self) {
        DEPTH.set(self.0);
    }
}

impl Backend for InlineBackend {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        let emission = if DEPTH.get() <= DEEPEST {
            emission
        } else {
            match emission.nest(()) {
                Ok(()) => return Ok(()),
                // The emission of another backend stands between: on this stack, all the same.
                Err((emission, ())) => emission,
            }
        };
        let deeper = Deeper::enter();
        if deeper.0 < DEEPEST {
            pollster::block_on(emission.run_plain());
        } else {
            pollster::block_on(emission.run_nesting(Here));
        }
        Ok(())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE.with(Capability::Isolated).with(Capability::AwaitsNested)
    }
}
