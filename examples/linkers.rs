//! A linker is a namespace of events with rules of its own. Handlers join it by an attribute or at
//! run time, and nothing is visible across linkers.
//!
//! Run it: `cargo run --example linkers`
//!
//! It prints:
//!
//! ```text
//! A handler joins at run time
//!   shipping order 7
//!   counting order 7
//! A third one is too many
//!   OrderPlaced has reached the limit of 2 handlers in the linker `orders`
//! The second one leaves, the first one fails
//!   failed: order 100 is out of stock
//! Another linker, another handler
//!   only the global linker has order 8
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::sync::Arc;

use pyventus::{Event, EventEmitter, EventLinker, TokioBackend, anyhow, key, on};

static ORDERS: EventLinker = EventLinker::namespace("orders").max_handlers(2).default_failure(log_it);

fn log_it(error: &anyhow::Error) {
    println!("  failed: {error}");
}

#[derive(Debug, Event)]
struct OrderPlaced {
    id: u64,
}

#[on(OrderPlaced, linker = ORDERS)]
async fn ship(order: &OrderPlaced) -> anyhow::Result<()> {
    anyhow::ensure!(order.id < 100, "order {} is out of stock", order.id);
    println!("  shipping order {}", order.id);
    Ok(())
}

#[on(OrderPlaced)]
fn in_the_global_linker(order: &OrderPlaced) {
    println!("  only the global linker has order {}", order.id);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let orders = EventEmitter::builder(TokioBackend::new()).linker(&ORDERS).build();

    println!("A handler joins at run time");
    let subscription = ORDERS
        .subscribe(key::<OrderPlaced>())
        .handler(|order: Arc<OrderPlaced>| async move { println!("  counting order {}", order.id) })?;
    orders.emit(OrderPlaced { id: 7 });

    println!("A third one is too many");
    if let Err(refused) = ORDERS.subscribe(key::<OrderPlaced>()).handler(|| ()) {
        println!("  {refused}");
    }

    println!("The second one leaves, the first one fails");
    subscription.unsubscribe();
    orders.emit(OrderPlaced { id: 100 });

    println!("Another linker, another handler");
    EventEmitter::new(TokioBackend::new()).emit(OrderPlaced { id: 8 });
    Ok(())
}
