//! The types of events that nobody answers, known without a look at the lists.

use crate::key::Lookup;
use crate::sync::{AtomicU64, Ordering};

/// How many types are known.
const TYPES: usize = if cfg!(shuttle) { 2 } else { 256 };

/// For each of the first types, the version of the links at which it was found that nobody answers.
///
/// Emitting what nobody listens to is to cost next to nothing. To hold a list while it is read
/// costs more than that; a number can be read by itself.
pub(super) struct Unanswered(Box<[AtomicU64]>);

impl Default for Unanswered {
    fn default() -> Self {
        // No links have that version.
        Self((0..TYPES).map(|_| AtomicU64::new(u64::MAX)).collect())
    }
}

impl Unanswered {
    /// Whether nobody answers at that version, as far as it is known.
    #[inline]
    pub(super) fn is_known(&self, lookup: &Lookup<'_>, version: u64) -> bool {
        self.found(lookup).is_some_and(|found| found.load(Ordering::Relaxed) == version)
    }

    /// Nobody answers at that version.
    pub(super) fn learn(&self, lookup: &Lookup<'_>, version: u64) {
        if let Some(found) = self.found(lookup) {
            found.store(version, Ordering::Relaxed);
        }
    }

    #[inline]
    fn found(&self, lookup: &Lookup<'_>) -> Option<&AtomicU64> {
        match lookup {
            Lookup::Event { slot: Some(slot), .. } => self.0.get(slot.number()),
            _ => None,
        }
    }
}
