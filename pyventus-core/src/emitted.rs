//! An event on its way: a text, the object of a typed event, or an error.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::event::{Event, short_type_name};
use crate::key::{EventName, Lookup};

/// What [`EventEmitter::emit`](crate::EventEmitter::emit) accepts: a text, an [`Event`], or a
/// shared `Arc` of one.
///
/// This trait is sealed: derive [`Event`] to make a type emittable.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be emitted",
    label = "neither a text nor an event",
    note = "derive `pyventus::Event` on the type to emit its values",
    note = "an error is emitted with `emit_error(..)`"
)]
pub trait IntoEvent: sealed::IntoEvent {}

pub(crate) mod sealed {
    use super::{EmittedEvent, Lookup};

    pub trait IntoEvent {
        fn lookup(&self) -> Lookup<'_>;
        fn into_event(self) -> EmittedEvent;
    }
}

/// An event on its way: its name and, unless it is a text, its object.
#[derive(Clone)]
pub struct EmittedEvent {
    pub(crate) name: EventName,
    pub(crate) object: Option<Object>,
}

/// The shared object of a typed event or of an error.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) value: Arc<dyn Any + Send + Sync>,
    pub(crate) type_name: &'static str,
    as_error: Option<AsError>,
}

/// An error as handlers of every error see it.
pub(crate) type DynError = dyn StdError + Send + Sync + 'static;

type AsError = fn(&(dyn Any + Send + Sync)) -> Option<&DynError>;

impl Object {
    fn event<T: Event>(value: Arc<T>) -> Self {
        Self { value, type_name: std::any::type_name::<T>(), as_error: None }
    }

    fn error<E: StdError + Send + Sync + 'static>(value: Arc<E>) -> Self {
        fn as_error<E: StdError + Send + Sync + 'static>(
            value: &(dyn Any + Send + Sync),
        ) -> Option<&DynError> {
            value.downcast_ref::<E>().map(|error| error as &DynError)
        }
        Self { value, type_name: std::any::type_name::<E>(), as_error: Some(as_error::<E>) }
    }

    pub(crate) fn as_error(&self) -> Option<&DynError> {
        self.as_error.and_then(|as_error| as_error(&*self.value))
    }
}

impl fmt::Debug for EmittedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmittedEvent")
            .field("name", &self.name)
            .field("type", &self.object.as_ref().map(|object| object.type_name))
            .finish()
    }
}

/// An error on its way to the handlers of errors.
pub(crate) struct EmittedError<E>(pub(crate) E);

impl<E: StdError + Send + Sync + 'static> sealed::IntoEvent for EmittedError<E> {
    fn lookup(&self) -> Lookup<'_> {
        Lookup::error::<E>()
    }

    fn into_event(self) -> EmittedEvent {
        EmittedEvent {
            name: EventName::Static(short_type_name::<E>()),
            object: Some(Object::error(Arc::new(self.0))),
        }
    }
}

impl<T: Event> IntoEvent for T {}

impl<T: Event> sealed::IntoEvent for T {
    fn lookup(&self) -> Lookup<'_> {
        Lookup::event::<T>()
    }

    fn into_event(self) -> EmittedEvent {
        sealed::IntoEvent::into_event(Arc::new(self))
    }
}

impl<T: Event> IntoEvent for Arc<T> {}

impl<T: Event> sealed::IntoEvent for Arc<T> {
    fn lookup(&self) -> Lookup<'_> {
        Lookup::event::<T>()
    }

    fn into_event(self) -> EmittedEvent {
        EmittedEvent { name: EventName::Static(T::NAME), object: Some(Object::event(self)) }
    }
}

macro_rules! texts_are_events {
    ($($text:ty),+) => {$(
        impl IntoEvent for $text {}

        impl sealed::IntoEvent for $text {
            fn lookup(&self) -> Lookup<'_> {
                Lookup::Text(self)
            }

            fn into_event(self) -> EmittedEvent {
                EmittedEvent { name: EventName::Shared(self.into()), object: None }
            }
        }
    )+};
}

texts_are_events!(&str, String, Arc<str>);
