//! Runs the handlers of pyventus events on tokio.
//!
//! Use it through the facade, `pyventus`, as `pyventus::TokioBackend` and
//! `pyventus::ThreadPoolBackend`.
//!
//! ```
//! use pyventus_core::{EventEmitter, EventLinker};
//! use pyventus_tokio::TokioBackend;
//!
//! let linker = EventLinker::new();
//! linker.subscribe("order.placed").handler(async || tokio::task::yield_now().await)?;
//!
//! // In sync code, `emit` returns when the handlers have ended.
//! let emitter = EventEmitter::builder(TokioBackend::new()).linker(&linker).build();
//! emitter.emit("order.placed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | backend | runs handlers |
//! |---|---|
//! | [`TokioBackend`] | as tasks of the current runtime; in sync code, on a runtime of the thread |
//! | [`ThreadPoolBackend`] | on threads of its own, so that a request never waits for them |
//!
//! Both can be closed, and then wait for what they were given: [`TokioBackend::close`],
//! [`ThreadPoolBackend::close`].

mod backend;
mod options;
mod task;
mod ordered;
mod runners;
mod local;
mod shutdown;
mod thread_pool;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use backend::TokioBackend;
pub use options::ZeroConcurrency;
pub use shutdown::{BackendClosed, Closed, WouldDeadlock};
pub use thread_pool::{ThreadPoolBackend, ThreadPoolError};
