//! The event that is emitted and what its handlers do, the same for all contenders.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pyventus::Event;

/// Two numbers and a text.
#[derive(Debug, Event)]
#[expect(dead_code, reason = "handlers take the event as a whole")]
pub(crate) struct OrderPlaced {
    pub(crate) id: u64,
    pub(crate) amount: u64,
    pub(crate) customer: String,
}

/// The name of the text event.
pub(crate) const TEXT: &str = "order.placed";

/// How often a handler ran.
static HANDLED: AtomicU64 = AtomicU64::new(0);

impl OrderPlaced {
    /// Builds the event; its text is allocated.
    pub(crate) fn build() -> Self {
        Self { id: black_box(7), amount: black_box(1200), customer: String::from(black_box("a customer")) }
    }

    pub(crate) fn shared() -> Arc<Self> {
        Arc::new(Self::build())
    }
}

/// What every handler of the typed event does.
pub(crate) fn answer(event: &OrderPlaced) {
    black_box(event);
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// What every handler of the text does.
pub(crate) fn answer_text() {
    black_box(());
    HANDLED.fetch_add(1, Ordering::Relaxed);
}
