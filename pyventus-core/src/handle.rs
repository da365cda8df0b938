//! What `emit` returns: ignored, awaited, or waited for.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::backend::SubmitError;
use crate::capabilities::{BackendId, Capabilities, Capability};
use crate::emission::within::{self, Handled};
use crate::emission::{Awaited, NoReply, Reply};
use crate::key::{EmptyEventName, EventName};
use crate::outcome::EmissionReport;
use crate::registry::Chosen;

/// An emission did not come to a report.
///
/// The failure of a handler is no such error: it is an outcome in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The text is empty; nothing was looked up.
    #[error(transparent)]
    EmptyEventName(#[from] EmptyEventName),
    /// An argument could not be turned into a serde value; nothing was looked up.
    #[error("the arguments of the event {event:?} cannot be passed on: {reason}")]
    #[non_exhaustive]
    Arguments {
        /// The name of the event.
        event: String,
        /// Which argument, and what serde said.
        reason: String,
    },
    /// The backend did not take the emission.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The emission was dropped before all of its handlers had ended.
    #[error("the emission was cancelled before all of its handlers had ended")]
    Cancelled,
    /// A handler waits for what it emitted, which its backend runs after the handler has ended, or
    /// on the thread that the handler blocks.
    #[error(
        "the handler of {within:?} cannot wait here for {event:?}, which may have to wait for that \
         handler: {}", advice(*.blocking)
    )]
    #[non_exhaustive]
    WouldDeadlock {
        /// The name of the event that is waited for.
        event: String,
        /// The name of the event whose handler waits.
        within: String,
        /// Whether the handler blocks the thread.
        blocking: bool,
    },
}

fn advice(blocking: bool) -> &'static str {
    if blocking {
        "`.await` the handle, or declare the handler `blocking` where the backend moves such handlers"
    } else {
        "ignore the handle, await it in a task of its own, or use a backend with the capability `AwaitsNested`"
    }
}

/// What became of an emission.
///
/// Ignore it, and an error of the hand-over is logged. Await it, or [`wait`](Self::wait) for it
/// in synchronous code, to get the report of all handlers. Dropping it cancels nothing.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker, InlineBackend};
///
/// let linker = EventLinker::new();
/// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
///
/// emitter.emit("nobody answers");
/// let report = emitter.emit("nobody answers").wait()?;
/// assert!(report.outcomes().is_empty());
///
/// assert!(emitter.emit("").wait().is_err());
/// # Ok::<(), pyventus_core::EmitError>(())
/// ```
pub struct EmissionHandle {
    state: State,
}

enum State {
    Pending(Pending),
    /// All of the handlers succeeded.
    Succeeded(Chosen),
    Ended(EmissionReport),
    Unanswered,
    Refused(Box<Refused>),
    Taken,
}

/// An emission that did not come to the backend, or did not stay there.
struct Refused {
    event: String,
    error: EmitError,
}

/// An emission that the backend took.
struct Pending {
    awaited: Awaited,
    event: EventName,
    backend: BackendId,
    capabilities: Capabilities,
}

impl Pending {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<EmissionReport, EmitError>> {
        if let Poll::Ready(reply) = self.awaited.poll(cx) {
            return Poll::Ready(heard(reply));
        }
        if let Some(handled) = within::handled(self.backend)
            && self.is_late(&handled)
        {
            return Poll::Ready(Err(self.would_deadlock(handled.event, false)));
        }
        Poll::Pending
    }

    /// Blocks the thread, unless it is the one that the emission needs.
    fn wait(mut self) -> Result<EmissionReport, EmitError> {
        // Most have ended by then that are waited for one after the other.
        if let Some(reply) = self.awaited.look() {
            return heard(reply);
        }
        if let Some(handled) = within::handled(self.backend) {
            if !handled.may_block {
                return Err(self.would_deadlock(handled.event, true));
            }
            if self.is_late(&handled) {
                return Err(self.would_deadlock(handled.event, false));
            }
        }
        heard(self.awaited.wait())
    }

    /// Whether it runs after the code that handles an event of the same backend.
    fn is_late(&self, handled: &Handled) -> bool {
        handled.comes_first || !self.capabilities.has(Capability::AwaitsNested)
    }

    fn would_deadlock(&self, within: String, blocking: bool) -> EmitError {
        EmitError::WouldDeadlock { event: self.event.to_string(), within, blocking }
    }
}

/// What is heard of an emission that the backend took.
fn heard(reply: Result<Reply, NoReply>) -> Result<EmissionReport, EmitError> {
    match reply {
        Ok(reply) => reply.map_err(|lost| SubmitError::lost(lost.hear()).into()),
        Err(NoReply) => Err(EmitError::Cancelled),
    }
}

impl EmissionHandle {
    pub(crate) fn pending(
        awaited: Awaited,
        event: EventName,
        backend: BackendId,
        capabilities: Capabilities,
    ) -> Self {
        Self { state: State::Pending(Pending { awaited, event, backend, capabilities }) }
    }

    /// Every handler has succeeded.
    #[inline]
    pub(crate) const fn succeeded(chosen: Chosen) -> Self {
        Self { state: State::Succeeded(chosen) }
    }

    /// Every handler has ended.
    pub(crate) const fn ended(report: EmissionReport) -> Self {
        Self { state: State::Ended(report) }
    }

    /// Nobody answers the event.
    pub(crate) const fn unanswered() -> Self {
        Self { state: State::Unanswered }
    }

    pub(crate) fn refused(event: &str, error: impl Into<EmitError>) -> Self {
        let refused = Refused { event: event.to_owned(), error: error.into() };
        Self { state: State::Refused(Box::new(refused)) }
    }

    /// Blocks the thread until every handler has ended.
    ///
    /// In asynchronous code, `.await` the handle instead: a blocked thread of a runtime may be the
    /// very one that the handlers need.
    ///
    /// # Errors
    ///
    /// The emission was not taken by the backend, or was cancelled; or it is waited for by a handler
    /// of the same backend, on the thread that polls the handler.
    ///
    /// # Panics
    ///
    /// The handle was polled to its end before.
    pub fn wait(mut self) -> Result<EmissionReport, EmitError> {
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Pending(pending) => pending.wait(),
            state => state.into_result(),
        }
    }
}

impl State {
    /// The result of what does not have to be waited for.
    fn into_result(self) -> Result<EmissionReport, EmitError> {
        match self {
            Self::Succeeded(chosen) => Ok(EmissionReport::of_successes(Arc::clone(chosen.origins()))),
            Self::Ended(report) => Ok(report),
            Self::Unanswered => Ok(EmissionReport::default()),
            Self::Refused(refused) => Err(refused.error),
            Self::Pending(_) | Self::Taken => panic!("an `EmissionHandle` was used after it was ready"),
        }
    }
}

impl Future for EmissionHandle {
    type Output = Result<EmissionReport, EmitError>;

    /// # Panics
    ///
    /// The handle is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Pending(pending) = &mut self.state {
            let result = ready!(pending.poll(cx));
            self.state = State::Taken;
            return Poll::Ready(result);
        }
        Poll::Ready(std::mem::replace(&mut self.state, State::Taken).into_result())
    }
}

impl Drop for EmissionHandle {
    #[inline]
    fn drop(&mut self) {
        if let State::Refused(refused) = &self.state {
            refused.log();
        }
    }
}

impl Refused {
    #[cold]
    fn log(&self) {
        let Self { event, error } = self;
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        tracing::error!(target: "pyventus", source = "EventEmitter", event, "the event was not emitted: {error}{cause}");
    }
}

impl fmt::Debug for EmissionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Pending(_) => "EmissionHandle(pending)",
            State::Succeeded(_) | State::Ended(_) => "EmissionHandle(ended)",
            State::Unanswered => "EmissionHandle(unanswered)",
            State::Refused(_) => "EmissionHandle(refused)",
            State::Taken => "EmissionHandle(taken)",
        })
    }
}
