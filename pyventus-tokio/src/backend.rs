//! The backend itself: which of its two ways an emission goes.

use pyventus_core::{Backend, EventEmission, SubmitError};
use tokio::runtime::Handle;

use crate::local;

/// Runs handlers on tokio.
///
/// Where the emitting thread stands decides, at each emission:
///
/// - **In a runtime** (a task, `block_on`, or a thread of `spawn_blocking`): the emission becomes
///   a task of that runtime, and `emit` returns at once. Await the handle to know when the handlers
///   have ended; on a thread of `spawn_blocking`, which may block,
///   [`wait`](pyventus_core::EmissionHandle::wait) for it. Where the runtime ends first, the
///   emission is cancelled: no callback runs, and the handle resolves to an error.
/// - **Elsewhere**, in synchronous code: handlers run on the emitting thread, and `emit` returns
///   when they and everything they emit in turn have ended. They run on a runtime that belongs to
///   the thread and is kept for its next emission; a task that a handler spawns and does not await
///   makes progress only while an emission runs on that thread.
///
/// Synchronous handlers run where the emission runs.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker};
/// use pyventus_tokio::TokioBackend;
///
/// let linker = EventLinker::new();
/// linker.subscribe("hello").handler(|| async { println!("Hello, World!") })?;
///
/// let emitter = EventEmitter::builder(TokioBackend::new()).linker(&linker).build();
/// emitter.emit("hello"); // Synchronous code: returns when the handler has ended.
/// # Ok::<(), pyventus_core::SubscribeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TokioBackend {
    _private: (),
}

impl TokioBackend {
    /// Returns the backend. It holds no runtime: see the type for where handlers run.
    #[must_use]
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

impl Backend for TokioBackend {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(local::tracked(emission.run()));
                Ok(())
            }
            Err(error) if error.is_missing_context() => local::run(emission),
            // The thread is ending and has no place for a runtime any more.
            Err(error) => Err(SubmitError::refused(emission, error)),
        }
    }
}
