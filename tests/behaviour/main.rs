//! What pyventus promises, one module per promise. Every test has events or a linker of its own:
//! the declared handlers of all tests are linked in one binary.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    reason = "the parameters of handlers have the types that the promises are about"
)]

mod recorder;
mod declare;
mod mission;
mod keys;
mod parameters;
mod outcomes;
mod once;
mod order;
mod linkers;
mod queries;
mod emitting;
mod backends;
mod contexts;
mod blocking;
mod logging;
mod register;
mod unmatched;
mod payloads;
mod subscribing;
mod emissions;
mod contained;
mod waiting;
mod remote;
mod elsewhere;
mod queue;
mod layout;
mod testing;
mod testing_assertions;
mod testing_expect;

use pyventus::{EventEmitter, EventLinker, InlineBackend};

use recorder::Recorder;

/// An emitter for the declared handlers.
fn emitter() -> EventEmitter {
    EventEmitter::new(InlineBackend::new())
}

/// An emitter for the handlers of one test.
fn emitter_of(linker: &EventLinker) -> EventEmitter {
    EventEmitter::builder(InlineBackend::new()).linker(linker).build()
}
