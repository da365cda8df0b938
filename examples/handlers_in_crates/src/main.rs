//! Handlers in three places: a crate that holds nothing else, a nested module of the package's own
//! library, and the program itself. `link!` names the crates of which nothing else is used.
//!
//! Run it: `cargo run -p handlers_in_crates`
//!
//! It prints:
//!
//! ```text
//! billing writes an invoice
//! the warehouse picks the goods
//! the program thanks the customer
//! handlers=3
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use pyventus::{EmitError, EventEmitter, InlineBackend, on};

pyventus::link!(billing, handlers_in_crates);

#[on("OrderPlaced")]
fn thank() {
    println!("the program thanks the customer");
}

fn main() -> Result<(), EmitError> {
    let emitter = EventEmitter::new(InlineBackend::new());
    let report = emitter.emit("OrderPlaced").wait()?;
    println!("handlers={}", report.outcomes().len());
    Ok(())
}
