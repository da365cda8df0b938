//! Which emission the code of a thread runs in.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::capabilities::BackendId;
#[cfg(feature = "testing")]
use crate::context::EmissionId;
use crate::key::EventName;
use crate::offload::{BlockingJob, Offload};
use crate::view::Parts;

use super::EventEmission;
use super::nested::Nesting;

thread_local! {
    static WITHIN: RefCell<Option<Within>> = const { RefCell::new(None) };
}

/// The emission that code runs in, as what is emitted by that code sees it.
pub(crate) struct Within {
    pub(super) backend: BackendId,
    pub(super) event: EventName,
    /// Absent for code that is none of an emission.
    #[cfg(feature = "testing")]
    emission: Option<EmissionId>,
    pub(super) nesting: Nesting,
    /// Whether the thread is one that may block, and not the one that polls the emission.
    may_block: bool,
    /// Whether emissions of the backend run when the code has ended, and not before.
    comes_first: bool,
}

impl Within {
    pub(crate) fn new(parts: &Parts, nesting: Nesting) -> Self {
        Self {
            backend: parts.source.backend(),
            event: parts.event.name.clone(),
            #[cfg(feature = "testing")]
            emission: Some(parts.identity.get().0),
            nesting,
            may_block: false,
            comes_first: false,
        }
    }

    fn before(backend: BackendId, code: Arc<str>) -> Self {
        Self {
            backend,
            event: EventName::Shared(code),
            #[cfg(feature = "testing")]
            emission: None,
            nesting: Nesting::Refused,
            may_block: false,
            comes_first: true,
        }
    }

    /// The same for code that runs on another thread, beside this one.
    fn share(&mut self) -> Self {
        Self {
            backend: self.backend,
            event: self.event.clone(),
            #[cfg(feature = "testing")]
            emission: self.emission,
            nesting: self.nesting.share(),
            may_block: self.may_block,
            comes_first: self.comes_first,
        }
    }

    /// Polls a future as code of this emission.
    pub(crate) fn scope<F>(self, future: F) -> Scoped<F> {
        Scoped { future, within: Some(self) }
    }

    /// Runs code of this emission; returns what has become of it, too.
    pub(super) fn enter<T>(self, code: impl FnOnce() -> T) -> (Self, T) {
        let mut within = Some(self);
        let entered = Entered::new(&mut within);
        let value = code();
        drop(entered);
        (within.expect("what was entered is left"), value)
    }

    /// Runs a job on a thread that may block, as code of this emission.
    fn run_blocking(self, job: BlockingJob) {
        let (_within, ()) = Self { may_block: true, ..self }.enter(job);
    }
}

pin_project! {
    /// A future whose code is known to those who wait in it for emissions; see
    /// [`EventEmission::before`].
    // A type of its own, since an `async` block would hold the future twice: as it was passed in, and as
    // it is polled.
    pub struct Scoped<F> {
        #[pin]
        future: F,
        // Absent while the future is polled.
        within: Option<Within>,
    }
}

impl<F> std::fmt::Debug for Scoped<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scoped").finish_non_exhaustive()
    }
}

impl<F> Scoped<F> {
    /// Where what was emitted within it is; known while the future is not polled.
    pub(super) fn nesting(self: Pin<&mut Self>) -> Option<&Nesting> {
        self.project().within.as_ref().map(|within| &within.nesting)
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = Entered::new(this.within);
        this.future.poll(cx)
    }
}

/// The time during which a thread runs code of an emission.
///
/// What the thread ran before and what it runs now change places, there and back.
struct Entered<'a>(&'a mut Option<Within>);

impl<'a> Entered<'a> {
    fn new(within: &'a mut Option<Within>) -> Self {
        swap(within);
        Self(within)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        swap(self.0);
    }
}

fn swap(within: &mut Option<Within>) {
    // A thread that ends runs no further code of emissions.
    let _ended = WITHIN.try_with(|current| std::mem::swap(&mut *current.borrow_mut(), within));
}

/// Reads what the calling code runs in, if it is an emission of that backend.
pub(super) fn find<T>(backend: BackendId, read: impl FnOnce(&mut Within) -> T) -> Option<T> {
    let found = WITHIN.try_with(|within| match &mut *within.borrow_mut() {
        Some(within) if within.backend == backend => Some(read(within)),
        _ => None,
    });
    found.ok().flatten()
}

/// Code that handles an event of a backend, as far as it may wait for others.
pub(crate) struct Handled {
    pub(crate) event: String,
    /// Whether its thread may block.
    pub(crate) may_block: bool,
    /// Whether what it emits runs when it has ended, and not before.
    pub(crate) comes_first: bool,
}

/// The event of that backend which the calling code handles.
pub(crate) fn handled(backend: BackendId) -> Option<Handled> {
    find(backend, |within| Handled {
        event: within.event.to_string(),
        may_block: within.may_block,
        comes_first: within.comes_first,
    })
}

impl EventEmission {
    /// Polls a future, of which the emissions of a backend have to wait: such as one that makes a
    /// response, after which they are run. The name says what it is, as errors show it.
    ///
    /// Who waits in there for one of those emissions gets
    /// [`EmitError::WouldDeadlock`](crate::EmitError::WouldDeadlock), and does not wait for ever.
    pub fn before<F: Future>(backend: BackendId, name: impl Into<Arc<str>>, future: F) -> Scoped<F> {
        Within::before(backend, name.into()).scope(future)
    }
}

/// The emission of that backend which the calling code runs in.
#[cfg(feature = "testing")]
pub(crate) fn emission(backend: BackendId) -> Option<EmissionId> {
    find(backend, |within| within.emission).flatten()
}

/// Moves blocking handlers where another one moves them, as code of the emission that is polled.
pub(crate) struct Moved<O>(pub(crate) O);

impl<O: Offload> Offload for Moved<O> {
    fn offload(&self, job: BlockingJob) {
        let within = WITHIN.try_with(|within| within.borrow_mut().as_mut().map(Within::share));
        let within = within.ok().flatten();
        self.0.offload(match within {
            Some(within) => Box::new(move || within.run_blocking(job)),
            None => job,
        });
    }

    fn is_in_place(&self) -> bool {
        self.0.is_in_place()
    }
}
