//! An event on its way: a text, the object of a typed event, or an error.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::event::{Event, short_type_name};
use crate::key::{EventName, Lookup};
use crate::object::{Object, SharedObject};

/// What [`EventEmitter::emit`](crate::EventEmitter::emit) accepts: a text, an [`Event`], or a
/// shared `Arc` of one.
///
/// A `&Arc` is shared when a handler or the backend keeps it, and costs nothing where they only
/// look at the event.
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
    use super::{Carrier, EmittedEvent, Lookup};

    /// What is emitted, as long as it is only looked at.
    pub trait Emitted: Carrier {
        fn lookup(&self) -> Lookup<'_>;

        /// Whether handlers may share the object while it is still the caller's.
        fn shares(&self) -> bool;
    }

    pub trait IntoEvent: Emitted {
        fn into_event(self) -> EmittedEvent;
    }
}

/// What an emission is about, as its handlers see it, whoever owns it.
pub trait Carrier: Send + Sync {
    /// The name of the event.
    fn name(&self) -> &str;

    /// The object of a typed event, or the error.
    fn object(&self) -> Option<Object<'_>>;

    /// The same to be kept; `None` where only a borrow of it can be had.
    fn share(&self) -> Option<Arc<dyn Any + Send + Sync>>;

    /// The error, if it is one.
    fn as_error(&self) -> Option<&DynError>;

    /// The Rust type of the object.
    fn type_name(&self) -> Option<&'static str>;
}

/// An event on its way: its name and, unless it is a text, its object.
#[derive(Clone)]
pub struct EmittedEvent {
    pub(crate) name: EventName,
    object: Option<Carried>,
}

/// The shared object of a typed event or of an error.
#[derive(Clone)]
struct Carried {
    value: SharedObject,
    type_name: &'static str,
    as_error: Option<AsError>,
}

/// An error as handlers of every error see it.
pub(crate) type DynError = dyn StdError + Send + Sync + 'static;

type AsError = for<'a> fn(Object<'a>) -> Option<&'a DynError>;

impl EmittedEvent {
    pub(crate) fn of_event<T: Event>(value: Arc<T>) -> Self {
        let type_name = std::any::type_name::<T>();
        let object = Carried { value: SharedObject::new(value), type_name, as_error: None };
        Self { name: EventName::Static(T::NAME), object: Some(object) }
    }

    fn of_error<E: StdError + Send + Sync + 'static>(value: Arc<E>) -> Self {
        fn as_error<E: StdError + Send + Sync + 'static>(value: Object<'_>) -> Option<&DynError> {
            value.downcast_ref::<E>().map(|error| error as &DynError)
        }
        let type_name = std::any::type_name::<E>();
        let object = Carried { value: SharedObject::new(value), type_name, as_error: Some(as_error::<E>) };
        Self { name: EventName::Static(short_type_name::<E>()), object: Some(object) }
    }
}

impl EmittedEvent {
    pub(crate) fn of_text(name: Arc<str>) -> Self {
        Self { name: EventName::Shared(name), object: None }
    }
}

impl Carrier for EmittedEvent {
    fn name(&self) -> &str {
        &self.name
    }

    fn object(&self) -> Option<Object<'_>> {
        self.object.as_ref().map(|object| object.value.object())
    }

    fn share(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.object.as_ref().map(|object| object.value.share())
    }

    fn as_error(&self) -> Option<&DynError> {
        let object = self.object.as_ref()?;
        object.as_error.and_then(|as_error| as_error(object.value.object()))
    }

    fn type_name(&self) -> Option<&'static str> {
        self.object.as_ref().map(|object| object.type_name)
    }
}

impl fmt::Debug for EmittedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmittedEvent")
            .field("name", &self.name)
            .field("type", &self.type_name())
            .finish_non_exhaustive()
    }
}

macro_rules! emitted {
    ([$($bounds:tt)*] $emitted:ty, $shares:expr, $lookup:expr) => {
        impl<$($bounds)*> sealed::Emitted for $emitted {
            #[inline]
            fn lookup(&self) -> Lookup<'_> {
                let lookup: for<'a> fn(&'a Self) -> Lookup<'a> = $lookup;
                lookup(self)
            }

            #[inline]
            fn shares(&self) -> bool {
                $shares
            }
        }
    };
}

/// An error on its way to the handlers of errors.
pub(crate) struct EmittedError<E>(pub(crate) E);

impl<E: StdError + Send + Sync + 'static> Carrier for EmittedError<E> {
    fn name(&self) -> &str {
        short_type_name::<E>()
    }

    fn object(&self) -> Option<Object<'_>> {
        Some(Object::new(&self.0))
    }

    fn share(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }

    fn as_error(&self) -> Option<&DynError> {
        Some(&self.0)
    }

    fn type_name(&self) -> Option<&'static str> {
        Some(std::any::type_name::<E>())
    }
}

emitted!([E: StdError + Send + Sync + 'static] EmittedError<E>, false, |_| Lookup::error::<E>());

impl<E: StdError + Send + Sync + 'static> sealed::IntoEvent for EmittedError<E> {
    fn into_event(self) -> EmittedEvent {
        EmittedEvent::of_error(Arc::new(self.0))
    }
}

impl<T: Event> IntoEvent for T {}

impl<T: Event> Carrier for T {
    fn name(&self) -> &str {
        T::NAME
    }

    fn object(&self) -> Option<Object<'_>> {
        Some(Object::new(self))
    }

    fn share(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }

    fn as_error(&self) -> Option<&DynError> {
        None
    }

    fn type_name(&self) -> Option<&'static str> {
        Some(std::any::type_name::<T>())
    }
}

emitted!([T: Event] T, false, |_| Lookup::event::<T>());

impl<T: Event> sealed::IntoEvent for T {
    fn into_event(self) -> EmittedEvent {
        EmittedEvent::of_event(Arc::new(self))
    }
}

macro_rules! shared_events_are_events {
    ($($shared:ty, $share:expr;)+) => {$(
        impl<T: Event> IntoEvent for $shared {}

        impl<T: Event> Carrier for $shared {
            fn name(&self) -> &str {
                T::NAME
            }

            fn object(&self) -> Option<Object<'_>> {
                let object: &T = self;
                Some(Object::new(object))
            }

            fn share(&self) -> Option<Arc<dyn Any + Send + Sync>> {
                let share: fn(&Self) -> Arc<T> = $share;
                Some(share(self))
            }

            fn as_error(&self) -> Option<&DynError> {
                None
            }

            fn type_name(&self) -> Option<&'static str> {
                Some(std::any::type_name::<T>())
            }
        }

        emitted!([T: Event] $shared, true, |_| Lookup::event::<T>());

        impl<T: Event> sealed::IntoEvent for $shared {
            fn into_event(self) -> EmittedEvent {
                let share: fn(&Self) -> Arc<T> = $share;
                EmittedEvent::of_event(share(&self))
            }
        }
    )+};
}

shared_events_are_events! {
    Arc<T>, |event| Arc::clone(event);
    &Arc<T>, |event| Arc::clone(event);
}

macro_rules! texts_are_events {
    ($($text:ty),+) => {$(
        impl IntoEvent for $text {}

        impl Carrier for $text {
            fn name(&self) -> &str {
                self
            }

            fn object(&self) -> Option<Object<'_>> {
                None
            }

            fn share(&self) -> Option<Arc<dyn Any + Send + Sync>> {
                None
            }

            fn as_error(&self) -> Option<&DynError> {
                None
            }

            fn type_name(&self) -> Option<&'static str> {
                None
            }
        }

        emitted!([] $text, true, |text| Lookup::Text(text));

        impl sealed::IntoEvent for $text {
            fn into_event(self) -> EmittedEvent {
                EmittedEvent::of_text(self.into())
            }
        }
    )+};
}

texts_are_events!(&str, String, Arc<str>);
