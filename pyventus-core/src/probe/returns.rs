//! What a function returns: `(&&&&&Probe::<R>::new()).returns()`.

use std::future::Future;
use std::marker::PhantomData;

use crate::callback::CallbackResult;
use crate::handler::{CallResult, HandlerResult, Keep, Value, leave};

use super::Probe;

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
    message = "a handler or a callback cannot return this",
    label = "neither a value, nor a `Result` whose error converts into `anyhow::Error`",
    note = "an error implements `std::error::Error`, for example by `#[derive(thiserror::Error)]`; a text becomes one by `anyhow::Error::msg`",
    note = "a future is awaited in an `async fn`; the items of an iterator are returned as a `Vec`"
)]
pub trait Returns {
    /// What the function returns.
    type Return;
    /// The value on success.
    type Success;

    #[doc(hidden)]
    fn into_result(returned: Self::Return) -> Result<Self::Success, anyhow::Error>;
}

#[diagnostic::do_not_recommend]
impl<T> Returns for Dynamic<T> {
    type Return = Result<T, anyhow::Error>;
    type Success = T;

    fn into_result(returned: Self::Return) -> Result<T, anyhow::Error> {
        returned
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: Into<anyhow::Error>> Returns for Fallible<T, E> {
    type Return = Result<T, E>;
    type Success = T;

    fn into_result(returned: Self::Return) -> Result<T, anyhow::Error> {
        returned.map_err(Into::into)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Returns for Plain<T> {
    type Return = T;
    type Success = T;

    fn into_result(returned: T) -> Result<T, anyhow::Error> {
        Ok(returned)
    }
}

/// The end of a declared handler that is synchronous.
#[doc(hidden)]
pub fn called<K: Returns>(_: K, returned: K::Return, keep: Keep<'_>) -> CallResult
where
    K::Success: Send + 'static,
{
    let value = K::into_result(returned)?;
    if let Some(kept) = keep {
        leave(kept, value);
    }
    Ok(())
}

/// The end of a declared handler that is asynchronous.
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
