//! What the backends of other crates on tokio share with this one; it may change in any release.

pub use crate::shutdown::{Gate, Place};
pub use crate::task::Blocking;
