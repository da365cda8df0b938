//! Emissions that somebody may see: in the log, as spans or as numbers.

use std::fmt;

use crate::context::Identity;
use crate::emission::{in_place, log_running};
use crate::key::Lookup;
use crate::outcome::Endings;
use crate::registry::List;
use crate::span::{EmissionOutcome, EmissionSpan, Names};
use crate::unmatched;
use crate::view::View;

use super::EventEmitter;

impl EventEmitter {
    /// Runs an emission that somebody may see, on the stack of the caller.
    #[cold]
    pub(super) fn run_observed(&self, view: &View<'_>, list: &List) -> Endings {
        self.log_start(view.event.name(), view.identity);
        let timed = self.route.timed;
        let Some(mut span) = self.span(view.event.name(), view.identity) else {
            log_running(view, list.len());
            return in_place::run(view, list, timed);
        };
        span.in_scope(|| log_running(view, list.len()));
        let endings = in_place::run_within(view, list, timed, &span);
        span.ends(EmissionOutcome::of(endings.has_failures()));
        endings
    }

    /// What others see of an emission.
    pub(super) fn span(&self, event: &str, identity: &Identity) -> Option<Box<EmissionSpan>> {
        let names = Names { event, backend: self.backend_name(), linker: self.route.linker.name() };
        EmissionSpan::new(names, identity, self.route.debug)
    }

    /// Whether anybody may see emissions: in the log, as spans or as numbers.
    #[inline]
    pub(super) fn is_observed(&self) -> bool {
        cfg!(feature = "metrics") || self.logs()
    }

    pub(super) fn log_unanswered(&self, lookup: &Lookup<'_>) {
        if self.logs() {
            self.log(lookup.name(), format_args!("No handlers"));
        }
        if let Lookup::Text(text) = lookup {
            unmatched::warn(text, &self.route.linker);
        }
    }

    /// Whether anybody may see the lines about emissions.
    #[inline]
    pub(super) fn logs(&self) -> bool {
        self.route.debug || tracing::level_filters::LevelFilter::current() >= tracing::Level::DEBUG
    }

    #[cold]
    pub(super) fn log_start(&self, event: &str, identity: &Identity) {
        if !self.logs() {
            return;
        }
        self.log(event, format_args!("Emitting: {}", identity.get().0));
    }

    fn log(&self, event: &str, message: fmt::Arguments<'_>) {
        let backend = self.backend_name();
        if self.route.debug {
            tracing::info!(target: "pyventus", source = "EventEmitter", event, backend, "{message}");
        } else {
            tracing::debug!(target: "pyventus", source = "EventEmitter", event, backend, "{message}");
        }
    }
}
