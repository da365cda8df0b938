//! Every name that generated code uses; may change in any release.

pub use core::any::TypeId;
pub use core::option::Option;
pub use core::result::Result;
pub use core::time::Duration;
pub use std::boxed::Box;
pub use std::vec::Vec;

pub use anyhow;
pub use inventory;

pub use crate::bind::Binder;
pub use crate::callback::{CallbackResult, DeclaredFailure, DeclaredSuccess, Takes};
pub use crate::declared::{
    CallbackRegistration, DeclaredCallback, DeclaredCode, DeclaredEvent, DeclaredHandler, Wanted,
};
pub use crate::event::{Event, Slot};
pub use crate::handler::{BoxFuture, CallResult, HandlerResult, Keep, Progress, Value, boxed};
pub use crate::key::EventKey;
pub use crate::linker::EventLinker;
pub use crate::origin::Origin;
pub use crate::probe::{
    AnswersEvery, AnswersOne, AnswersOwn, BoundByArgument, BoundByEmission, BoundByNothing,
    BoundByOptionalArgument, DescribesEvent, DescribesNothing, EncodesEvent, EncodesNothing, NamesEvent,
    NamesNothing, Probe, Receives, ReturnsDynamic, ReturnsFallible, ReturnsFuture, ReturnsIterator,
    ReturnsPlain, StandsForExtra, StandsForValue, answered, called, extra_parameter, failure_reference,
    handled, receives, success_of,
};
pub use crate::registration::{Found, Options, Registered, Registration};
pub use crate::registry::Registry;
pub use crate::retry::Retry;
pub use crate::view::{Needs, View};

/// The links of a linker, for a registration to be pushed into.
#[must_use]
pub fn registry(linker: &'static EventLinker) -> &'static Registry {
    linker.unfilled()
}

/// The identity of a declared handler.
#[must_use]
pub const fn handler_id<H: DeclaredHandler>() -> TypeId {
    TypeId::of::<H>()
}
