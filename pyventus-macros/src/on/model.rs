//! What `#[on(..)]` and `#[once(..)]` say.

use syn::{LitInt, LitStr, Path, Type};

use crate::path::Library;

/// How often a handler answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    Always,
    Once,
}

/// What the attributes of one handler say, taken together.
#[derive(Default)]
pub(crate) struct Declaration {
    pub(super) keys: Vec<Key>,
    pub(super) linker: Option<Path>,
    pub(super) priority: Option<Priority>,
    pub(super) before: Vec<Path>,
    pub(super) after: Vec<Path>,
    pub(super) library: Library,
}

/// One key.
pub(super) enum Key {
    Text(LitStr),
    Event(Type),
    Error(Type),
    Any,
    AnyEvent,
    AnyError,
}

impl Key {
    /// The type of the object that the key brings, where it brings one type only.
    pub(super) fn object(&self) -> Option<&Type> {
        match self {
            Self::Event(ty) | Self::Error(ty) => Some(ty),
            Self::Text(_) | Self::Any | Self::AnyEvent | Self::AnyError => None,
        }
    }
}

/// A whole number with its sign.
pub(super) struct Priority {
    pub(super) negative: bool,
    pub(super) value: LitInt,
}

impl Declaration {
    /// Whether every key brings an object of a known type, so that a `&T` can be checked.
    pub(super) fn is_typed(&self) -> bool {
        self.keys.iter().all(|key| key.object().is_some())
    }
}
