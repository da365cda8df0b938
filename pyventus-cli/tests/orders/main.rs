//! The commands that ask a broker, as their users see them: real processes over one file.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod process;
mod shop;

#[path = "../../../pyventus-redis/tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of the broker use all of it")]
mod support;

mod dead;
mod server;
mod stats;
mod trouble;
mod worker;
