//! How generated code tells types apart that no trait bound can: by method resolution.
//!
//! A probe is asked through several references; the candidate with the most references wins, so
//! that a special case goes before a general one. This works because generated code names
//! concrete types only.

mod returns;
mod parameter;
mod success;
mod failure;
mod encodes;
mod describes;

use std::marker::PhantomData;

pub use describes::{DescribesEvent, DescribesNothing};
pub use encodes::{EncodesEvent, EncodesNothing};
pub use failure::{AnswersEvery, AnswersOne, AnswersOwn, failure_reference};
pub use parameter::{
    BoundByArgument, BoundByEmission, BoundByNothing, BoundByOptionalArgument, NamesEvent, NamesNothing,
    Receives, extra_parameter, receives,
};
pub use returns::{
    ReturnsDynamic, ReturnsFallible, ReturnsFuture, ReturnsIterator, ReturnsPlain, answered, called, handled,
};
pub use success::{StandsForExtra, StandsForValue, success_of};

/// A question about the type `T`.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<fn(Box<T>)>);

impl<T: ?Sized> Probe<T> {
    /// Asks about a type.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only generated code asks")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}
