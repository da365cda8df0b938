//! Hello World in asynchronous code: `emit` schedules the handler and returns at once, so the
//! program awaits what became of it before it ends.
//!
//! Run it: `cargo run --example hello_world_async`
//!
//! It prints:
//!
//! ```text
//! Hello, World!
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use pyventus::{EmitError, EventEmitter, TokioBackend, on};

#[on("MyEvent")]
async fn event_callback() {
    println!("Hello, World!");
}

#[tokio::main]
async fn main() -> Result<(), EmitError> {
    let emitter = EventEmitter::new(TokioBackend::new());
    emitter.emit("MyEvent").await?;
    Ok(())
}
