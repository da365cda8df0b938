//! Runs the handlers of pyventus events on tokio.
//!
//! Use it through the facade, `pyventus`, as `pyventus::TokioBackend`.

mod backend;
mod options;
mod task;
mod ordered;
mod local;
mod shutdown;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use backend::TokioBackend;
pub use options::ZeroConcurrency;
pub use shutdown::{BackendClosed, Closed, WouldDeadlock};
