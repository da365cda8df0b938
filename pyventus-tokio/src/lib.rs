//! Runs the handlers of pyventus events on tokio.
//!
//! Use it through the facade, `pyventus`, as `pyventus::TokioBackend` and
//! `pyventus::ThreadPoolBackend`.

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
