//! What can be emitted: typed events, texts and errors.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::key::{EventName, Lookup};

/// A type whose values say what happened.
///
/// Derive it on a struct or an enum; the name of the type becomes the name of the event, and
/// `#[event(name = "...")]` gives it another one. Implement it by hand only where a derive is
/// not possible.
///
/// Handlers are chosen by the Rust type, not by the name: two types that bear the same name do
/// not receive each other's values. The name is what a text key such as `#[on("OrderPlaced")]`
/// is compared with.
///
/// # Examples
///
/// ```
/// use pyventus_core::Event;
///
/// struct OrderPlaced {
///     id: u64,
/// }
///
/// impl Event for OrderPlaced {
///     const NAME: &'static str = "order.placed";
/// }
///
/// assert_eq!(OrderPlaced { id: 7 }.name(), "order.placed");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "derive it on a struct or an enum: `#[derive(pyventus::Event)]`",
    note = "an error is emitted with `emit_error(..)` and answered with `#[on(error(Type))]`"
)]
pub trait Event: Send + Sync + 'static {
    /// The name of the event.
    const NAME: &'static str;

    /// Returns the name of the event.
    fn name(&self) -> &'static str {
        Self::NAME
    }
}

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

/// The name of a type without the path that leads to it; arguments of generics stay whole.
pub(crate) fn short_type_name<T: ?Sized>() -> &'static str {
    let full = std::any::type_name::<T>();
    let path = full.split('<').next().unwrap_or(full);
    let start = path.rfind("::").map_or(0, |colons| colons + 2);
    &full[start..]
}

#[cfg(test)]
mod tests {
    use super::short_type_name;

    #[test]
    fn a_short_type_name_drops_the_path_and_keeps_the_arguments() {
        assert_eq!(short_type_name::<std::io::Error>(), "Error");
        assert_eq!(short_type_name::<Vec<std::io::Error>>(), "Vec<std::io::error::Error>");
        assert_eq!(short_type_name::<u8>(), "u8");
    }
}
