//! What attributes and derives leave behind: handlers, callbacks and events.

use std::any::TypeId;
use std::marker::PhantomData;

use crate::callback::{DeclaredFailure, DeclaredSuccess};
use crate::context::Context;
use crate::event::Event;
use crate::handler::{Handler, HandlerResult, Progress};
use crate::origin::Origin;

/// A function that an attribute declared as a handler; implemented by the type that the attribute
/// leaves under the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a declared handler",
    label = "not annotated with `#[on(..)]` or `#[once(..)]`",
    note = "annotate the function with `#[on(..)]` or `#[once(..)]`"
)]
pub trait DeclaredHandler: 'static {
    /// Where the function was written.
    const ORIGIN: Origin;

    #[doc(hidden)]
    const CALLBACKS: &'static [CallbackRegistration] = &[];

    #[doc(hidden)]
    #[must_use]
    fn wants() -> Vec<Wanted> {
        Vec::new()
    }

    #[doc(hidden)]
    fn handle(context: &Context, keep: bool) -> Progress<'_, HandlerResult>;
}

/// A declared function as a handler; holds nothing, so boxing it allocates nothing.
pub(crate) struct DeclaredFunction<H>(PhantomData<fn(H)>);

impl<H> DeclaredFunction<H> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

impl<H: DeclaredHandler> Handler for DeclaredFunction<H> {
    fn handle<'a>(&'a self, context: &'a Context, keep: bool) -> Progress<'a, HandlerResult> {
        H::handle(context, keep)
    }
}

/// An object that a handler takes by reference.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub(crate) type_name: &'static str,
    /// The name of the event, where the type is one.
    pub(crate) event: Option<&'static str>,
}

impl Wanted {
    /// An object of the type `T`, and the name of the event if it is one.
    #[must_use]
    pub fn new<T>(event: Option<&'static str>) -> Self {
        Self { type_name: std::any::type_name::<T>(), event }
    }
}

/// What `#[on_success(..)]` or `#[on_failure(..)]` says of a callback.
#[derive(Debug)]
pub struct CallbackRegistration {
    /// The type that the attribute of the handler left.
    pub handler: TypeId,
    /// Where the callback was written.
    pub origin: Origin,
    /// The callback.
    pub callback: DeclaredCallback,
}

/// A declared callback of either kind.
#[derive(Clone, Copy, Debug)]
pub enum DeclaredCallback {
    /// Runs on success.
    Success(DeclaredSuccess),
    /// Runs on failure.
    Failure(DeclaredFailure),
}

inventory::collect!(CallbackRegistration);

/// A derived event, as far as diagnostics and graphs need it. Emitting needs none of it.
#[derive(Debug)]
pub struct DeclaredEvent {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
    pub(crate) origin: Origin,
}

impl DeclaredEvent {
    /// Records a type; the name of the origin is that of the type.
    #[must_use]
    pub const fn new<T: Event>(origin: Origin) -> Self {
        Self { id: TypeId::of::<T>(), name: T::NAME, origin }
    }
}

inventory::collect!(DeclaredEvent);

/// The derived events of the program, by name and place.
pub(crate) fn declared_events() -> Vec<&'static DeclaredEvent> {
    let mut events: Vec<_> = inventory::iter::<DeclaredEvent>.into_iter().collect();
    events.sort_by_key(|event| (event.name, event.origin.place()));
    events
}
