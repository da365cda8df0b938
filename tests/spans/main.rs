//! Which spans there are, what they are a part of, and what they say: on every backend, in workers, and across processes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod collect;
mod elsewhere;
mod local;
#[cfg(unix)]
mod remote;
