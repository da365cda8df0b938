//! The identity of a kind of event: what a subscription names and an emission is looked up by.

use std::any::TypeId;
use std::error::Error as StdError;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::event::{Event, Slot, short_type_name};

/// The name of an event, cheap to clone.
#[derive(Clone)]
pub(crate) enum EventName {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Deref for EventName {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Static(name) => name,
            Self::Shared(name) => name,
        }
    }
}

impl std::borrow::Borrow<str> for EventName {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for EventName {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for EventName {}

impl Hash for EventName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// What a handler answers: one text, one type of event or of error, or all of a kind.
///
/// | key | in an attribute | answers |
/// |---|---|---|
/// | [`EventKey::text`] | `"text"` | the text event of that name, and typed events that bear it |
/// | [`EventKey::event`] | `Type` | events of that type, and the bare text of its name |
/// | [`EventKey::error`] | `error(Type)` | errors of that type |
/// | [`EventKey::ANY`] | `..` | everything |
/// | [`EventKey::ANY_EVENT`] | `event(..)` | everything that is not an error |
/// | [`EventKey::ANY_ERROR`] | `error(..)` | every error |
///
/// # Examples
///
/// ```
/// use pyventus_core::EventKey;
///
/// assert_eq!(EventKey::text("order.placed")?, EventKey::text(String::from("order.placed"))?);
/// assert!(EventKey::text("").is_err());
/// # Ok::<(), pyventus_core::EmptyEventName>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EventKey(pub(crate) KeyKind);

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum KeyKind {
    Text(EventName),
    Event(EventType),
    Error(ErrorType),
    Any,
    AnyEvent,
    AnyError,
}

impl KeyKind {
    /// The key of a type of error; a key is looked up by its type alone.
    pub(crate) fn error(id: TypeId) -> Self {
        Self::Error(ErrorType { id, name: || "" })
    }
}

impl From<KeyKind> for EventKey {
    fn from(kind: KeyKind) -> Self {
        Self(kind)
    }
}

/// A type of event; compared by type alone.
#[derive(Clone, Copy)]
pub(crate) struct EventType {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
}

/// A type of error; compared by type alone.
#[derive(Clone, Copy)]
pub(crate) struct ErrorType {
    pub(crate) id: TypeId,
    name: fn() -> &'static str,
}

macro_rules! compared_by_id {
    ($($ty:ty),+) => {$(
        impl PartialEq for $ty {
            fn eq(&self, other: &Self) -> bool {
                self.id == other.id
            }
        }

        impl Eq for $ty {}

        impl Hash for $ty {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.id.hash(state);
            }
        }
    )+};
}

compared_by_id!(EventType, ErrorType);

impl EventKey {
    /// Everything that is emitted.
    pub const ANY: Self = Self(KeyKind::Any);
    /// Everything that is emitted except errors.
    pub const ANY_EVENT: Self = Self(KeyKind::AnyEvent);
    /// Every error.
    pub const ANY_ERROR: Self = Self(KeyKind::AnyError);

    /// Returns the key of a text event. Matching is exact: no trimming, no patterns.
    ///
    /// # Errors
    ///
    /// The text is empty: an empty text names no event.
    pub fn text(name: impl Into<Arc<str>>) -> Result<Self, EmptyEventName> {
        let name = name.into();
        if name.is_empty() { Err(EmptyEventName) } else { Ok(Self(KeyKind::Text(EventName::Shared(name)))) }
    }

    /// Returns the key of a type of event.
    #[must_use]
    pub const fn event<T: Event>() -> Self {
        Self(KeyKind::Event(EventType { id: TypeId::of::<T>(), name: T::NAME }))
    }

    /// Returns the key of a type of error.
    #[must_use]
    pub const fn error<E: StdError + Send + Sync + 'static>() -> Self {
        Self(KeyKind::Error(ErrorType { id: TypeId::of::<E>(), name: short_type_name::<E> }))
    }

    /// The key of a text known at compile time; the macros refuse an empty one.
    #[doc(hidden)]
    #[must_use]
    pub const fn declared(name: &'static str) -> Self {
        Self(KeyKind::Text(EventName::Static(name)))
    }
}

/// Returns the key of a type of event: a short spelling of [`EventKey::event`].
#[must_use]
pub const fn key<T: Event>() -> EventKey {
    EventKey::event::<T>()
}

impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            KeyKind::Text(name) => write!(f, "{name:?}"),
            KeyKind::Event(ty) => f.write_str(ty.name),
            KeyKind::Error(ty) => write!(f, "error({})", (ty.name)()),
            KeyKind::Any => f.write_str(".."),
            KeyKind::AnyEvent => f.write_str("event(..)"),
            KeyKind::AnyError => f.write_str("error(..)"),
        }
    }
}

impl fmt::Debug for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventKey({self})")
    }
}

/// An empty text was used where the name of an event is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of an event is empty")]
pub struct EmptyEventName;

/// What was given does not name an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// A key is an empty text.
    #[error(transparent)]
    EmptyEventName(#[from] EmptyEventName),
    /// No key was given.
    #[error("no event is named")]
    NoEvents,
}

/// One or several keys: what [`EventLinker::subscribe`](crate::EventLinker::subscribe) takes.
///
/// A text, an [`EventKey`], or a tuple, an array, a slice or a vector of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name an event",
    label = "not a key",
    note = "a key is a text, `key::<Type>()`, `EventKey::error::<Type>()`, `EventKey::ANY`, or a tuple, array or slice of keys"
)]
pub trait IntoKeys {
    /// Appends the keys.
    ///
    /// # Errors
    ///
    /// A text is empty.
    fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName>;

    #[doc(hidden)]
    fn into_keys(self) -> Result<Keys, EmptyEventName>
    where
        Self: Sized,
    {
        let mut keys = Vec::new();
        self.append_to(&mut keys)?;
        Ok(Keys(SmallVec::from_vec(keys)))
    }
}

/// Several keys; most often it is one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Keys(SmallVec<[EventKey; 1]>);

impl Deref for Keys {
    type Target = [EventKey];

    fn deref(&self) -> &[EventKey] {
        &self.0
    }
}

/// Collects keys; there has to be at least one.
pub(crate) fn keys_of(keys: impl IntoKeys) -> Result<Keys, KeysError> {
    let keys = keys.into_keys()?;
    if keys.is_empty() { Err(KeysError::NoEvents) } else { Ok(keys) }
}

impl IntoKeys for EventKey {
    fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName> {
        keys.push(self);
        Ok(())
    }

    fn into_keys(self) -> Result<Keys, EmptyEventName> {
        Ok(Keys(SmallVec::from_buf([self])))
    }
}

impl IntoKeys for &str {
    fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName> {
        EventKey::text(self)?.append_to(keys)
    }

    fn into_keys(self) -> Result<Keys, EmptyEventName> {
        EventKey::text(self)?.into_keys()
    }
}

impl IntoKeys for String {
    fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName> {
        EventKey::text(self)?.append_to(keys)
    }
}

impl<K: IntoKeys, const N: usize> IntoKeys for [K; N] {
    fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName> {
        self.into_iter().try_for_each(|key| key.append_to(keys))
    }
}

impl<K: IntoKeys> IntoKeys for Vec<K> {
    fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName> {
        self.into_iter().try_for_each(|key| key.append_to(keys))
    }
}

impl IntoKeys for &EventKey {
    fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName> {
        self.clone().append_to(keys)
    }
}

impl<K: IntoKeys + Clone> IntoKeys for &[K] {
    fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName> {
        self.iter().try_for_each(|key| key.clone().append_to(keys))
    }
}

macro_rules! tuples_are_keys {
    ($($($key:ident)+;)+) => {$(
        impl<$($key: IntoKeys),+> IntoKeys for ($($key,)+) {
            #[expect(non_snake_case, reason = "the type parameters double as names of the members")]
            fn append_to(self, keys: &mut Vec<EventKey>) -> Result<(), EmptyEventName> {
                let ($($key,)+) = self;
                $($key.append_to(keys)?;)+
                Ok(())
            }
        }
    )+};
}

tuples_are_keys! {
    A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H;
}

/// What an emission is looked up by, borrowed so that looking up allocates nothing.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    Text(&'a str),
    Event { id: TypeId, name: &'static str, slot: Option<&'static Slot> },
    Error { id: TypeId, name: fn() -> &'static str },
}

impl Lookup<'_> {
    #[inline]
    pub(crate) fn event<T: Event>() -> Self {
        Self::Event { id: TypeId::of::<T>(), name: T::NAME, slot: T::slot() }
    }

    pub(crate) fn error<E: StdError + 'static>() -> Self {
        Self::Error { id: TypeId::of::<E>(), name: short_type_name::<E> }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Text(name) | Self::Event { name, .. } => name,
            Self::Error { name, .. } => name(),
        }
    }
}
