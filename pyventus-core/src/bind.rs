//! How the parameters of a handler are bound to an emission.

use std::ops::Deref;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::args::Args;
use crate::context::Context;
use crate::emitted::{Carrier, DynError};
use crate::error::BindError;
use crate::event::short_type_name;
use crate::view::{Needs, View};

/// A type that a handler can take as a parameter by value.
///
/// [`Context`], [`State`] and `Arc<T>` of the event object are such types; implement it for your
/// own. A parameter whose type implements `serde::Deserialize` instead is an argument of the
/// emission; where a type is both, this trait wins.
///
/// # Errors
///
/// An error fails the handler that asked, through its failure callbacks, and no other.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from an emission",
    label = "not `Context`, `State<T>`, `Arc<T>` of the event object or a type that implements `FromEmission`",
    note = "a success callback takes the value first, as `T` or `&T`; a failure callback takes the error as `&anyhow::Error` or `&E`",
    note = "implement `pyventus::FromEmission` for a type of your own"
)]
pub trait FromEmission: Sized {
    /// Takes the value from the emission.
    ///
    /// # Errors
    ///
    /// The emission does not hold what is wanted.
    fn from_emission(context: &Context) -> Result<Self, BindError>;

    /// How much of the emission this takes.
    #[doc(hidden)]
    const NEEDS: Needs = Needs::Context;

    #[doc(hidden)]
    fn from_view(view: &View<'_>) -> Result<Self, BindError> {
        Self::from_emission(view.context())
    }
}

impl FromEmission for Context {
    fn from_emission(context: &Context) -> Result<Self, BindError> {
        Ok(context.clone())
    }
}

impl<T: Send + Sync + 'static> FromEmission for Arc<T> {
    fn from_emission(context: &Context) -> Result<Self, BindError> {
        context.shared_object().ok_or_else(|| no_object::<T>(&context.event))
    }

    const NEEDS: Needs = Needs::Object;

    #[inline]
    fn from_view(view: &View<'_>) -> Result<Self, BindError> {
        view.shared_object().ok_or_else(|| no_object::<T>(view.event))
    }
}

/// `None` where the emission carries no object of that type, for example when the event was
/// emitted by its bare name.
impl<T: Send + Sync + 'static> FromEmission for Option<Arc<T>> {
    fn from_emission(context: &Context) -> Result<Self, BindError> {
        Ok(context.shared_object())
    }

    const NEEDS: Needs = Needs::Object;

    fn from_view(view: &View<'_>) -> Result<Self, BindError> {
        Ok(view.shared_object())
    }
}

/// All arguments of the emission, for a handler that passes them on.
impl FromEmission for Args {
    fn from_emission(context: &Context) -> Result<Self, BindError> {
        Ok(context.args().clone())
    }

    const NEEDS: Needs = Needs::Borrows;

    fn from_view(view: &View<'_>) -> Result<Self, BindError> {
        Ok(view.args().clone())
    }
}

/// A value that the emitter was given with `.state(..)`: how a free function gets its database
/// pool.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker, InlineBackend, State};
///
/// struct Greeting(&'static str);
///
/// let linker = EventLinker::new();
/// linker.subscribe("greet").handler(|State(greeting): State<Greeting>| {
///     assert_eq!(greeting.0, "Hello");
/// })?;
///
/// let emitter =
///     EventEmitter::builder(InlineBackend::new()).linker(&linker).state(Greeting("Hello")).build();
/// assert_eq!(emitter.emit("greet").wait()?.succeeded(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct State<T>(pub Arc<T>);

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Send + Sync + 'static> FromEmission for State<T> {
    fn from_emission(context: &Context) -> Result<Self, BindError> {
        context.state().map(State).ok_or_else(no_state::<T>)
    }

    const NEEDS: Needs = Needs::Borrows;

    fn from_view(view: &View<'_>) -> Result<Self, BindError> {
        view.source.states().get().map(State).ok_or_else(no_state::<T>)
    }
}

/// What a handler can borrow from an emission: the event object, a text argument, or any error.
#[diagnostic::on_unimplemented(
    message = "a handler cannot borrow `{Self}` from an emission",
    label = "not an event object, `str` or `dyn Error`",
    note = "take `&T` of the event object, `&str` of a text argument, or the value itself"
)]
pub trait Borrowed {
    #[doc(hidden)]
    fn borrow_from<'a>(binder: &mut Binder<'a>, parameter: &'static str) -> Result<&'a Self, BindError>;

    /// As `borrow_from`, for what may be absent.
    #[doc(hidden)]
    fn borrow_optional_from<'a>(
        binder: &mut Binder<'a>,
        parameter: &'static str,
    ) -> Result<Option<&'a Self>, BindError> {
        Ok(Self::borrow_from(binder, parameter).ok())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> Borrowed for T {
    #[inline]
    fn borrow_from<'a>(binder: &mut Binder<'a>, _: &'static str) -> Result<&'a Self, BindError> {
        match binder.view.object() {
            Some(object) => Ok(object),
            None => Err(no_object::<T>(binder.view.event)),
        }
    }
}

impl Borrowed for str {
    fn borrow_from<'a>(binder: &mut Binder<'a>, parameter: &'static str) -> Result<&'a Self, BindError> {
        match binder.next(parameter) {
            Some(Value::String(text)) => Ok(text),
            Some(value) => Err(BindError::new("the argument as a text", kind_of(value))),
            None => Err(no_argument::<str>()),
        }
    }

    fn borrow_optional_from<'a>(
        binder: &mut Binder<'a>,
        parameter: &'static str,
    ) -> Result<Option<&'a Self>, BindError> {
        match binder.next(parameter) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(value) => Err(BindError::new("the argument as a text", kind_of(value))),
        }
    }
}

macro_rules! any_error_can_be_borrowed {
    ($($error:ty),+) => {$(
        impl Borrowed for $error {
            fn borrow_from<'a>(binder: &mut Binder<'a>, _: &'static str) -> Result<&'a Self, BindError> {
                match binder.view.event.as_error() {
                    Some(error) => Ok(error),
                    None => Err(BindError::new("an error", found_object(binder.view.event))),
                }
            }
        }
    )+};
}

any_error_can_be_borrowed!(DynError, dyn std::error::Error + Send + 'static, dyn std::error::Error + 'static);

/// Binds the parameters of one handler, one after the other.
#[derive(Debug)]
pub struct Binder<'a> {
    view: &'a View<'a>,
    positional: usize,
}

impl<'a> Binder<'a> {
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn new(view: &'a View<'a>) -> Self {
        Self { view, positional: 0 }
    }

    #[doc(hidden)]
    #[inline]
    pub fn borrow<T: Borrowed + ?Sized>(&mut self, parameter: &'static str) -> Result<&'a T, BindError> {
        T::borrow_from(self, parameter).map_err(|error| error.of_parameter(parameter))
    }

    /// As [`borrow`](Self::borrow) of an object whose type is known, on the shortest way.
    #[inline]
    pub(crate) fn object<T: Send + Sync + 'static>(view: &'a View<'a>) -> Result<&'a T, anyhow::Error> {
        match view.object() {
            Some(object) => Ok(object),
            None => Err(unbound::<T>(view)),
        }
    }

    #[doc(hidden)]
    pub fn borrow_optional<T: Borrowed + ?Sized>(
        &mut self,
        parameter: &'static str,
    ) -> Result<Option<&'a T>, BindError> {
        T::borrow_optional_from(self, parameter).map_err(|error| error.of_parameter(parameter))
    }

    #[doc(hidden)]
    pub fn take<P: Parameter<K>, K>(&mut self, _: K, parameter: &'static str) -> Result<P, BindError> {
        P::take_from(self, parameter).map_err(|error| error.of_parameter(parameter))
    }

    /// The argument of that name, else the next positional one.
    fn next(&mut self, parameter: &str) -> Option<&'a Value> {
        let args = self.view.args();
        args.named(parameter).or_else(|| {
            let value = args.positional().get(self.positional)?;
            self.positional += 1;
            Some(value)
        })
    }
}

/// A parameter by value, bound in the way `K`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler",
    label = "cannot be bound",
    note = "an argument implements `serde::Deserialize`; the event object is taken as `&T` or `Arc<T>`",
    note = "implement `pyventus::FromEmission` for a type of your own"
)]
pub trait Parameter<K>: Sized {
    #[doc(hidden)]
    fn take_from(binder: &mut Binder<'_>, parameter: &'static str) -> Result<Self, BindError>;
}

/// Bound by [`FromEmission`].
#[derive(Debug)]
pub struct ByEmission;
/// Bound to an argument that may be absent.
#[derive(Debug)]
pub struct ByOptionalArgument;
/// Bound to an argument.
#[derive(Debug)]
pub struct ByArgument;
/// Cannot be bound.
#[derive(Debug)]
pub struct ByNothing;

#[diagnostic::do_not_recommend]
impl<T: FromEmission> Parameter<ByEmission> for T {
    fn take_from(binder: &mut Binder<'_>, _: &'static str) -> Result<Self, BindError> {
        T::from_view(binder.view)
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Parameter<ByOptionalArgument> for Option<T> {
    fn take_from(binder: &mut Binder<'_>, parameter: &'static str) -> Result<Self, BindError> {
        match binder.next(parameter) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => deserialize(value).map(Some),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Parameter<ByArgument> for T {
    fn take_from(binder: &mut Binder<'_>, parameter: &'static str) -> Result<Self, BindError> {
        deserialize(binder.next(parameter).ok_or_else(no_argument::<T>)?)
    }
}

fn deserialize<T: DeserializeOwned>(value: &Value) -> Result<T, BindError> {
    T::deserialize(value).map_err(|error| {
        BindError::new(
            format!("the argument as `{}`", short_type_name::<T>()),
            format!("{} ({error})", kind_of(value)),
        )
    })
}

#[cold]
#[inline(never)]
fn unbound<T>(view: &View<'_>) -> anyhow::Error {
    no_object::<T>(view.event).of_parameter("").into()
}

#[cold]
fn no_object<T>(event: &dyn Carrier) -> BindError {
    BindError::new(format!("the event object `{}`", std::any::type_name::<T>()), found_object(event))
}

/// What an emission carries, for an error that says what was found.
fn found_object(event: &dyn Carrier) -> String {
    match event.type_name() {
        None => format!("the text event {:?} without an object", event.name()),
        Some(name) => format!("`{name}`"),
    }
}

fn no_state<T>() -> BindError {
    BindError::new(
        format!("the state `{}`", std::any::type_name::<T>()),
        "an emitter that was not given it: add `.state(..)` to its builder",
    )
}

fn no_argument<T: ?Sized>() -> BindError {
    BindError::new(
        format!("an argument `{}`", short_type_name::<T>()),
        "neither an argument of that name nor a further positional one",
    )
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
