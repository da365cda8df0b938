//! What a handler can take as a parameter: arguments by name or by position, state, and types of
//! its own. A handler that cannot be given what it wants fails alone.
//!
//! Run it: `cargo run --example arguments`
//!
//! It prints:
//!
//! ```text
//! Good evening, Pyventus!
//! Pyventus may bring 2 guests
//! Visits today: 3
//! Somebody wants to greet Pyventus
//! parameter `name` of handler `arguments::wants_a_number (examples/arguments.rs:56)` wanted the argument as `u32`, found a text (invalid type: string "Pyventus", expected u32)
//! 4 succeeded, 1 failed
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use pyventus::{BindError, Context, EmitError, EventEmitter, FromEmission, State, TokioBackend, args, on};

#[on("GreetEvent")]
fn greet(name: &str, formal: bool) {
    println!("{} {name}!", if formal { "Good evening," } else { "Hi" });
}

#[on("GreetEvent")]
async fn invite(name: String, guests: Option<u32>) {
    println!("{name} may bring {} guests", guests.unwrap_or(2));
}

struct Visits {
    today: u32,
}

#[on("GreetEvent")]
async fn welcome(visits: State<Visits>) {
    println!("Visits today: {}", visits.today);
}

/// The last part of the name of the event.
struct Verb(String);

impl FromEmission for Verb {
    fn from_emission(context: &Context) -> Result<Self, BindError> {
        let name = context.event_name();
        let verb = name.strip_suffix("Event").ok_or_else(|| BindError::new("a name on `Event`", name))?;
        Ok(Self(verb.to_lowercase()))
    }
}

#[on("GreetEvent")]
fn describe(Verb(verb): Verb, name: &str) {
    println!("Somebody wants to {verb} {name}");
}

#[on("GreetEvent")]
fn wants_a_number(name: u32) {
    println!("This is never printed: {name}");
}

fn main() -> Result<(), EmitError> {
    let emitter = EventEmitter::builder(TokioBackend::new()).state(Visits { today: 3 }).build();

    let report = emitter.emit_with("GreetEvent", args!["Pyventus", formal = true]).wait()?;
    for error in report.outcomes().iter().filter_map(|outcome| outcome.error()) {
        println!("{error}");
    }
    println!("{} succeeded, {} failed", report.succeeded(), report.failed());
    Ok(())
}
