//! Backends as programs use them: what becomes of many emissions, also where a backend was closed, and
//! backends of one's own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../examples/stress/backends.rs"]
mod local;
#[path = "../../examples/custom_backend/request_background.rs"]
mod request_background;

mod conservation;
mod closed;
mod of_ones_own;
