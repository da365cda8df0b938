//! One event and one handler: a text names the event, an attribute links the handler.
//!
//! Run it: `cargo run --example hello_world`
//!
//! It prints:
//!
//! ```text
//! Hello, World!
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use pyventus::{EventEmitter, TokioBackend, on};

#[on("MyEvent")]
fn event_callback() {
    println!("Hello, World!");
}

fn main() {
    let emitter = EventEmitter::new(TokioBackend::new());
    emitter.emit("MyEvent");
}
