//! Which events a program can send and receive.

use std::any::TypeId;

use pyventus_core::{EventCodec, UnknownEvent};

/// The declared events, and those that were named by hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    by_hand: Vec<EventCodec>,
}

impl Known {
    /// Adds an event that may not be declared.
    pub(crate) fn add(&mut self, codec: EventCodec) {
        self.by_hand.retain(|known| known.type_id() != codec.type_id());
        self.by_hand.push(codec);
    }

    pub(crate) fn of_type(&self, id: TypeId) -> Option<EventCodec> {
        let by_hand = self.by_hand.iter().find(|codec| codec.type_id() == id);
        by_hand.copied().or_else(|| EventCodec::of_type(id))
    }

    /// What was named by hand comes first: it tells types of one name apart.
    pub(crate) fn named(&self, name: &str) -> Result<EventCodec, UnknownEvent> {
        let by_hand = self.by_hand.iter().rev().find(|codec| codec.name() == name);
        by_hand.map_or_else(|| EventCodec::named(name), |codec| Ok(*codec))
    }
}
