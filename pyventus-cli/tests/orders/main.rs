//! The commands that ask a broker, as their users see them: real processes over one file.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod process;
mod shop;

mod dead;
mod stats;
mod trouble;
mod worker;
