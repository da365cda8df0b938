//! Tests of a program that emits: step by step on the thread of the test, and on the backend that
//! the program has.
//!
//! Run it: `cargo run --example testing`
//!
//! It prints:
//!
//! ```text
//! OrderPlaced: handled by testing::ship (examples/testing.rs:31)
//! OrderShipped, emitted within OrderPlaced: no handler answers it
//! order 7 was shipped
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::time::Duration;

use pyventus::testing::{NotEmitted, Probe, RecordingBackend};
use pyventus::{Context, Event, EventEmitter, TokioBackend, on};

#[derive(Debug, Event)]
struct OrderPlaced {
    id: u64,
}

#[derive(Debug, Event)]
struct OrderShipped {
    id: u64,
}

#[on(OrderPlaced)]
async fn ship(order: &OrderPlaced, context: Context) {
    context.emitter().emit(OrderShipped { id: order.id });
}

/// The code under test: it knows the emitter alone.
fn place_order(emitter: &EventEmitter, id: u64) {
    emitter.emit(OrderPlaced { id });
}

/// Under `#[test]`: nothing runs unless the test says so.
fn an_order_is_shipped() {
    let backend = RecordingBackend::new();
    place_order(&EventEmitter::new(backend.clone()), 7);
    backend.assert_emitted::<OrderPlaced>(|order| order.id == 7);
    backend.assert_not_emitted::<OrderShipped>();

    backend.step().wait();
    backend.assert_handled_by::<ship>();
    backend.assert_emitted::<OrderShipped>(|shipped| shipped.id == 7);
    backend.assert_all_ran();
    backend.assert_no_failures();
    for record in backend.records() {
        println!("{record}");
    }
}

/// Under `#[tokio::test]`: the program runs as always, and the test waits for what it wants to see.
async fn an_order_is_shipped_in_the_background() -> Result<(), NotEmitted> {
    let probe = Probe::new(TokioBackend::new());
    place_order(&EventEmitter::new(probe.clone()), 7);
    let shipped = probe.expect::<OrderShipped>(Duration::from_secs(5)).await?;
    println!("order {} was shipped", shipped.id);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), NotEmitted> {
    an_order_is_shipped();
    an_order_is_shipped_in_the_background().await
}
