//! What follows a handler: a flow keeps a handler and its callbacks together, and a callback of its
//! own attaches to a handler from anywhere.
//!
//! Run it: `cargo run --example success_and_failure`
//!
//! It prints:
//!
//! ```text
//! The event says "hello"
//! It succeeded: HELLO
//! The event says ""
//! [Logger] <time>    ERROR [EventHandler] Exception: the text is empty event=StringEvent handler=success_and_failure::string_event::event_callback (examples/success_and_failure.rs:26) emission=<id>
//! It failed: the text is empty
//! [Logger] <time>    ERROR [EventHandler] Exception: invalid digit found in string event=NumberEvent handler=success_and_failure::parse (examples/success_and_failure.rs:44) emission=<id>
//! It failed: invalid digit found in string
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use pyventus::{EventEmitter, TokioBackend, args, on, on_failure};

#[on("StringEvent")]
mod string_event {
    use pyventus::anyhow;

    #[on_event]
    fn event_callback(text: &str) -> anyhow::Result<String> {
        println!("The event says {text:?}");
        anyhow::ensure!(!text.is_empty(), "the text is empty");
        Ok(text.to_uppercase())
    }

    #[on_success]
    async fn success(loud: String) {
        println!("It succeeded: {loud}");
    }

    #[on_failure]
    fn failure(error: &anyhow::Error) {
        println!("It failed: {error}");
    }
}

#[on("NumberEvent")]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[on_failure(parse)]
fn not_a_number(error: &std::num::ParseIntError) {
    println!("It failed: {error}");
}

fn main() {
    pyventus::fmt::init();

    let emitter = EventEmitter::new(TokioBackend::new());
    emitter.emit_with("StringEvent", args!["hello"]);
    emitter.emit_with("StringEvent", args![""]);
    emitter.emit_with("NumberEvent", args!["seven"]);
}
