//! The spans of an emission and of its handlers: the time that they take, as others see it.
//!
//! There are none where nobody may see them. All that is measured by the feature `metrics` is measured
//! here, too: when a span begins, and when it ends.

mod outcome;

use std::fmt;

use tracing::Span;
use tracing::field::Empty;
use tracing::span::Entered;

use crate::context::Identity;
#[cfg(feature = "metrics")]
use crate::meter::{Clock, InFlight};
use crate::origin::Origin;

pub(crate) use outcome::{EmissionOutcome, HandlerOutcome};

/// A span of the level DEBUG, or of INFO where that is asked for.
macro_rules! span {
    ($loud:expr, $($rest:tt)+) => {
        if $loud {
            tracing::info_span!(target: "pyventus", $($rest)+)
        } else {
            tracing::debug_span!(target: "pyventus", $($rest)+)
        }
    };
}

/// What an emission is called, where it is seen.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) event: &'a str,
    pub(crate) backend: &'a str,
    pub(crate) linker: &'static str,
}

/// The time from `emit` until the last handler has ended, or until the event was accepted elsewhere.
///
/// Its parent is the span that is current where it is made. It ends when it is dropped.
pub(crate) struct EmissionSpan {
    span: Span,
    loud: bool,
    outcome: EmissionOutcome,
    #[cfg(feature = "metrics")]
    in_flight: InFlight,
}

impl EmissionSpan {
    /// The span of an emission, if anybody may see it.
    #[cold]
    pub(crate) fn new(names: Names<'_>, identity: &Identity, loud: bool) -> Option<Box<Self>> {
        let Names { event, backend, linker } = names;
        let span = span!(
            loud,
            "emission",
            event,
            emission = %identity.get().0,
            backend,
            linker,
            outcome = Empty,
        );
        if span.is_disabled() && !cfg!(feature = "metrics") {
            return None;
        }
        Some(Box::new(Self {
            span,
            loud,
            outcome: EmissionOutcome::Cancelled,
            #[cfg(feature = "metrics")]
            in_flight: InFlight::new(backend),
        }))
    }

    /// Makes it the current one of the thread, for a while.
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.span.enter()
    }

    /// Runs code that is a part of it.
    pub(crate) fn in_scope<T>(&self, code: impl FnOnce() -> T) -> T {
        self.span.in_scope(code)
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// The span of a handler, whose parent is the current one.
    pub(crate) fn handler(&self, origin: Origin) -> HandlerSpan {
        HandlerSpan::new(origin, None, self.loud)
    }

    /// Says how the emission has ended; one that does not say so was cancelled.
    pub(crate) fn ends(&mut self, outcome: EmissionOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for EmissionSpan {
    fn drop(&mut self) {
        self.span.record("outcome", self.outcome.name());
        #[cfg(feature = "metrics")]
        self.in_flight.ended(self.outcome.name());
    }
}

/// The time that a handler takes, its callbacks included. It ends when it is dropped.
pub(crate) struct HandlerSpan {
    span: Span,
    outcome: HandlerOutcome,
    #[cfg(feature = "metrics")]
    clock: Clock,
}

impl HandlerSpan {
    /// The span of a handler, whose parent is the current one; the attempts of workers have a number.
    #[cold]
    pub(crate) fn new(origin: Origin, attempt: Option<u32>, loud: bool) -> Self {
        Self {
            span: span!(loud, "handler", handler = %origin, attempt, outcome = Empty),
            outcome: HandlerOutcome::Cancelled,
            #[cfg(feature = "metrics")]
            clock: Clock::start(origin),
        }
    }

    /// Runs code of the handler.
    pub(crate) fn in_scope<T>(&self, code: impl FnOnce() -> T) -> T {
        self.span.in_scope(code)
    }

    /// Says how the handler has ended; one that does not say so was cancelled.
    pub(crate) fn ends(&mut self, error: Option<&anyhow::Error>) {
        self.outcome = HandlerOutcome::of(error);
    }
}

impl Drop for HandlerSpan {
    fn drop(&mut self) {
        self.span.record("outcome", self.outcome.name());
        #[cfg(feature = "metrics")]
        self.clock.stop(self.outcome.name());
    }
}

impl fmt::Debug for EmissionSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EmissionSpan").field(&self.span).finish()
    }
}

impl fmt::Debug for HandlerSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HandlerSpan").field(&self.span).finish()
    }
}
