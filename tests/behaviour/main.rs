//! What pyventus promises, one module per promise. Every test has events of its own: the registry
//! of declared handlers is that of the whole binary.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recorder;
mod declare;

use recorder::Recorder;
