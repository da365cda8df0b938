//! Functions of the event object and of what can be taken from an emission, as handlers.
#![expect(non_snake_case, reason = "the type parameters double as names of the arguments")]

use std::future::{Future, ready};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::bind::{Binder, FromEmission};
use crate::error::BindError;
use crate::handler::{
    AsyncHandler, BoxFuture, Call, CallResult, Code, HandlerResult, Keep, Start, SyncHandler, Value, leave,
};
use crate::view::{Needs, View};

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
    fn into_handler(self) -> Closure;
}

/// A function as a handler, and what it needs.
pub struct Closure {
    pub(crate) code: Code,
    pub(crate) needs: Needs,
}

impl Closure {
    fn of_sync(handler: impl SyncHandler, needs: Needs) -> Self {
        Self { code: Code::Sync(Call::new(handler)), needs }
    }

    fn of_async(handler: impl AsyncHandler, needs: Needs) -> Self {
        Self { code: Code::Async(Start::new(handler)), needs }
    }
}

impl std::fmt::Debug for Closure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Closure").field("needs", &self.needs).finish_non_exhaustive()
    }
}

/// Leaves the value of a handler where a callback finds it.
#[inline]
fn keep_value<R: IntoResult>(returned: R, keep: Keep<'_>) -> CallResult {
    let value = returned.into_result()?;
    if let Some(kept) = keep {
        leave(kept, value);
    }
    Ok(())
}

pin_project! {
    /// The future of a handler, to its value.
    // A type of its own, since an `async` block would hold the future twice: as it was passed in, and as
    // it is polled.
    struct Handling<F> {
        #[pin]
        future: F,
        // Whether a callback wants the value.
        keep: bool,
    }
}

impl<F: Future<Output: IntoResult>> Future for Handling<F> {
    type Output = HandlerResult;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<HandlerResult> {
        let this = self.project();
        let result = ready!(this.future.poll(cx)).into_result();
        Poll::Ready(result.map(|value| this.keep.then(|| Box::new(value) as Value)))
    }
}

/// A handler whose parameters could not be bound.
#[cold]
fn unbound<'a>(error: BindError) -> BoxFuture<'a, HandlerResult> {
    Box::pin(ready(Err(error.into())))
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

            fn into_handler(self) -> Closure {
                Closure::of_sync(Shaped::<_, shape::Sync<($($arg,)*)>>::new(self), needs!($($arg)*))
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing")]
        impl<Fun, Ret, $($arg),*> SyncHandler for Shaped<Fun, shape::Sync<($($arg,)*)>>
        where
            Fun: Fn($($arg),*) -> Ret + Send + Sync + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            fn call(&self, view: &View<'_>, keep: Keep<'_>) -> CallResult {
                $(let $arg = $arg::from_view(view)?;)*
                keep_value((self.function)($($arg),*), keep)
            }
        }

        impl<Fun, Fut, $($arg),*> IntoHandler<shape::Async<($($arg,)*)>> for Fun
        where
            Fun: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: IntoResult> + Send + 'static,
            $($arg: FromEmission + Send + 'static,)*
        {
            type Success = <Fut::Output as IntoResult>::Success;

            fn into_handler(self) -> Closure {
                Closure::of_async(Shaped::<_, shape::Async<($($arg,)*)>>::new(self), needs!($($arg)*))
            }
        }

        #[allow(unused_variables, clippy::allow_attributes, reason = "a function may take nothing")]
        impl<Fun, Fut, $($arg),*> AsyncHandler for Shaped<Fun, shape::Async<($($arg,)*)>>
        where
            Fun: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: IntoResult> + Send + 'static,
            $($arg: FromEmission + Send + 'static,)*
        {
            fn start<'a>(&'a self, view: &'a View<'a>, keep: bool) -> BoxFuture<'a, HandlerResult> {
                // Bound before there is a future: what is bound moves into it once, and not twice.
                $(let $arg = match $arg::from_view(view) {
                    Ok(bound) => bound,
                    Err(error) => return unbound(error),
                };)*
                Box::pin(Handling { future: (self.function)($($arg),*), keep })
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

            fn into_handler(self) -> Closure {
                Closure::of_sync(Shaped::<_, shape::Borrowing<Obj, ($($arg,)*)>>::new(self), needs!($($arg)*))
            }
        }

        impl<Fun, Obj, Ret, $($arg),*> SyncHandler for Shaped<Fun, shape::Borrowing<Obj, ($($arg,)*)>>
        where
            Fun: Fn(&Obj, $($arg),*) -> Ret + Send + Sync + 'static,
            Obj: Send + Sync + 'static,
            Ret: IntoResult + 'static,
            $($arg: FromEmission + 'static,)*
        {
            fn call(&self, view: &View<'_>, keep: Keep<'_>) -> CallResult {
                let object = Binder::object::<Obj>(view)?;
                $(let $arg = $arg::from_view(view)?;)*
                keep_value((self.function)(object, $($arg),*), keep)
            }
        }
    )+};
}

handlers! { ; A1; A1 A2; A1 A2 A3; A1 A2 A3 A4; A1 A2 A3 A4 A5; A1 A2 A3 A4 A5 A6; }
