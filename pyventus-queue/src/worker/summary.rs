//! What a worker has done, in numbers.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a worker has done, in numbers.
///
/// When it has ended, received = done + again + released + lost. What became of all events of its group, whoever handled
/// them, the broker says: [`Broker::counts`](crate::Broker::counts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// How many deliveries it was handed; an event that was tried again was handed out again.
    pub received: u64,
    /// The deliveries of which nothing is left: every handler succeeded or was given up.
    pub done: u64,
    /// The deliveries of which handlers are to be run again later.
    pub again: u64,
    /// The deliveries that were handed back as they were, since the worker had to end.
    pub released: u64,
    /// The deliveries that were taken over by another worker, or could not be settled; they are handled again.
    pub lost: u64,
    /// The dead letters that were stored.
    pub letters: u64,
    /// The runs of handlers that succeeded.
    pub succeeded: u64,
    /// The runs of handlers that failed.
    pub failed: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { received, done, again, released, lost, letters, succeeded, failed } = self;
        write!(f, "received={received} done={done} again={again} released={released} lost={lost} ")?;
        write!(f, "letters={letters} succeeded={succeeded} failed={failed}")
    }
}

/// The numbers as they grow.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) received: Count,
    pub(super) done: Count,
    pub(super) again: Count,
    pub(super) released: Count,
    pub(super) lost: Count,
    pub(super) letters: Count,
    pub(super) succeeded: Count,
    pub(super) failed: Count,
}

#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self, number: usize) {
        self.0.fetch_add(number as u64, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Tally {
    pub(super) fn summary(&self) -> Summary {
        Summary {
            received: self.received.get(),
            done: self.done.get(),
            again: self.again.get(),
            released: self.released.get(),
            lost: self.lost.get(),
            letters: self.letters.get(),
            succeeded: self.succeeded.get(),
            failed: self.failed.get(),
        }
    }
}
