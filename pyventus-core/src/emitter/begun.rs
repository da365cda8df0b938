//! How far an emission has come on the stack of the code that emits.

use std::sync::Arc;

use crate::handle::EmissionHandle;
use crate::outcome::{EmissionReport, Endings};
use crate::registry::{Chosen, Index, List, Position};
use crate::sync::Loaded;

/// How far an emission has come, and what is to be done with it.
pub(super) struct Begun {
    /// Where the handlers are that have all succeeded.
    pub(super) position: Position,
    /// What is left, where it is anything else; nothing, where nobody answers.
    pub(super) rest: Option<Rest>,
}

/// What is left of an emission.
pub(super) enum Rest {
    /// Every handler has ended.
    Ended(EmissionReport),
    /// It was not even looked up.
    Refused(EmissionHandle),
    /// Those handlers are to run.
    Chosen(Arc<List>),
}

impl Begun {
    #[inline]
    pub(super) const fn new() -> Self {
        Self { position: Position::NOWHERE, rest: None }
    }

    /// The handlers, which have all succeeded.
    #[inline]
    pub(super) fn chosen(self, index: Loaded<Index>) -> Chosen {
        // There is nothing left in that case.
        std::mem::forget(self.rest);
        Chosen::indexed(index, self.position)
    }

    /// Every handler has ended.
    #[cold]
    pub(super) fn end_with(&mut self, list: &List, endings: Endings) {
        self.rest = Some(Rest::Ended(endings.report(list.origins())));
    }
}
