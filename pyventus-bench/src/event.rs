//! The event that is emitted and what its handlers do, the same for all contenders.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pyventus::Event;

/// Two numbers and a text.
#[derive(Debug, Event)]
#[expect(dead_code, reason = "handlers take the event as a whole")]
pub(crate) struct OrderPlaced {
    id: u64,
    amount: u64,
    customer: String,
}

/// The name of the text event.
pub(crate) const TEXT: &str = "order.placed";

/// How often a handler ran.
static HANDLED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static HANDLED_HERE: Cell<u64> = const { Cell::new(0) };
}

impl OrderPlaced {
    /// Builds the event; its text is allocated.
    pub(crate) fn build() -> Self {
        Self { id: black_box(7), amount: black_box(1200), customer: String::from(black_box("a customer")) }
    }

    /// Builds a shared event.
    pub(crate) fn shared() -> Arc<Self> {
        Arc::new(Self::build())
    }
}

/// What every handler of the typed event does.
pub(crate) fn answer(event: &OrderPlaced) {
    black_box(event);
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// The same in many bodies.
pub(crate) fn answer_by<const BY: u64>(event: &OrderPlaced) {
    black_box(event);
    HANDLED.fetch_add(BY, Ordering::Relaxed);
}

/// The same where threads would contend for the count.
pub(crate) fn answer_here(event: &OrderPlaced) {
    black_box(event);
    HANDLED_HERE.set(HANDLED_HERE.get() + 1);
}

/// What every handler of the text does.
pub(crate) fn answer_text() {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// What every handler of the text with arguments does.
pub(crate) fn answer_arguments(customer: &str, amount: u64) {
    black_box((customer, amount));
    HANDLED.fetch_add(1, Ordering::Relaxed);
}
