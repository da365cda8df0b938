//! The command line of a program: what it declares, what is in its broker, and what was given up. `worker`
//! handles events until Ctrl-C; `dead list`, `dead show`, `dead replay` and `dead drop` are about what
//! handlers gave up; `--help` shows all of it. The broker is the file that `producer` and `worker` use,
//! unless `--broker` names another one.
//!
//! First: `cargo run --example producer -- --new`
//!
//! Run it: `cargo run --example events -- stats`
//!
//! It prints:
//!
//! ```text
//!  QUEUE   GROUP  WAITING  DELAYED  LEASED  DEAD  DROPPED  SUCCEEDED  ACCEPTED  RETAINED
//!  orders  -      -        -        -       -     -        -          -                3
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::process::ExitCode;

use pyventus::cli::CommandLine;
use pyventus::sqlite::SqliteBroker;
use pyventus::{Event, on};
use serde::{Deserialize, Serialize};

// A command line beside a program names the crates with its handlers: `pyventus::link!(shop, billing);`.

#[derive(Serialize, Deserialize, Event)]
#[event(name = "order.placed")]
struct OrderPlaced {
    id: u64,
}

#[on(OrderPlaced, retry(attempts = 5, first = "100ms"))]
async fn ship(order: &OrderPlaced) -> anyhow::Result<()> {
    anyhow::ensure!(order.id != 2, "the lorry is full");
    println!("order {} is shipped", order.id);
    Ok(())
}

fn main() -> ExitCode {
    CommandLine::new()
        .broker(|| SqliteBroker::open(std::env::temp_dir().join("pyventus-orders.db")))
        .queue("orders")
        .group("shipping")
        .run()
}
