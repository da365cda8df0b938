//! Functions of the error of a handler, as failure callbacks.
#![expect(non_snake_case, reason = "the type parameters double as names of the arguments")]

use std::error::Error as StdError;
use std::future::Future;

use crate::bind::FromEmission;
use crate::callback::{CallbackResult, FailureCallback};
use crate::context::Context;
use crate::handler::Progress;

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

macro_rules! failure_callbacks {
    ($shape:ident <$($param:ty),*>, [$($arg:ident)*], $error:ty, $($select:ident)::+ $(::<$selected:ident>)?, [$($($bound:tt)+)?]) => {
        impl<Fun, Ret, $($selected,)? $($arg),*> IntoFailureCallback<shape::Sync<shape::$shape<$($param),*>>> for Fun
        where
            Fun: Fn(&$error, $($arg),*) -> Ret + Send + Sync + 'static,
            Ret: IntoResult + 'static,
            $($($bound)+,)?
            $($arg: FromEmission + 'static,)*
        {
            fn into_failure_callback(self) -> Box<dyn FailureCallback> {
                Shaped::<_, shape::Sync<shape::$shape<$($param),*>>>::boxed(self)
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing else")]
        impl<Fun, Ret, $($selected,)? $($arg),*> FailureCallback for Shaped<Fun, shape::Sync<shape::$shape<$($param),*>>>
        where
            Fun: Fn(&$error, $($arg),*) -> Ret + Send + Sync + 'static,
            Ret: IntoResult + 'static,
            $($($bound)+,)?
            $($arg: FromEmission + 'static,)*
        {
            fn answer<'a>(&'a self, context: &'a Context, error: &'a anyhow::Error) -> Option<Progress<'a, CallbackResult>> {
                let error = $($select)::+ $(::<$selected>)?(error)?;
                let run = || {
                    $(let $arg = $arg::from_emission(context)?;)*
                    drop((self.function)(error, $($arg),*).into_result()?);
                    Ok(())
                };
                Some(Progress::Done(run()))
            }
        }

        impl<Fun, $($selected,)? $($arg),*> IntoFailureCallback<shape::Async<shape::$shape<$($param),*>>> for Fun
        where
            Fun: for<'e> AsyncFailure<'e, $error, ($($arg,)*)> + Send + Sync + 'static,
            $($($bound)+,)?
            $($arg: FromEmission + Send + 'static,)*
        {
            fn into_failure_callback(self) -> Box<dyn FailureCallback> {
                Shaped::<_, shape::Async<shape::$shape<$($param),*>>>::boxed(self)
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing else")]
        impl<Fun, $($selected,)? $($arg),*> FailureCallback for Shaped<Fun, shape::Async<shape::$shape<$($param),*>>>
        where
            Fun: for<'e> AsyncFailure<'e, $error, ($($arg,)*)> + Send + Sync + 'static,
            $($($bound)+,)?
            $($arg: FromEmission + Send + 'static,)*
        {
            fn answer<'a>(&'a self, context: &'a Context, error: &'a anyhow::Error) -> Option<Progress<'a, CallbackResult>> {
                let error = $($select)::+ $(::<$selected>)?(error)?;
                Some(Progress::pending(async move {
                    $(let $arg = $arg::from_emission(context)?;)*
                    drop(self.function.answer(error, ($($arg,)*)).await.into_result()?);
                    Ok(())
                }))
            }
        }
    };
}

macro_rules! selections {
    ($($($arg:ident)*;)+) => {$(
        failure_callbacks!(Every<($($arg,)*)>, [$($arg)*], anyhow::Error, every, []);
        failure_callbacks!(Only<Err, ($($arg,)*)>, [$($arg)*], Err, only::<Err>, [Err: StdError + Send + Sync + 'static]);
    )+};
}

selections! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }
async_failures! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }

/// The error itself: such a callback answers every failure.
#[expect(clippy::unnecessary_wraps, reason = "the twin of `only`")]
fn every(error: &anyhow::Error) -> Option<&anyhow::Error> {
    Some(error)
}

/// The error where it is an `E`.
fn only<E: StdError + Send + Sync + 'static>(error: &anyhow::Error) -> Option<&E> {
    error.downcast_ref()
}
