//! What attributes and derives leave behind: handlers, callbacks and events.

use std::any::TypeId;

use crate::callback::{DeclaredFailure, DeclaredSuccess};
use crate::codec::EventCodec;
use crate::event::Event;
use crate::handler::{Call, CallFn, Code, Start, StartFn};
use crate::origin::Origin;
use crate::schema::MakeSchema;
use crate::view::Needs;

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
    const CODE: DeclaredCode;

    /// How much of the emission it may ask for.
    #[doc(hidden)]
    #[must_use]
    fn needs() -> Needs {
        Needs::Borrows
    }
}

/// A declared function as a handler.
#[derive(Clone, Copy)]
pub enum DeclaredCode {
    /// It is synchronous.
    Sync(CallFn),
    /// It is asynchronous.
    Async(StartFn),
}

impl From<DeclaredCode> for Code {
    fn from(declared: DeclaredCode) -> Self {
        match declared {
            DeclaredCode::Sync(function) => Self::Sync(Call::Function(function)),
            DeclaredCode::Async(function) => Self::Async(Start::Function(function)),
        }
    }
}

impl std::fmt::Debug for DeclaredCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sync(_) => "Sync",
            Self::Async(_) => "Async",
        })
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
    pub(crate) type_name: fn() -> &'static str,
    pub(crate) codec: fn() -> Option<EventCodec>,
    #[cfg_attr(not(feature = "asyncapi"), expect(dead_code, reason = "nobody asks for schemas"))]
    pub(crate) schema: fn() -> MakeSchema,
}

impl DeclaredEvent {
    /// Records a type; the name of the origin is that of the type. Its codec is asked for when an
    /// event is to leave the program, or comes from another one, its schema when the program is
    /// described.
    #[must_use]
    pub const fn new<T: Event>(
        origin: Origin,
        codec: fn() -> Option<EventCodec>,
        schema: fn() -> MakeSchema,
    ) -> Self {
        let type_name = std::any::type_name::<T>;
        Self { id: TypeId::of::<T>(), name: T::NAME, origin, type_name, codec, schema }
    }
}

inventory::collect!(DeclaredEvent);

/// The derived events of the program, by name and place.
pub(crate) fn declared_events() -> Vec<&'static DeclaredEvent> {
    let mut events: Vec<_> = inventory::iter::<DeclaredEvent>.into_iter().collect();
    events.sort_by_key(|event| (event.name, event.origin.place()));
    events
}
