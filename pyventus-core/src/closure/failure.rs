//! Functions of the error of a handler, as failure callbacks.
#![expect(non_snake_case, reason = "the type parameters double as names of the arguments")]

use std::error::Error as StdError;
use std::future::Future;

use crate::bind::FromEmission;
use crate::callback::{CallbackResult, FailureCallback};
use crate::handler::Progress;
use crate::view::{Needs, View};

use super::{IntoResult, Shaped, shape};

/// A closure or function that can be a failure callback: it takes `&anyhow::Error` for every
/// failure or `&E` for one type of error, then types that implement [`FromEmission`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a failure callback",
    label = "not a failure callback",
    note = "a failure callback takes `&anyhow::Error`, or `&E` of one type of error, then `Context`, `State<T>` and the like"
)]
pub trait IntoFailureCallback<M>: Sized {
    #[doc(hidden)]
    fn into_failure_callback(self) -> Box<dyn FailureCallback>;
}

/// An asynchronous function of a borrowed error; its future may borrow the error too.
pub trait AsyncFailure<'e, E: 'e, A> {
    #[doc(hidden)]
    type Future: Future<Output: IntoResult> + Send + 'e;

    #[doc(hidden)]
    fn answer(&self, error: &'e E, args: A) -> Self::Future;
}

macro_rules! async_failures {
    ($($($arg:ident)*;)+) => {$(
        impl<'e, E: 'e, Fun, Fut, $($arg),*> AsyncFailure<'e, E, ($($arg,)*)> for Fun
        where
            Fun: Fn(&'e E, $($arg),*) -> Fut,
            Fut: Future<Output: IntoResult> + Send + 'e,
        {
            type Future = Fut;

            fn answer(&self, error: &'e E, ($($arg,)*): ($($arg,)*)) -> Fut {
                self(error, $($arg),*)
            }
        }
    )+};
}

/// A type of error that a failure callback can be meant for; `K` tells the two kinds apart.
pub trait Failure<K>: Sized {
    #[doc(hidden)]
    fn of(error: &anyhow::Error) -> Option<&Self>;
}

/// Such a callback answers every failure.
impl Failure<shape::Every> for anyhow::Error {
    fn of(error: &anyhow::Error) -> Option<&Self> {
        Some(error)
    }
}

/// Such a callback answers failures of its type.
impl<E: StdError + Send + Sync + 'static> Failure<shape::Only> for E {
    fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }
}

macro_rules! failure_callbacks {
    ($($($arg:ident)*;)+) => {$(
        impl<Fun, Err, Kind, Ret, $($arg),*> IntoFailureCallback<shape::Sync<(Err, Kind, $($arg,)*)>> for Fun
        where
            Fun: Fn(&Err, $($arg),*) -> Ret + Send + Sync + 'static,
            Err: Failure<Kind> + 'static,
            Kind: 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            fn into_failure_callback(self) -> Box<dyn FailureCallback> {
                Box::new(Shaped::<_, shape::Sync<(Err, Kind, $($arg,)*)>>::new(self))
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing else")]
        impl<Fun, Err, Kind, Ret, $($arg),*> FailureCallback for Shaped<Fun, shape::Sync<(Err, Kind, $($arg,)*)>>
        where
            Fun: Fn(&Err, $($arg),*) -> Ret + Send + Sync + 'static,
            Err: Failure<Kind> + 'static,
            Kind: 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            fn needs(&self) -> Needs {
                needs!($($arg)*)
            }

            fn answer<'a>(&'a self, view: &'a View<'a>, error: &'a anyhow::Error) -> Option<Progress<'a, CallbackResult>> {
                let error = Err::of(error)?;
                let run = || {
                    $(let $arg = $arg::from_view(view)?;)*
                    drop((self.function)(error, $($arg),*).into_result()?);
                    Ok(())
                };
                Some(Progress::Done(run()))
            }
        }

        impl<Fun, Err, Kind, $($arg),*> IntoFailureCallback<shape::Async<(Err, Kind, $($arg,)*)>> for Fun
        where
            Fun: for<'e> AsyncFailure<'e, Err, ($($arg,)*)> + Send + Sync + 'static,
            Err: Failure<Kind> + Sync + 'static,
            Kind: 'static,
            $($arg: FromEmission + Send + 'static,)*
        {
            fn into_failure_callback(self) -> Box<dyn FailureCallback> {
                Box::new(Shaped::<_, shape::Async<(Err, Kind, $($arg,)*)>>::new(self))
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing else")]
        impl<Fun, Err, Kind, $($arg),*> FailureCallback for Shaped<Fun, shape::Async<(Err, Kind, $($arg,)*)>>
        where
            Fun: for<'e> AsyncFailure<'e, Err, ($($arg,)*)> + Send + Sync + 'static,
            Err: Failure<Kind> + Sync + 'static,
            Kind: 'static,
            $($arg: FromEmission + Send + 'static,)*
        {
            fn needs(&self) -> Needs {
                needs!($($arg)*)
            }

            fn answer<'a>(&'a self, view: &'a View<'a>, error: &'a anyhow::Error) -> Option<Progress<'a, CallbackResult>> {
                let error = Err::of(error)?;
                Some(Progress::pending(async move {
                    $(let $arg = $arg::from_view(view)?;)*
                    drop(self.function.answer(error, ($($arg,)*)).await.into_result()?);
                    Ok(())
                }))
            }
        }
    )+};
}

failure_callbacks! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }
async_failures! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }
