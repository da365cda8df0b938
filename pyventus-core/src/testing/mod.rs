//! Backends that record, for the tests of programs.
//!
//! | backend | runs what is emitted |
//! |---|---|
//! | [`RecordingBackend`] | when the test says so, one emission after the other, on the thread of the test |
//! | [`Probe`] | as the backend does that it stands before |
//!
//! Both are handles of a [`Recording`]: of every event that was emitted, in order, and of what has
//! become of it. What it says is printed where an assertion fails; it never prints a payload.
//!
//! An event that no handler answers is never submitted to a backend, but these two record it all
//! the same: a test of code that emits needs no handlers. A backend of one's own that stands before
//! one of them hides such events. What is refused before it is looked up, such as an empty text, is
//! not recorded; its handle says so.
//!
//! # Examples
//!
//! What a function emits, and what the handlers make of it:
//!
//! ```
//! use pyventus_core::testing::RecordingBackend;
//! use pyventus_core::{Context, Event, EventEmitter, EventLinker, key};
//!
//! struct OrderPlaced {
//!     id: u64,
//! }
//!
//! impl Event for OrderPlaced {
//!     const NAME: &'static str = "order.placed";
//! }
//!
//! fn place_order(emitter: &EventEmitter) {
//!     emitter.emit(OrderPlaced { id: 7 });
//! }
//!
//! let linker = EventLinker::new();
//! linker.subscribe(key::<OrderPlaced>()).handler(|context: Context| {
//!     context.emitter().emit("receipt.sent");
//! })?;
//! let backend = RecordingBackend::new();
//! let emitter = EventEmitter::builder(backend.clone()).linker(&linker).build();
//!
//! place_order(&emitter);
//! backend.assert_emitted::<OrderPlaced>(|order| order.id == 7);
//! backend.assert_not_emitted_text("receipt.sent"); // No handler has run so far.
//!
//! backend.run_all().wait();
//! backend.assert_emitted_text("receipt.sent");
//! backend.assert_no_failures();
//! # Ok::<(), pyventus_core::SubscribeError>(())
//! ```

mod deferred;
mod record;
mod recording;
mod assertions;
mod expect;
mod backend;
mod probe;

pub use backend::RecordingBackend;
pub use deferred::Deferred;
pub use expect::{NotEmitted, NotSettled};
pub use probe::Probe;
pub use record::{Record, RecordedOutcome};
pub use recording::Recording;
