//! The identity of a subscriber.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The identity of a subscriber, unique in the process; they are ordered as they were linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubscriberId {
    number: u64,
    /// Where its registry keeps the subscriber.
    slot: u32,
}

impl SubscriberId {
    pub(super) fn new(number: u64, slot: u32) -> Self {
        Self { number, slot }
    }

    /// Tells it apart from all others.
    pub(crate) fn number(self) -> u64 {
        self.number
    }

    /// Where its registry keeps the subscriber.
    pub(crate) fn slot(self) -> usize {
        self.slot as usize
    }
}

/// The numbers of a registry's subscribers, each unique in the process: it is given many at a time.
#[derive(Default)]
pub(crate) struct Numbers(Range<u64>);

impl Numbers {
    pub(super) fn next(&mut self) -> u64 {
        const GIVEN: u64 = 1024;
        static NEXT: AtomicU64 = AtomicU64::new(1);
        self.0.next().unwrap_or_else(|| {
            let first = NEXT.fetch_add(GIVEN, Ordering::Relaxed);
            self.0 = first + 1..first + GIVEN;
            first
        })
    }
}

impl fmt::Display for SubscriberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.number, f)
    }
}
