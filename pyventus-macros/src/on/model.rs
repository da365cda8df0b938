//! What `#[on(..)]` and `#[once(..)]` say.

use std::time::Duration;

use syn::{LitStr, Path, Type};

use crate::path::Library;

/// How often a handler answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    Always,
    Once,
}

/// What the attributes of one handler say, taken together.
pub(crate) struct Declaration {
    pub(super) keys: Vec<Key>,
    pub(super) linker: Option<Path>,
    pub(super) priority: i32,
    pub(super) blocking: bool,
    pub(super) before: Vec<Path>,
    pub(super) after: Vec<Path>,
    pub(super) retry: Option<Retry>,
    pub(super) timeout: Option<Duration>,
    /// Where the library is found; `None` where the attribute says it and is refused.
    pub(super) library: Option<Library>,
}

/// How often a handler is tried; what is absent is up to the library.
pub(crate) struct Retry {
    pub(super) attempts: u32,
    pub(super) first: Option<Duration>,
    pub(super) max: Option<Duration>,
    pub(super) factor: Option<u32>,
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

impl Default for Declaration {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            linker: None,
            priority: 0,
            blocking: false,
            before: Vec::new(),
            after: Vec::new(),
            retry: None,
            timeout: None,
            library: Some(Library::default()),
        }
    }
}

impl Declaration {
    /// Whether every key brings an object of a known type, so that a `&T` can be checked.
    pub(super) fn is_typed(&self) -> bool {
        self.keys.iter().all(|key| key.object().is_some())
    }
}
