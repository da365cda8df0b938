//! Closures and functions as handlers and callbacks, for subscribing at run time.
//!
//! A type parameter `M` tells the shapes of functions apart; the compiler finds it.
#![expect(non_snake_case, reason = "the type parameters double as names of the arguments")]

use std::error::Error as StdError;
use std::future::Future;
use std::marker::PhantomData;

use crate::bind::FromEmission;
use crate::callback::{CallbackResult, FailureCallback, SuccessCallback, Takes, value_is_gone};
use crate::context::Context;
use crate::handler::{Handler, HandlerResult, Progress, Value};

/// What a handler that is subscribed at run time may return: nothing, a value of the standard
/// library, or a `Result`.
///
/// A value of another type is returned as `Ok::<_, std::convert::Infallible>(value)`. Functions
/// under an attribute return whatever they like.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "neither `()`, a plain value nor a `Result` whose error converts into `anyhow::Error`",
    note = "return `Ok::<_, std::convert::Infallible>(value)` for a type of your own"
)]
pub trait IntoResult {
    /// The type of the value on success.
    type Success: Send + 'static;

    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Success, anyhow::Error>;
}

impl<T: Send + 'static, E: Into<anyhow::Error>> IntoResult for Result<T, E> {
    type Success = T;

    fn into_result(self) -> Result<T, anyhow::Error> {
        self.map_err(Into::into)
    }
}

macro_rules! plain_values_are_successes {
    ($([$($param:ident)?] $value:ty),+ $(,)?) => {$(
        impl $(<$param: Send + 'static>)? IntoResult for $value {
            type Success = Self;

            fn into_result(self) -> Result<Self, anyhow::Error> {
                Ok(self)
            }
        }
    )+};
}

plain_values_are_successes!(
    [] (), [] bool, [] char, [] f32, [] f64, [] String, [] &'static str,
    [] u8, [] u16, [] u32, [] u64, [] u128, [] usize, [] i8, [] i16, [] i32, [] i64, [] i128, [] isize,
    [T] Option<T>, [T] Vec<T>, [T] Box<T>,
);

fn keep_value<R: IntoResult>(returned: R, keep: bool) -> HandlerResult {
    returned.into_result().map(|value| keep.then(|| Box::new(value) as Value))
}

/// A closure or function that can be a handler.
///
/// It is synchronous or returns a future, and takes up to six parameters that implement
/// [`FromEmission`]; a synchronous one may take `&T` of the event object first.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not a handler",
    note = "a handler takes `&T` first, or types that implement `pyventus::FromEmission`, and returns `()`, a value, a `Result`, or a future of these",
    note = "arguments are read with `context.args()`, or by name in a function under `#[on(..)]`"
)]
pub trait IntoHandler<M>: Sized {
    /// The type of the value on success.
    type Success;

    #[doc(hidden)]
    fn into_handler(self) -> Box<dyn Handler>;
}

/// A closure or function that can be a success callback: it takes nothing, or the value of the
/// handler and then types that implement [`FromEmission`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a success callback",
    label = "not a success callback",
    note = "a success callback takes nothing, or the value of the handler by value, then `Context`, `State<T>` and the like"
)]
pub trait IntoSuccessCallback<M>: Sized {
    /// What the handler has to succeed with: a [`Wants`], or [`Whatever`].
    type Wanted;

    #[doc(hidden)]
    fn into_success_callback(self) -> Box<dyn SuccessCallback>;
}

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

/// A callback that wants a value of type `S`.
#[derive(Debug)]
pub struct Wants<S>(PhantomData<fn(S)>);

/// A callback that takes any value, or none.
#[derive(Debug)]
pub struct Whatever;

/// Whether a handler that succeeds with `S` fits the success callback chosen before.
#[diagnostic::on_unimplemented(
    message = "the handler succeeds with `{S}`, which the success callback does not take",
    label = "succeeds with `{S}`",
    note = "the success callback takes `{Self}`"
)]
pub trait Accepts<S> {}

impl<S> Accepts<S> for Wants<S> {}
impl<S> Accepts<S> for Whatever {}

/// A function with the marker of its shape.
struct Shaped<F, M> {
    function: F,
    shape: PhantomData<fn(M)>,
}

impl<F, M> Shaped<F, M> {
    fn boxed(function: F) -> Box<Self> {
        Box::new(Self { function, shape: PhantomData })
    }
}

/// Markers of shapes; they only occur in inferred positions.
mod shape {
    use std::marker::PhantomData;

    #[derive(Debug)]
    pub struct Sync<A>(PhantomData<A>);
    #[derive(Debug)]
    pub struct Async<A>(PhantomData<A>);
    #[derive(Debug)]
    pub struct Borrowing<T, A>(PhantomData<(T, A)>);
    #[derive(Debug)]
    pub struct Every<A>(PhantomData<A>);
    #[derive(Debug)]
    pub struct Only<E, A>(PhantomData<(E, A)>);
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

macro_rules! functions {
    ($($($arg:ident)*;)+) => {$(
        impl<Fun, Ret, $($arg),*> IntoHandler<shape::Sync<($($arg,)*)>> for Fun
        where
            Fun: Fn($($arg),*) -> Ret + Send + Sync + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            type Success = Ret::Success;

            fn into_handler(self) -> Box<dyn Handler> {
                Shaped::<_, shape::Sync<($($arg,)*)>>::boxed(self)
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing")]
        impl<Fun, Ret, $($arg),*> Handler for Shaped<Fun, shape::Sync<($($arg,)*)>>
        where
            Fun: Fn($($arg),*) -> Ret + Send + Sync + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            fn handle<'a>(&'a self, context: &'a Context, keep: bool) -> Progress<'a, HandlerResult> {
                let run = || {
                    $(let $arg = $arg::from_emission(context)?;)*
                    keep_value((self.function)($($arg),*), keep)
                };
                Progress::Done(run())
            }
        }

        impl<Fun, Fut, $($arg),*> IntoHandler<shape::Async<($($arg,)*)>> for Fun
        where
            Fun: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: IntoResult> + Send + 'static,
            $($arg: FromEmission + Send + 'static,)*
        {
            type Success = <Fut::Output as IntoResult>::Success;

            fn into_handler(self) -> Box<dyn Handler> {
                Shaped::<_, shape::Async<($($arg,)*)>>::boxed(self)
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing")]
        impl<Fun, Fut, $($arg),*> Handler for Shaped<Fun, shape::Async<($($arg,)*)>>
        where
            Fun: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: IntoResult> + Send + 'static,
            $($arg: FromEmission + Send + 'static,)*
        {
            fn handle<'a>(&'a self, context: &'a Context, keep: bool) -> Progress<'a, HandlerResult> {
                Progress::pending(async move {
                    $(let $arg = $arg::from_emission(context)?;)*
                    keep_value((self.function)($($arg),*).await, keep)
                })
            }
        }

        impl<Fun, Obj, Ret, $($arg),*> IntoHandler<shape::Borrowing<Obj, ($($arg,)*)>> for Fun
        where
            Fun: Fn(&Obj, $($arg),*) -> Ret + Send + Sync + 'static,
            Obj: Send + Sync + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            type Success = Ret::Success;

            fn into_handler(self) -> Box<dyn Handler> {
                Shaped::<_, shape::Borrowing<Obj, ($($arg,)*)>>::boxed(self)
            }
        }

        impl<Fun, Obj, Ret, $($arg),*> Handler for Shaped<Fun, shape::Borrowing<Obj, ($($arg,)*)>>
        where
            Fun: Fn(&Obj, $($arg),*) -> Ret + Send + Sync + 'static,
            Obj: Send + Sync + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            fn handle<'a>(&'a self, context: &'a Context, keep: bool) -> Progress<'a, HandlerResult> {
                let run = || {
                    let object = crate::bind::Binder::new(context).borrow::<Obj>("")?;
                    $(let $arg = $arg::from_emission(context)?;)*
                    keep_value((self.function)(object, $($arg),*), keep)
                };
                Progress::Done(run())
            }
        }

        impl<Fun, Val, Ret, $($arg),*> IntoSuccessCallback<shape::Sync<(Val, $($arg,)*)>> for Fun
        where
            Fun: Fn(Val, $($arg),*) -> Ret + Send + Sync + 'static,
            Val: Send + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            type Wanted = Wants<Val>;

            fn into_success_callback(self) -> Box<dyn SuccessCallback> {
                Shaped::<_, shape::Sync<(Val, $($arg,)*)>>::boxed(self)
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing else")]
        impl<Fun, Val, Ret, $($arg),*> SuccessCallback for Shaped<Fun, shape::Sync<(Val, $($arg,)*)>>
        where
            Fun: Fn(Val, $($arg),*) -> Ret + Send + Sync + 'static,
            Val: Send + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            fn takes(&self) -> Takes {
                Takes::Value
            }

            fn answer<'a>(&'a self, context: &'a Context, value: &'a mut Option<Value>) -> Progress<'a, CallbackResult> {
                let mut run = || {
                    $(let $arg = $arg::from_emission(context)?;)*
                    drop((self.function)(take_value(value)?, $($arg),*).into_result()?);
                    Ok(())
                };
                Progress::Done(run())
            }
        }

        impl<Fun, Val, Fut, $($arg),*> IntoSuccessCallback<shape::Async<(Val, $($arg,)*)>> for Fun
        where
            Fun: Fn(Val, $($arg),*) -> Fut + Send + Sync + 'static,
            Val: Send + 'static,
            Fut: Future<Output: IntoResult> + Send + 'static,
            $($arg: FromEmission + Send + 'static,)*
        {
            type Wanted = Wants<Val>;

            fn into_success_callback(self) -> Box<dyn SuccessCallback> {
                Shaped::<_, shape::Async<(Val, $($arg,)*)>>::boxed(self)
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing else")]
        impl<Fun, Val, Fut, $($arg),*> SuccessCallback for Shaped<Fun, shape::Async<(Val, $($arg,)*)>>
        where
            Fun: Fn(Val, $($arg),*) -> Fut + Send + Sync + 'static,
            Val: Send + 'static,
            Fut: Future<Output: IntoResult> + Send + 'static,
            $($arg: FromEmission + Send + 'static,)*
        {
            fn takes(&self) -> Takes {
                Takes::Value
            }

            fn answer<'a>(&'a self, context: &'a Context, value: &'a mut Option<Value>) -> Progress<'a, CallbackResult> {
                Progress::pending(async move {
                    $(let $arg = $arg::from_emission(context)?;)*
                    drop((self.function)(take_value(value)?, $($arg),*).await.into_result()?);
                    Ok(())
                })
            }
        }

        failure_callbacks!(Every<($($arg,)*)>, [$($arg)*], anyhow::Error, every, []);
        failure_callbacks!(Only<Err, ($($arg,)*)>, [$($arg)*], Err, only::<Err>, [Err: StdError + Send + Sync + 'static]);
    )+};
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

functions! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }
async_failures! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }

impl<Fun, Ret> IntoSuccessCallback<shape::Sync<()>> for Fun
where
    Fun: Fn() -> Ret + Send + Sync + 'static,
    Ret: IntoResult + 'static,
{
    type Wanted = Whatever;

    fn into_success_callback(self) -> Box<dyn SuccessCallback> {
        Shaped::<_, shape::Sync<()>>::boxed(self)
    }
}

impl<Fun, Ret> SuccessCallback for Shaped<Fun, shape::Sync<()>>
where
    Fun: Fn() -> Ret + Send + Sync + 'static,
    Ret: IntoResult + 'static,
{
    fn takes(&self) -> Takes {
        Takes::Nothing
    }

    fn answer<'a>(&'a self, _: &'a Context, _: &'a mut Option<Value>) -> Progress<'a, CallbackResult> {
        Progress::Done((self.function)().into_result().map(drop))
    }
}

impl<Fun, Fut> IntoSuccessCallback<shape::Async<()>> for Fun
where
    Fun: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoResult> + Send + 'static,
{
    type Wanted = Whatever;

    fn into_success_callback(self) -> Box<dyn SuccessCallback> {
        Shaped::<_, shape::Async<()>>::boxed(self)
    }
}

impl<Fun, Fut> SuccessCallback for Shaped<Fun, shape::Async<()>>
where
    Fun: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoResult> + Send + 'static,
{
    fn takes(&self) -> Takes {
        Takes::Nothing
    }

    fn answer<'a>(&'a self, _: &'a Context, _: &'a mut Option<Value>) -> Progress<'a, CallbackResult> {
        Progress::pending(async move { (self.function)().await.into_result().map(drop) })
    }
}

/// The error itself: such a callback answers every failure.
#[expect(clippy::unnecessary_wraps, reason = "the twin of `only`")]
fn every(error: &anyhow::Error) -> Option<&anyhow::Error> {
    Some(error)
}

/// The error where it is an `E`.
fn only<E: StdError + Send + Sync + 'static>(error: &anyhow::Error) -> Option<&E> {
    error.downcast_ref()
}

/// Takes the value of the handler; its type was checked when the callback was attached.
pub(crate) fn take_value<T: 'static>(value: &mut Option<Value>) -> Result<T, anyhow::Error> {
    match value.take().ok_or_else(value_is_gone)?.downcast::<T>() {
        Ok(taken) => Ok(*taken),
        Err(other) => {
            *value = Some(other);
            Err(anyhow::anyhow!("the value of the handler is not a `{}`", std::any::type_name::<T>()))
        }
    }
}
