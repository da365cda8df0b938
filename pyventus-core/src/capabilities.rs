//! What a backend says of itself: its capabilities, and which one it is.

use std::fmt;

/// Something that one backend promises and another does not.
///
/// What is promised by every backend is not listed here: it is the contract of
/// [`Backend`](crate::Backend).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Emissions run one after the other, in the order they were submitted: each has ended before
    /// the next one starts.
    Ordered,
    /// A handler that waits holds up no emission of another thread.
    Isolated,
    /// A handler may await what it emits on the same backend. Elsewhere, awaiting it is
    /// [`EmitError::WouldDeadlock`](crate::EmitError::WouldDeadlock).
    AwaitsNested,
    /// Handlers that were declared `blocking` run on threads of their own, and hold up no other
    /// handler.
    Offloads,
    /// Handlers are chosen and run elsewhere. An event is handed over whoever answers it here; no
    /// handler is claimed; the handle resolves when the event was accepted, and its report has no
    /// outcomes.
    Elsewhere,
}

impl Capability {
    /// Every capability, in the order of this documentation.
    pub const ALL: [Self; 5] =
        [Self::Ordered, Self::Isolated, Self::AwaitsNested, Self::Offloads, Self::Elsewhere];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ordered => "ordered",
            Self::Isolated => "isolated",
            Self::AwaitsNested => "awaits nested",
            Self::Offloads => "offloads",
            Self::Elsewhere => "elsewhere",
        })
    }
}

/// What a backend promises beyond the contract of all backends.
///
/// A difference between backends is declared here, never discovered; the laws of the feature
/// `conformance` hold a backend to what it declares.
///
/// # Examples
///
/// ```
/// use pyventus_core::{Capabilities, Capability};
///
/// let capabilities = Capabilities::NONE.with(Capability::Ordered);
/// assert!(capabilities.has(Capability::Ordered));
/// assert!(!capabilities.has(Capability::Isolated));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities(u8);

impl Capabilities {
    /// Nothing beyond the contract.
    pub const NONE: Self = Self(0);

    /// Adds a capability.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | capability.bit())
    }

    /// Adds a capability where the backend has it.
    #[must_use]
    pub const fn with_if(self, capability: Capability, has: bool) -> Self {
        if has { self.with(capability) } else { self }
    }

    /// Returns whether the backend has a capability.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// Returns the capabilities that the backend has.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.into_iter().filter(move |capability| self.has(*capability))
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Which backend it is, among those that are alive.
///
/// Emissions of one backend that wait for one another are recognised by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BackendId(usize);

impl BackendId {
    /// The backend that a value stands for: its queue, say, that all of its clones share.
    ///
    /// It is told from others by its address; the value has to stay where it is.
    pub fn of<T: ?Sized>(shared: &T) -> Self {
        Self(std::ptr::from_ref(shared).addr())
    }
}

impl fmt::Debug for BackendId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackendId({:#x})", self.0)
    }
}
