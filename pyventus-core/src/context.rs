//! What a handler may know of the emission it runs in.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use uuid::Uuid;

use crate::args::Args;
use crate::capabilities::BackendId;
use crate::emitted::{Carrier, DynError, EmittedEvent};
use crate::states::States;

/// The identity of an emission: a UUID of version 7, sortable by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmissionId(Uuid);

impl EmissionId {
    /// Returns the identity with those bytes, as [`as_bytes`](Self::as_bytes) gave them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Returns the sixteen bytes of the identity.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for EmissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for EmissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmissionId({})", self.0)
    }
}

/// What a handler may know of the emission it runs in, and how it emits further events.
///
/// Take it as a parameter of a handler or of a callback; it is cheap to clone and may outlive the
/// emission. Its emitter and its linker are reached by `emitter()` and `linker()`.
///
/// # Examples
///
/// ```
/// use pyventus_core::{Context, EventEmitter, EventLinker, InlineBackend};
///
/// let linker = EventLinker::new();
/// linker.subscribe("order.placed").handler(|context: Context| {
///     context.emitter().emit("order.shipped");
/// })?;
/// linker.subscribe("order.shipped").handler(|context: Context| {
///     assert_eq!(context.event_name(), "order.shipped");
/// })?;
///
/// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
/// assert_eq!(emitter.emit("order.placed").wait()?.succeeded(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Context {
    pub(crate) event: EmittedEvent,
    pub(crate) args: Option<Arc<Args>>,
    pub(crate) id: EmissionId,
    pub(crate) timestamp: SystemTime,
    pub(crate) attempt: u32,
    pub(crate) source: Arc<dyn Source>,
}

/// The emitter behind a context, as far as a context knows it.
pub(crate) trait Source: Any + Send + Sync {
    fn states(&self) -> &States;
    fn debug(&self) -> bool;
    /// Whether it is measured how long handlers take.
    fn timed(&self) -> bool;
    fn backend(&self) -> BackendId;
}

/// Which emission it is, and when the event was emitted.
///
/// Both cost more than all the rest of an emission: they are made when somebody asks, and at once
/// where a handler was chosen that can ask.
#[derive(Default)]
pub(crate) struct Identity(OnceLock<(EmissionId, SystemTime)>);

impl From<(EmissionId, SystemTime)> for Identity {
    fn from(known: (EmissionId, SystemTime)) -> Self {
        Self(OnceLock::from(known))
    }
}

impl Identity {
    pub(crate) fn get(&self) -> (EmissionId, SystemTime) {
        *self.0.get_or_init(|| (EmissionId(Uuid::now_v7()), SystemTime::now()))
    }
}

impl Context {
    /// Returns the identity of the emission.
    #[must_use]
    pub fn id(&self) -> EmissionId {
        self.id
    }

    /// Returns the name of the event: the text, the name of the event type, or the bare name of
    /// the error type.
    #[must_use]
    pub fn event_name(&self) -> &str {
        &self.event.name
    }

    /// Returns when the event was emitted.
    #[must_use]
    pub fn timestamp(&self) -> SystemTime {
        self.timestamp
    }

    /// Returns which attempt of the handler this is; the first is 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns the event object or the error, if the emission carries one of that type.
    #[must_use]
    pub fn object<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.event.object()?.downcast_ref()
    }

    /// Returns the shared event object or error, if the emission carries one of that type.
    #[must_use]
    pub fn shared_object<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.event.share()?.downcast().ok()
    }

    /// Returns the emitted error, whatever its type, if the emission carries one.
    #[must_use]
    pub fn error(&self) -> Option<&DynError> {
        self.event.as_error()
    }

    /// Returns the arguments of the emission.
    #[must_use]
    pub fn args(&self) -> &Args {
        static NONE: Args = Args::new();
        self.args.as_deref().unwrap_or(&NONE)
    }

    /// Returns the value of that type that the emitter was given with `.state(..)`.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.source.states().get()
    }
}

impl fmt::Debug for Context {
    /// Shows what identifies the emission, never its payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("id", &self.id)
            .field("event", &self.event.name)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}
