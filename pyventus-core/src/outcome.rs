//! How a handler ended, and the report of all handlers of an emission.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::origin::Origin;

/// A handler or a callback panicked; the panic was caught and is a failure.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker, HandlerPanic, InlineBackend};
///
/// let linker = EventLinker::new();
/// linker
///     .subscribe("boom")
///     .on_failure(|error: &anyhow::Error| assert!(error.is::<HandlerPanic>()))
///     .handler(|| -> () { panic!("no more coffee") })?;
///
/// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
/// assert_eq!(emitter.emit("boom").wait()?.failed(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("the handler panicked: {message}")]
pub struct HandlerPanic {
    message: String,
}

impl HandlerPanic {
    pub(crate) fn new(payload: &(dyn Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<&str>()
            .map(|message| (*message).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a payload that is not a text".to_owned());
        Self { message }
    }

    /// Returns the message of the panic.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// How one handler of an emission ended.
pub struct Outcome {
    pub(crate) handler: Origin,
    pub(crate) error: Option<anyhow::Error>,
    pub(crate) elapsed: Option<Duration>,
    pub(crate) attempts: u32,
}

impl Outcome {
    fn of_success(handler: Origin) -> Self {
        Self { handler, error: None, elapsed: None, attempts: 1 }
    }

    pub(crate) fn of_attempt(
        handler: Origin,
        error: Option<anyhow::Error>,
        elapsed: Option<Duration>,
        attempts: u32,
    ) -> Self {
        Self { handler, error, elapsed, attempts }
    }

    /// Returns where the handler was written.
    #[must_use]
    pub fn handler(&self) -> &Origin {
        &self.handler
    }

    /// Returns whether the handler succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.error.is_none()
    }

    /// Returns whether the handler failed.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.error.is_some()
    }

    /// Returns the error that the handler failed with.
    #[must_use]
    pub fn error(&self) -> Option<&anyhow::Error> {
        self.error.as_ref()
    }

    /// Returns how long the handler took, its callbacks included, if its emitter measures that:
    /// see [`EventEmitterBuilder::timed`](crate::EventEmitterBuilder::timed).
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.elapsed
    }

    /// Returns how often the handler was run.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("handler", &format_args!("{}", self.handler))
            .field("error", &self.error)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}

/// How all handlers of an emission ended, in the order they were started.
#[derive(Default)]
pub struct EmissionReport {
    /// Where the handlers were written; absent where there are none, or where the outcomes say it.
    handlers: Option<Arc<[Origin]>>,
    /// Made when somebody looks, where every handler succeeded.
    outcomes: OnceLock<Vec<Outcome>>,
}

impl EmissionReport {
    /// The report of handlers that succeeded, of which nothing else is known.
    pub(crate) fn of_successes(handlers: Arc<[Origin]>) -> Self {
        Self { handlers: Some(handlers), outcomes: OnceLock::new() }
    }

    /// Returns how many handlers succeeded.
    #[must_use]
    pub fn succeeded(&self) -> usize {
        match self.outcomes.get() {
            Some(outcomes) => outcomes.iter().filter(|outcome| outcome.is_success()).count(),
            None => self.handlers().len(),
        }
    }

    /// Returns how many handlers failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.outcomes.get().map_or(0, |outcomes| outcomes.len() - self.succeeded())
    }

    /// Returns one outcome per handler, in the order the handlers were started.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        self.outcomes.get_or_init(|| self.handlers().iter().copied().map(Outcome::of_success).collect())
    }

    fn handlers(&self) -> &[Origin] {
        self.handlers.as_deref().unwrap_or_default()
    }
}

impl fmt::Debug for EmissionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmissionReport").field("outcomes", &self.outcomes()).finish()
    }
}

/// How the handlers of an emission ended, as far as there is anything to say: a handler that is not
/// mentioned succeeded.
#[derive(Debug, Default)]
pub(crate) struct Endings {
    failures: Vec<(usize, anyhow::Error)>,
    elapsed: Vec<(usize, Duration)>,
}

impl Endings {
    /// The handler in that place has ended.
    pub(crate) fn add(&mut self, index: usize, error: Option<anyhow::Error>, elapsed: Option<Duration>) {
        self.failures.extend(error.map(|error| (index, error)));
        self.elapsed.extend(elapsed.map(|elapsed| (index, elapsed)));
    }

    /// Whether every handler succeeded, and no time was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.failures.is_empty() && self.elapsed.is_empty()
    }

    /// Whether a handler failed.
    pub(crate) fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    /// One outcome for each of the handlers.
    pub(crate) fn report(self, handlers: &Arc<[Origin]>) -> EmissionReport {
        if self.is_empty() {
            return EmissionReport::of_successes(Arc::clone(handlers));
        }
        let mut outcomes: Vec<_> = handlers.iter().copied().map(Outcome::of_success).collect();
        for (index, error) in self.failures {
            outcomes[index].error = Some(error);
        }
        for (index, elapsed) in self.elapsed {
            outcomes[index].elapsed = Some(elapsed);
        }
        EmissionReport { handlers: None, outcomes: OnceLock::from(outcomes) }
    }
}
