//! Runs the handlers of pyventus events on tokio.
//!
//! Use it through the facade, `pyventus`, as `pyventus::TokioBackend`.

mod backend;
mod local;

pub use backend::TokioBackend;
