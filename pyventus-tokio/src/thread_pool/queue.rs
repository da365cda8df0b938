//! The queue that the threads of a pool take emissions from, until it is closed and all have ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender};
use pyventus_core::EventEmission;

use crate::shutdown::Gate;

/// The emissions of a pool: those that wait, and how many have not ended.
pub(super) struct Queue {
    gate: Gate,
    sender: Sender<Entry>,
    waiting: Receiver<Entry>,
    /// Whether the end is in the channel, or was.
    has_end: AtomicBool,
}

enum Entry {
    Emission(EventEmission),
    /// Nothing is left and nothing can come. Whoever takes it puts it back for the others.
    End,
}

impl Queue {
    pub(super) fn new() -> Self {
        let (sender, waiting) = crossbeam_channel::unbounded();
        Self { gate: Gate::default(), sender, waiting, has_end: AtomicBool::new(false) }
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Takes an emission in; gives it back where none are taken any more.
    pub(super) fn push(&self, emission: EventEmission) -> Result<(), EventEmission> {
        let is_open = self.gate.count_in();
        if is_open {
            self.send(Entry::Emission(emission));
            return Ok(());
        }
        self.leave();
        Err(emission)
    }

    /// The place of an emission that is a part of one that was taken.
    pub(super) fn place(self: &Arc<Self>) -> Place {
        self.gate.count_in();
        Place(Arc::clone(self))
    }

    /// The next emission, once there is one, which [`leave`](Self::leave)s when it has ended;
    /// nothing once none is left and none can come.
    pub(super) fn next(&self) -> Option<EventEmission> {
        if let Ok(Entry::Emission(emission)) = self.waiting.recv() {
            return Some(emission);
        }
        self.send(Entry::End);
        None
    }

    /// An emission has ended.
    pub(super) fn leave(&self) {
        if self.gate.count_out() {
            self.end();
        }
    }

    /// Takes no further emissions.
    pub(super) fn close(&self) {
        if self.gate.refuse() {
            self.end();
        }
    }

    /// Takes away the emissions that no thread has taken up.
    pub(super) fn take_waiting(&self) -> Vec<EventEmission> {
        let mut taken = Vec::new();
        for entry in self.waiting.try_iter() {
            match entry {
                Entry::Emission(emission) => taken.push(emission),
                Entry::End => {
                    self.send(Entry::End);
                    break;
                }
            }
        }
        for _ in &taken {
            self.leave();
        }
        taken
    }

    /// Nothing is left, and nothing can come.
    #[cold]
    fn end(&self) {
        if !self.has_end.swap(true, Ordering::AcqRel) {
            self.send(Entry::End);
        }
    }

    fn send(&self, entry: Entry) {
        // There is a receiver as long as there is a sender.
        let _sent = self.sender.send(entry);
    }
}

/// The place of a nested emission among those that have not ended.
pub(super) struct Place(Arc<Queue>);

impl pyventus_core::Place for Place {
    fn leave(self: Box<Self>) {}
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.leave();
    }
}
