//! Where a subscriber stands among the others.

use std::any::TypeId;

use crate::origin::Origin;

/// Where a subscriber stands among the others.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// Declared by an attribute.
    Declared(&'static Declaration),
    /// Subscribed at run time, after everything declared, in order.
    Subscribed(Origin),
}

/// Which handler an attribute declared, and where it wishes to stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declaration {
    pub(crate) origin: Origin,
    /// The type that the attribute left.
    pub(crate) handler: TypeId,
    /// Higher starts earlier.
    pub(crate) priority: i32,
    /// The handlers it starts before.
    pub(crate) before: &'static [TypeId],
    /// The handlers it starts after.
    pub(crate) after: &'static [TypeId],
}

impl Place {
    /// Where the handler was written.
    pub(crate) fn origin(self) -> Origin {
        match self {
            Self::Declared(declaration) => declaration.origin,
            Self::Subscribed(origin) => origin,
        }
    }

    /// What an attribute declared, if one did.
    pub(crate) fn declaration(self) -> Option<&'static Declaration> {
        match self {
            Self::Declared(declaration) => Some(declaration),
            Self::Subscribed(_) => None,
        }
    }

    /// Whether it is to start before or after others.
    pub(crate) fn has_wishes(self) -> bool {
        self.declaration().is_some_and(|declared| !declared.before.is_empty() || !declared.after.is_empty())
    }
}
