//! Which failures a callback answers: `(&&Probe::<P>::new()).answers()`.

use crate::error::BindError;
use crate::outcome::HandlerPanic;

use super::Probe;
use super::returns::{Dynamic, Fallible};

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

#[diagnostic::do_not_recommend]
impl<R> FailureOf<R, EveryFailure> for anyhow::Error {
    fn of(error: &anyhow::Error) -> Option<&Self> {
        Some(error)
    }
}

#[diagnostic::do_not_recommend]
impl<R> FailureOf<R, OwnFailure> for HandlerPanic {
    fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }
}

#[diagnostic::do_not_recommend]
impl<R> FailureOf<R, OwnFailure> for BindError {
    fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }
}

#[diagnostic::do_not_recommend]
impl<T, E> FailureOf<Dynamic<T>, OneFailure> for E
where
    E: std::fmt::Display + std::fmt::Debug + Send + Sync + 'static,
{
    fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }
}

#[diagnostic::do_not_recommend]
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
