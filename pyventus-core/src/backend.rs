//! Where emissions run: the trait a backend implements.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "testing")]
use crate::args::Args;
use crate::capabilities::{BackendId, Capabilities};
use crate::emission::EventEmission;
#[cfg(feature = "testing")]
use crate::emitted::EmittedEvent;
use crate::event::short_type_name;

/// Where and when emissions run.
///
/// # Examples
///
/// A backend of one's own, over a list of background tasks:
///
/// ```
/// use std::pin::Pin;
/// use std::sync::Mutex;
///
/// use pyventus_core::{Backend, EventEmission, SubmitError};
///
/// #[derive(Default)]
/// struct RequestBackground {
///     tasks: Mutex<Vec<Pin<Box<dyn Future<Output = ()> + Send>>>>,
/// }
///
/// impl Backend for RequestBackground {
///     fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
///         self.tasks.lock().unwrap().push(Box::pin(emission.run()));
///         Ok(())
///     }
/// }
///
/// assert_eq!(RequestBackground::default().name(), "RequestBackground");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a backend",
    label = "cannot run emissions",
    note = "use `TokioBackend`, `InlineBackend`, or implement `pyventus::Backend`"
)]
pub trait Backend: Send + Sync + 'static {
    /// Takes over an emission; it is to be run exactly once.
    ///
    /// # Errors
    ///
    /// The backend cannot take the emission, and gives it back inside the error.
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError>;

    /// Returns the name of the backend; that of its type, unless it says otherwise.
    fn name(&self) -> &str {
        short_type_name::<Self>()
    }

    /// Returns what the backend promises beyond this contract; nothing, unless it says otherwise.
    ///
    /// It is asked once, when an emitter is made.
    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE
    }

    /// Returns which backend it is: clones that are one backend return the same.
    ///
    /// Unless it says otherwise, each value is a backend of its own, and an `Arc` of it is the
    /// same.
    fn id(&self) -> BackendId {
        BackendId::of(self)
    }

    /// Whether it does nothing but to run handlers on the caller's stack: then an emitter does that
    /// by itself, without an emission.
    #[doc(hidden)]
    fn runs_in_place(&self) -> bool {
        false
    }

    /// Returns who records the events that no handler answers, which are never submitted.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    fn witness(&self) -> Option<&dyn Witness> {
        None
    }
}

/// Records the events that no handler answers.
#[cfg(feature = "testing")]
pub trait Witness {
    /// An event was emitted, and no handler answers it.
    fn unanswered(&self, event: EmittedEvent, args: Option<Arc<Args>>);
}

impl<B: Backend + ?Sized> Backend for Arc<B> {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        (**self).submit(emission)
    }

    fn name(&self) -> &str {
        (**self).name()
    }

    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn id(&self) -> BackendId {
        (**self).id()
    }

    fn runs_in_place(&self) -> bool {
        (**self).runs_in_place()
    }

    #[cfg(feature = "testing")]
    fn witness(&self) -> Option<&dyn Witness> {
        (**self).witness()
    }
}

/// A backend did not take an emission; none of its handlers ran.
pub struct SubmitError {
    emission: Option<EventEmission>,
    reason: anyhow::Error,
}

impl SubmitError {
    /// Refuses an emission and gives it back.
    pub fn refused(emission: EventEmission, reason: impl Into<anyhow::Error>) -> Self {
        Self { emission: Some(emission), reason: reason.into() }
    }

    /// Refuses an emission that cannot be given back.
    pub fn lost(reason: impl Into<anyhow::Error>) -> Self {
        Self { emission: None, reason: reason.into() }
    }

    /// The emission, where it is given back.
    pub(crate) fn emission_mut(&mut self) -> Option<&mut EventEmission> {
        self.emission.as_mut()
    }

    /// Returns why the emission was not taken.
    #[must_use]
    pub fn reason(&self) -> &anyhow::Error {
        &self.reason
    }

    /// Returns the emission, to be run elsewhere; its one-time handlers are already claimed for
    /// it.
    #[must_use]
    pub fn into_emission(self) -> Option<EventEmission> {
        self.emission
    }
}

impl fmt::Debug for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitError").field("emission", &self.emission).field("reason", &self.reason).finish()
    }
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the backend did not take the emission")
    }
}

impl std::error::Error for SubmitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.reason)
    }
}
