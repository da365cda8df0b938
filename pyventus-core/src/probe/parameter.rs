//! How a parameter by value is bound: `(&&&&Probe::<P>::new()).bound_by()`.

use serde::de::DeserializeOwned;

use crate::bind::{ByArgument, ByEmission, ByNothing, ByOptionalArgument, FromEmission};
use crate::event::Event;
use crate::view::{Needs, View};

use super::Probe;

macro_rules! bound_by {
    ($($trait:ident [$($bounds:tt)*] $probe:ty => $kind:ident, $needs:expr;)+) => {$(
        #[doc(hidden)]
        pub trait $trait {
            fn bound_by(&self) -> $kind;

            /// How much of the emission the parameter takes.
            fn needs(&self) -> Needs;
        }

        impl<$($bounds)*> $trait for $probe {
            fn bound_by(&self) -> $kind {
                $kind
            }

            fn needs(&self) -> Needs {
                $needs
            }
        }
    )+};
}

bound_by! {
    BoundByEmission [T: FromEmission] &&&Probe<T> => ByEmission, T::NEEDS;
    BoundByOptionalArgument [T: DeserializeOwned] &&Probe<Option<T>> => ByOptionalArgument, Needs::Borrows;
    BoundByArgument [T: DeserializeOwned] &Probe<T> => ByArgument, Needs::Borrows;
    BoundByNothing [T] Probe<T> => ByNothing, Needs::Borrows;
}

/// A further parameter of a callback.
#[doc(hidden)]
pub fn extra_parameter<P: FromEmission>(
    view: &View<'_>,
    parameter: &'static str,
) -> Result<P, anyhow::Error> {
    P::from_view(view).map_err(|error| error.of_parameter(parameter).into())
}

/// A handler that answers events or errors of the type `T`.
#[diagnostic::on_unimplemented(
    message = "this handler never receives a `&{T}`",
    label = "none of the keys of the handler is `{T}`",
    note = "take a reference to a type that the attribute names, or add the type to its keys"
)]
pub trait Receives<T: ?Sized> {}

#[doc(hidden)]
pub const fn receives<H: Receives<T>, T: ?Sized>() {}

#[doc(hidden)]
pub trait NamesEvent {
    fn event_name(&self) -> Option<&'static str>;
}

impl<T: Event> NamesEvent for &Probe<T> {
    fn event_name(&self) -> Option<&'static str> {
        Some(T::NAME)
    }
}

#[doc(hidden)]
pub trait NamesNothing {
    fn event_name(&self) -> Option<&'static str>;
}

impl<T> NamesNothing for Probe<T> {
    fn event_name(&self) -> Option<&'static str> {
        None
    }
}
