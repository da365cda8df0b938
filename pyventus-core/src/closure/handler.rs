//! Functions of the event object and of what can be taken from an emission, as handlers.
#![expect(non_snake_case, reason = "the type parameters double as names of the arguments")]

use std::future::Future;

use crate::bind::{Binder, FromEmission};
use crate::context::Context;
use crate::handler::{Handler, HandlerResult, Progress, Value};

use super::{IntoResult, Shaped, shape};

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

fn keep_value<R: IntoResult>(returned: R, keep: bool) -> HandlerResult {
    returned.into_result().map(|value| keep.then(|| Box::new(value) as Value))
}

macro_rules! handlers {
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
                    let object = Binder::new(context).borrow::<Obj>("")?;
                    $(let $arg = $arg::from_emission(context)?;)*
                    keep_value((self.function)(object, $($arg),*), keep)
                };
                Progress::Done(run())
            }
        }
    )+};
}

handlers! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }
