//! Closures and functions as handlers and callbacks, for subscribing at run time.
//!
//! A type parameter `M` tells the shapes of functions apart; the compiler finds it.

/// The most that several parameters need.
macro_rules! needs {
    ($($arg:ident)*) => {
        [Needs::Borrows, $(<$arg as $crate::FromEmission>::NEEDS),*].into_iter().max().unwrap_or_default()
    };
}

mod handler;
mod success;
mod failure;

use std::marker::PhantomData;

pub use failure::IntoFailureCallback;
pub(crate) use handler::Closure;
pub use handler::IntoHandler;
pub(crate) use success::take_value;
pub use success::{AcceptedBy, IntoSuccessCallback, Wants, Whatever};

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

/// A function with the marker of its shape.
struct Shaped<F, M> {
    function: F,
    shape: PhantomData<fn(M)>,
}

impl<F, M> Shaped<F, M> {
    const fn new(function: F) -> Self {
        Self { function, shape: PhantomData }
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
    pub struct Every;
    #[derive(Debug)]
    pub struct Only;
}
