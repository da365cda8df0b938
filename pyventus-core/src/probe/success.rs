//! What the first parameter of a success callback is: `(&&Probe::<P>::new()).stands_for()`.

use std::any::Any;
use std::marker::PhantomData;

use crate::bind::FromEmission;
use crate::callback::value_is_gone;
use crate::closure::take_value;
use crate::error::BindError;
use crate::handler::Value;
use crate::view::View;

use super::Probe;
use super::returns::Returns;

/// The parameter is taken from the emission.
#[derive(Debug)]
pub struct AnExtra;
/// The parameter is the value of the handler.
#[derive(Debug)]
pub struct TheValue;

#[doc(hidden)]
pub trait StandsForExtra {
    fn stands_for(&self) -> AnExtra;
}

impl<T: FromEmission> StandsForExtra for &Probe<T> {
    fn stands_for(&self) -> AnExtra {
        AnExtra
    }
}

#[doc(hidden)]
pub trait StandsForValue {
    fn stands_for(&self) -> TheValue;
}

impl<T> StandsForValue for Probe<T> {
    fn stands_for(&self) -> TheValue {
        TheValue
    }
}

/// A parameter of a success callback by value, of a handler of the kind `K`.
#[diagnostic::on_unimplemented(
    message = "the handler succeeds with `{S}`, not with `{Self}`",
    label = "not the success type of the handler",
    note = "an `on_success` callback takes nothing, or the value of the handler as `T` or `&T`, then `Context`, `State<T>` and the like"
)]
pub trait SuccessParameter<S, K>: Sized {
    #[doc(hidden)]
    fn take_from(view: &View<'_>, value: &mut Option<Value>) -> Result<Self, anyhow::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: FromEmission, S> SuccessParameter<S, AnExtra> for T {
    fn take_from(view: &View<'_>, _: &mut Option<Value>) -> Result<Self, anyhow::Error> {
        Ok(T::from_view(view)?)
    }
}

#[diagnostic::do_not_recommend]
impl<T: 'static> SuccessParameter<T, TheValue> for T {
    fn take_from(_: &View<'_>, value: &mut Option<Value>) -> Result<Self, anyhow::Error> {
        take_value(value)
    }
}

/// What a handler succeeds with, and how a parameter of the kind `K` takes it.
///
/// Both are known before the parameter is asked about: an error then says that the parameter does
/// not fit, and not that two types differ.
#[derive(Debug)]
pub struct Success<S, K>(PhantomData<fn(S, K)>);

#[doc(hidden)]
#[must_use]
pub fn success_of<R: Returns, K>(_: R, _: K) -> Success<R::Success, K> {
    Success(PhantomData)
}

#[expect(clippy::unused_self, reason = "the types that are known by then are all of it")]
impl<S, K> Success<S, K> {
    #[doc(hidden)]
    pub fn parameter<P: SuccessParameter<S, K>>(
        self,
        view: &View<'_>,
        value: &mut Option<Value>,
        parameter: &'static str,
    ) -> Result<P, anyhow::Error> {
        P::take_from(view, value).map_err(|error| of_parameter(error, parameter))
    }

    #[doc(hidden)]
    pub fn reference<P: SuccessOf<S> + 'static>(self, value: Option<&Value>) -> Result<&P, anyhow::Error> {
        let value: &(dyn Any + Send) = &**value.ok_or_else(value_is_gone)?;
        value.downcast_ref().ok_or_else(value_is_gone)
    }
}

/// A success type that a callback may look at.
#[diagnostic::on_unimplemented(
    message = "the handler succeeds with `{S}`, not with `{Self}`",
    label = "not the success type of the handler",
    note = "an `on_success` callback takes nothing, or the value of the handler as `T` or `&T`, then `Context`, `State<T>` and the like"
)]
pub trait SuccessOf<S> {}

#[diagnostic::do_not_recommend]
impl<T> SuccessOf<T> for T {}

fn of_parameter(error: anyhow::Error, parameter: &'static str) -> anyhow::Error {
    match error.downcast::<BindError>() {
        Ok(error) => error.of_parameter(parameter).into(),
        Err(error) => error,
    }
}
