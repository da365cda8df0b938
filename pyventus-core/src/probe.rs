//! How generated code tells types apart that no trait bound can: by method resolution.
//!
//! A probe is asked through several references; the candidate with the most references wins, so
//! that a special case goes before a general one. This works because generated code names
//! concrete types only.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::bind::{ByArgument, ByEmission, ByNothing, ByOptionalArgument, FromEmission};
use crate::callback::{CallbackResult, value_is_gone};
use crate::closure::take_value;
use crate::context::Context;
use crate::error::BindError;
use crate::handler::{HandlerResult, Value};
use crate::outcome::HandlerPanic;

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

// --- What a function returns: `(&&&&&Probe::<R>::new()).returns()`. ---

/// The function returns `Result<T, anyhow::Error>`: it may fail with any error.
#[derive(Debug)]
pub struct Dynamic<T>(PhantomData<fn(T)>);
/// The function returns `Result<T, E>`.
#[derive(Debug)]
pub struct Fallible<T, E>(PhantomData<fn(T, E)>);
/// The function returns a value.
#[derive(Debug)]
pub struct Plain<T>(PhantomData<fn(T)>);
/// The function returns a future that nobody would await.
#[derive(Debug)]
pub struct Unawaited<T>(PhantomData<fn(T)>);
/// The function returns an iterator that nobody would run.
#[derive(Debug)]
pub struct Uniterated<T>(PhantomData<fn(T)>);

#[doc(hidden)]
pub trait ReturnsDynamic {
    type Kind;
    fn returns(&self) -> Self::Kind;
}

impl<T> ReturnsDynamic for &&&&Probe<Result<T, anyhow::Error>> {
    type Kind = Dynamic<T>;
    fn returns(&self) -> Dynamic<T> {
        Dynamic(PhantomData)
    }
}

#[doc(hidden)]
pub trait ReturnsFallible {
    type Kind;
    fn returns(&self) -> Self::Kind;
}

impl<T, E> ReturnsFallible for &&&Probe<Result<T, E>> {
    type Kind = Fallible<T, E>;
    fn returns(&self) -> Fallible<T, E> {
        Fallible(PhantomData)
    }
}

#[doc(hidden)]
pub trait ReturnsFuture {
    type Kind;
    fn returns(&self) -> Self::Kind;
}

impl<T: Future> ReturnsFuture for &&Probe<T> {
    type Kind = Unawaited<T>;
    fn returns(&self) -> Unawaited<T> {
        Unawaited(PhantomData)
    }
}

#[doc(hidden)]
pub trait ReturnsIterator {
    type Kind;
    fn returns(&self) -> Self::Kind;
}

impl<T: Iterator> ReturnsIterator for &Probe<T> {
    type Kind = Uniterated<T>;
    fn returns(&self) -> Uniterated<T> {
        Uniterated(PhantomData)
    }
}

#[doc(hidden)]
pub trait ReturnsPlain {
    type Kind;
    fn returns(&self) -> Self::Kind;
}

impl<T> ReturnsPlain for Probe<T> {
    type Kind = Plain<T>;
    fn returns(&self) -> Plain<T> {
        Plain(PhantomData)
    }
}

/// What a function under an attribute returns, as a result.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return this: `{Self}`",
    label = "neither a value nor a `Result` whose error converts into `anyhow::Error`",
    note = "return `()`, a value, or `Result<T, E>` with `E: Into<anyhow::Error>`; for a future write `async fn`, for an iterator return its items as a `Vec`"
)]
pub trait Returns {
    /// What the function returns.
    type Return;
    /// The value on success.
    type Success;

    #[doc(hidden)]
    fn into_result(returned: Self::Return) -> Result<Self::Success, anyhow::Error>;
}

impl<T> Returns for Dynamic<T> {
    type Return = Result<T, anyhow::Error>;
    type Success = T;

    fn into_result(returned: Self::Return) -> Result<T, anyhow::Error> {
        returned
    }
}

impl<T, E: Into<anyhow::Error>> Returns for Fallible<T, E> {
    type Return = Result<T, E>;
    type Success = T;

    fn into_result(returned: Self::Return) -> Result<T, anyhow::Error> {
        returned.map_err(Into::into)
    }
}

impl<T> Returns for Plain<T> {
    type Return = T;
    type Success = T;

    fn into_result(returned: T) -> Result<T, anyhow::Error> {
        Ok(returned)
    }
}

/// The end of a declared handler.
#[doc(hidden)]
pub fn handled<K: Returns>(_: K, returned: K::Return, keep: bool) -> HandlerResult
where
    K::Success: Send + 'static,
{
    K::into_result(returned).map(|value| keep.then(|| Box::new(value) as Value))
}

/// The end of a declared callback.
#[doc(hidden)]
pub fn answered<K: Returns>(_: K, returned: K::Return) -> CallbackResult {
    K::into_result(returned).map(drop)
}

// --- How a parameter by value is bound: `(&&&&Probe::<P>::new()).bound_by()`. ---

macro_rules! bound_by {
    ($($trait:ident [$($bounds:tt)*] $probe:ty => $kind:ident;)+) => {$(
        #[doc(hidden)]
        pub trait $trait {
            fn bound_by(&self) -> $kind;
        }

        impl<$($bounds)*> $trait for $probe {
            fn bound_by(&self) -> $kind {
                $kind
            }
        }
    )+};
}

bound_by! {
    BoundByEmission [T: FromEmission] &&&Probe<T> => ByEmission;
    BoundByOptionalArgument [T: DeserializeOwned] &&Probe<Option<T>> => ByOptionalArgument;
    BoundByArgument [T: DeserializeOwned] &Probe<T> => ByArgument;
    BoundByNothing [T] Probe<T> => ByNothing;
}

// --- What the first parameter of a success callback is: `(&&Probe::<P>::new()).stands_for()`. ---

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
    message = "the handler does not succeed with `{Self}`",
    label = "not the success type of the handler",
    note = "an `on_success` callback takes nothing, or the value of the handler as `T` or `&T`, then `Context`, `State<T>` and the like"
)]
pub trait SuccessParameter<S, K>: Sized {
    #[doc(hidden)]
    fn take_from(context: &Context, value: &mut Option<Value>) -> Result<Self, anyhow::Error>;
}

impl<T: FromEmission, S> SuccessParameter<S, AnExtra> for T {
    fn take_from(context: &Context, _: &mut Option<Value>) -> Result<Self, anyhow::Error> {
        Ok(T::from_emission(context)?)
    }
}

impl<T: 'static> SuccessParameter<T, TheValue> for T {
    fn take_from(_: &Context, value: &mut Option<Value>) -> Result<Self, anyhow::Error> {
        take_value(value)
    }
}

#[doc(hidden)]
pub fn success_parameter<P, R: Returns, K>(
    _: R,
    _: K,
    context: &Context,
    value: &mut Option<Value>,
    parameter: &'static str,
) -> Result<P, anyhow::Error>
where
    P: SuccessParameter<R::Success, K>,
{
    P::take_from(context, value).map_err(|error| of_parameter(error, parameter))
}

/// A success type that a callback may look at.
#[diagnostic::on_unimplemented(
    message = "the handler does not succeed with `{Self}`",
    label = "not the success type of the handler",
    note = "an `on_success` callback takes nothing, or the value of the handler as `T` or `&T`, then `Context`, `State<T>` and the like"
)]
pub trait SuccessOf<S> {}

impl<T> SuccessOf<T> for T {}

#[doc(hidden)]
pub fn success_reference<P, R: Returns>(_: R, value: &Option<Value>) -> Result<&P, anyhow::Error>
where
    P: SuccessOf<R::Success> + 'static,
{
    let value: &(dyn Any + Send) = &**value.as_ref().ok_or_else(value_is_gone)?;
    value.downcast_ref().ok_or_else(value_is_gone)
}

/// A further parameter of a callback.
#[doc(hidden)]
pub fn extra_parameter<P: FromEmission>(
    context: &Context,
    parameter: &'static str,
) -> Result<P, anyhow::Error> {
    P::from_emission(context).map_err(|error| error.of_parameter(parameter).into())
}

fn of_parameter(error: anyhow::Error, parameter: &'static str) -> anyhow::Error {
    match error.downcast::<BindError>() {
        Ok(error) => error.of_parameter(parameter).into(),
        Err(error) => error,
    }
}

// --- Which failures a callback answers: `(&&Probe::<P>::new()).answers()`. ---

/// The callback answers every failure.
#[derive(Debug)]
pub struct EveryFailure;
/// The callback answers failures that pyventus itself makes.
#[derive(Debug)]
pub struct OwnFailure;
/// The callback answers failures of one type.
#[derive(Debug)]
pub struct OneFailure;

#[doc(hidden)]
pub trait AnswersEvery {
    fn answers(&self) -> EveryFailure;
}

impl AnswersEvery for &Probe<anyhow::Error> {
    fn answers(&self) -> EveryFailure {
        EveryFailure
    }
}

#[doc(hidden)]
pub trait AnswersOwn {
    fn answers(&self) -> OwnFailure;
}

impl AnswersOwn for &Probe<HandlerPanic> {
    fn answers(&self) -> OwnFailure {
        OwnFailure
    }
}

impl AnswersOwn for &Probe<BindError> {
    fn answers(&self) -> OwnFailure {
        OwnFailure
    }
}

#[doc(hidden)]
pub trait AnswersOne {
    fn answers(&self) -> OneFailure;
}

impl<T> AnswersOne for Probe<T> {
    fn answers(&self) -> OneFailure {
        OneFailure
    }
}

/// A type of error that a handler of the kind `R` may fail with.
#[diagnostic::on_unimplemented(
    message = "the handler never fails with `{Self}`",
    label = "not the error type of the handler",
    note = "an `on_failure` callback takes `&anyhow::Error` for every failure, or `&E` of the error type that the handler returns; a panic is a `HandlerPanic`, a parameter that could not be bound a `BindError`"
)]
pub trait FailureOf<R, K>: Sized {
    #[doc(hidden)]
    fn of(error: &anyhow::Error) -> Option<&Self>;
}

impl<R> FailureOf<R, EveryFailure> for anyhow::Error {
    fn of(error: &anyhow::Error) -> Option<&Self> {
        Some(error)
    }
}

impl<R> FailureOf<R, OwnFailure> for HandlerPanic {
    fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }
}

impl<R> FailureOf<R, OwnFailure> for BindError {
    fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }
}

impl<T, E> FailureOf<Dynamic<T>, OneFailure> for E
where
    E: std::fmt::Display + std::fmt::Debug + Send + Sync + 'static,
{
    fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }
}

impl<T, E> FailureOf<Fallible<T, E>, OneFailure> for E
where
    E: std::fmt::Display + std::fmt::Debug + Send + Sync + 'static,
{
    fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }
}

#[doc(hidden)]
#[must_use]
pub fn failure_reference<P: FailureOf<R, K>, R, K>(_: R, _: K, error: &anyhow::Error) -> Option<&P> {
    P::of(error)
}

// --- Whether a handler can ever receive an object. ---

/// A handler that answers events or errors of the type `T`.
#[diagnostic::on_unimplemented(
    message = "this handler never receives a `&{T}`",
    label = "none of the keys of the handler is `{T}`",
    note = "take a reference to a type that the attribute names, or add the type to its keys"
)]
pub trait Receives<T: ?Sized> {}

#[doc(hidden)]
pub const fn receives<H: Receives<T>, T: ?Sized>() {}
