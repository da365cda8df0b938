//! What became of the events of a group, in numbers.

use std::fmt;

/// What became of the events of a queue, for one group, in numbers.
///
/// At every moment, accepted = succeeded + dead + dropped + pending: no event is in none of the places or in two.
///
/// # Examples
///
/// ```
/// use pyventus_queue::Counts;
///
/// let mut counts = Counts::default();
/// (counts.accepted, counts.succeeded, counts.pending) = (3, 2, 1);
/// assert!(counts.is_conserved());
/// assert_eq!(counts.to_string(), "accepted=3 succeeded=2 dead=0 dropped=0 pending=1");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// The events that the group was to handle.
    pub accepted: u64,
    /// The events of which nothing is left, and nothing was dropped.
    pub succeeded: u64,
    /// The events that have dead letters, and nothing else.
    pub dead: u64,
    /// The events of which nothing is left, since dead letters of theirs were dropped.
    pub dropped: u64,
    /// The events that have work left: they wait, are held back, or are with a consumer.
    pub pending: u64,
}

impl Counts {
    /// Returns whether every event is in one of the places.
    #[must_use]
    pub fn is_conserved(&self) -> bool {
        u128::from(self.accepted)
            == [self.succeeded, self.dead, self.dropped, self.pending].into_iter().map(u128::from).sum()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, succeeded, dead, dropped, pending } = self;
        write!(f, "accepted={accepted} succeeded={succeeded} dead={dead} dropped={dropped} pending={pending}")
    }
}
