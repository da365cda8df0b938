//! What several test binaries have in common.

pub(crate) mod printed;
