//! `RedisBroker` on a real server.

#[path = "../support/mod.rs"]
mod support;

mod laws;
mod runtimes;
mod waiting;
mod faults;
