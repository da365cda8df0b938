//! A backend of one's own, which runs handlers after the response, and a function that emits
//! without knowing which backend it has been given.
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

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use pyventus::{Backend, EventEmission, EventEmitter, SubmitError, TokioBackend, args, on};

type Tasks = Vec<BoxFuture<'static, ()>>;

/// The background tasks of one request.
#[derive(Default)]
struct RequestBackground {
    tasks: Mutex<Tasks>,
}

impl Backend for RequestBackground {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.tasks().push(emission.run().boxed());
        Ok(())
    }
}

impl RequestBackground {
    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the tasks in order, and those that they add in turn.
    async fn after_response(&self) {
        loop {
            let tasks = std::mem::take(&mut *self.tasks());
            if tasks.is_empty() {
                return;
            }
            for task in tasks {
                task.await;
            }
        }
    }
}

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
