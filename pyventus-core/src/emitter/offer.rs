//! What somebody emits: looked at first, taken where somebody keeps it.

use std::sync::Arc;

use crate::args::Args;
use crate::emitted::{EmittedEvent, sealed};

/// What somebody emits, of whatever type.
pub(super) struct Offer<E> {
    pub(super) event: Option<E>,
    pub(super) args: Option<Arc<Args>>,
}

/// An offer that is looked at where handlers only borrow, and taken where somebody keeps it.
pub(super) trait Offered {
    fn event(&self) -> &dyn sealed::Emitted;
    fn args(&self) -> Option<&Args>;
    fn take(&mut self) -> (EmittedEvent, Option<Arc<Args>>);
}

const TAKEN: &str = "an offer is taken once, and not looked at any more";

impl<E: sealed::IntoEvent> Offered for Offer<E> {
    fn event(&self) -> &dyn sealed::Emitted {
        self.event.as_ref().expect(TAKEN)
    }

    fn args(&self) -> Option<&Args> {
        self.args.as_deref()
    }

    fn take(&mut self) -> (EmittedEvent, Option<Arc<Args>>) {
        (self.event.take().expect(TAKEN).into_event(), self.args.take())
    }
}
