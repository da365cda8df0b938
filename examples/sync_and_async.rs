//! Handlers and emitting code choose on their own whether to be asynchronous: a synchronous and an
//! asynchronous handler answer one event, emitted from a synchronous and an asynchronous function.
//!
//! Run it: `cargo run --example sync_and_async`
//!
//! It prints:
//!
//! ```text
//! A synchronous function emits
//!   the synchronous handler
//!   the asynchronous handler
//! It goes on when the handlers have ended
//! An asynchronous function emits
//! It goes on at once, and awaits the handlers when it likes
//!   the synchronous handler
//!   the asynchronous handler
//! 2 handlers have succeeded
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use pyventus::{EmitError, EventEmitter, TokioBackend, on};

#[on("MyEvent")]
fn sync_callback() {
    println!("  the synchronous handler");
}

#[on("MyEvent")]
async fn async_callback() {
    tokio::task::yield_now().await;
    println!("  the asynchronous handler");
}

fn sync_function(emitter: &EventEmitter) {
    println!("A synchronous function emits");
    emitter.emit("MyEvent");
    println!("It goes on when the handlers have ended");
}

async fn async_function(emitter: &EventEmitter) -> Result<(), EmitError> {
    println!("An asynchronous function emits");
    let emission = emitter.emit("MyEvent");
    println!("It goes on at once, and awaits the handlers when it likes");
    let report = emission.await?;
    println!("{} handlers have succeeded", report.succeeded());
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emitter = EventEmitter::new(TokioBackend::new());
    sync_function(&emitter);

    // One thread, so that the lines of the caller and of the handlers do not mix.
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async_function(&emitter))?;
    Ok(())
}
