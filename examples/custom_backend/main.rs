//! A backend of one's own, which runs handlers after the response, and a function that emits
//! without knowing which backend it has been given. The backend is in `request_background.rs`; that it
//! keeps the laws of backends is tested in `tests/backends/of_ones_own.rs`.
//!
//! Run it: `cargo run --example custom_backend`
//!
//! It prints:
//!
//! ```text
//! Hello from TokioBackend!
//! The response is sent
//! Hello from RequestBackground!
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

mod request_background;

use std::sync::Arc;

use pyventus::{EventEmitter, TokioBackend, args, on};

use request_background::RequestBackground;

#[on("ConsolePrintEvent")]
async fn console_print(message: &str) {
    println!("{message}");
}

/// The application: it knows the emitter alone.
fn print_app(emitter: &EventEmitter) {
    let message = format!("Hello from {}!", emitter.backend_name());
    emitter.emit_with("ConsolePrintEvent", args![message = message]);
}

fn main() {
    let background = Arc::new(RequestBackground::default());

    print_app(&EventEmitter::new(Arc::clone(&background)));
    print_app(&EventEmitter::new(TokioBackend::new()));
    println!("The response is sent");

    futures::executor::block_on(background.after_response());
}
