//! Functions of the value of a handler, as success callbacks.
#![expect(non_snake_case, reason = "the type parameters double as names of the arguments")]

use std::future::Future;
use std::marker::PhantomData;

use crate::bind::FromEmission;
use crate::callback::{CallbackResult, SuccessCallback, Takes, value_is_gone};
use crate::handler::{Progress, Value};
use crate::view::{Needs, View};

use super::{IntoResult, Shaped, shape};

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

/// A callback that wants a value of type `S`.
#[derive(Debug)]
pub struct Wants<S>(PhantomData<fn(S)>);

/// A callback that takes any value, or none.
#[derive(Debug)]
pub struct Whatever;

/// Whether a handler that succeeds with `Self` fits the success callback chosen before.
#[diagnostic::on_unimplemented(
    message = "the handler succeeds with `{Self}`, which the success callback does not take",
    label = "succeeds with `{Self}`",
    note = "the success callback takes `{W}`"
)]
pub trait AcceptedBy<W> {}

#[diagnostic::do_not_recommend]
impl<S> AcceptedBy<Wants<S>> for S {}
#[diagnostic::do_not_recommend]
impl<S> AcceptedBy<Whatever> for S {}

macro_rules! success_callbacks {
    ($($($arg:ident)*;)+) => {$(
        impl<Fun, Val, Ret, $($arg),*> IntoSuccessCallback<shape::Sync<(Val, $($arg,)*)>> for Fun
        where
            Fun: Fn(Val, $($arg),*) -> Ret + Send + Sync + 'static,
            Val: Send + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            type Wanted = Wants<Val>;

            fn into_success_callback(self) -> Box<dyn SuccessCallback> {
                Box::new(Shaped::<_, shape::Sync<(Val, $($arg,)*)>>::new(self))
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

            fn needs(&self) -> Needs {
                needs!($($arg)*)
            }

            fn answer<'a>(&'a self, view: &'a View<'a>, value: &'a mut Option<Value>) -> Progress<'a, CallbackResult> {
                let mut run = || {
                    $(let $arg = $arg::from_view(view)?;)*
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
                Box::new(Shaped::<_, shape::Async<(Val, $($arg,)*)>>::new(self))
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

            fn needs(&self) -> Needs {
                needs!($($arg)*)
            }

            fn answer<'a>(&'a self, view: &'a View<'a>, value: &'a mut Option<Value>) -> Progress<'a, CallbackResult> {
                Progress::pending(async move {
                    $(let $arg = $arg::from_view(view)?;)*
                    drop((self.function)(take_value(value)?, $($arg),*).await.into_result()?);
                    Ok(())
                })
            }
        }
    )+};
}

success_callbacks! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }

impl<Fun, Ret> IntoSuccessCallback<shape::Sync<()>> for Fun
where
    Fun: Fn() -> Ret + Send + Sync + 'static,
    Ret: IntoResult + 'static,
{
    type Wanted = Whatever;

    fn into_success_callback(self) -> Box<dyn SuccessCallback> {
        Box::new(Shaped::<_, shape::Sync<()>>::new(self))
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

    fn needs(&self) -> Needs {
        Needs::Borrows
    }

    fn answer<'a>(&'a self, _: &'a View<'a>, _: &'a mut Option<Value>) -> Progress<'a, CallbackResult> {
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
        Box::new(Shaped::<_, shape::Async<()>>::new(self))
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

    fn needs(&self) -> Needs {
        Needs::Borrows
    }

    fn answer<'a>(&'a self, _: &'a View<'a>, _: &'a mut Option<Value>) -> Progress<'a, CallbackResult> {
        Progress::pending(async move { (self.function)().await.into_result().map(drop) })
    }
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
