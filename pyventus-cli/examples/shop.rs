//! The command line of a small shop: `cargo run -p pyventus-cli --example shop -- handlers`.

use std::process::ExitCode;

use pyventus::{Event, EventLinker, on, on_failure, once};

static AUDIT: EventLinker = EventLinker::namespace("audit");

#[derive(Event)]
#[event(name = "order.placed")]
struct OrderPlaced {
    id: u64,
}

#[on(OrderPlaced)]
fn ship(order: &OrderPlaced) -> Result<(), std::io::Error> {
    if order.id == 0 { Err(std::io::Error::other("no such order")) } else { Ok(()) }
}

#[on_failure(ship)]
fn apologise() {}

#[once("order.plcaed", linker = AUDIT)]
fn note() {}

#[on(..)]
fn watch() {}

fn main() -> ExitCode {
    pyventus_cli::run()
}
