//! The command line of a shop whose events are in a file: `cargo run -p pyventus-cli --example orders -- stats`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::process::ExitCode;

use pyventus::queue::QueueBackend;
use pyventus::sqlite::SqliteBroker;
use pyventus::{Event, EventEmitter, State, anyhow, on};
use pyventus_cli::CommandLine;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[event(name = "order.placed")]
struct OrderPlaced {
    id: u64,
    card: String,
}

/// Which cards the bank declines.
struct Bank {
    declines: String,
}

#[on(OrderPlaced, retry(attempts = 2, first = "10ms"))]
async fn charge(order: &OrderPlaced, bank: State<Bank>) -> anyhow::Result<()> {
    anyhow::ensure!(order.card != bank.declines, "the card of order {} was declined", order.id);
    Ok(())
}

#[on(OrderPlaced)]
async fn ship(order: &OrderPlaced) {
    println!("order {} is shipped", order.id);
}

/// What the environment says.
fn setting(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}

fn main() -> ExitCode {
    CommandLine::new()
        .broker(|| SqliteBroker::open(setting("ORDERS_FILE", "orders.db")))
        .group("billing")
        .worker(|worker, broker| {
            let bank = Bank { declines: setting("DECLINED_CARD", "stolen") };
            let backend = QueueBackend::new(broker.clone());
            Ok(worker.emitter(EventEmitter::builder(backend).state(bank).build()))
        })
        .run()
}
