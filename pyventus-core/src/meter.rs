//! What is measured, behind the feature `metrics`: names, labels, and when they are counted.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use metrics::{Gauge, SharedString, counter, gauge, histogram};

use crate::key::Lookup;
use crate::origin::Origin;

/// How many texts are told apart: a program may make them of anything, and a recorder forgets none.
const MOST_TEXTS: usize = 1000;

/// What stands for the others.
const OTHER: &str = "(other)";

static TEXTS: RwLock<Option<HashSet<Arc<str>>>> = RwLock::new(None);

/// An event was emitted.
pub(crate) fn emitted(lookup: &Lookup<'_>, backend: &str) {
    let event = event(lookup);
    counter!("pyventus_emitted_total", "event" => event, "backend" => backend.to_owned()).increment(1);
}

/// Nobody answered an event.
pub(crate) fn unanswered(lookup: &Lookup<'_>) {
    counter!("pyventus_unanswered_total", "event" => event(lookup)).increment(1);
}

fn event(lookup: &Lookup<'_>) -> SharedString {
    match lookup {
        Lookup::Text(text) => known(text).map_or(SharedString::const_str(OTHER), SharedString::from_shared),
        Lookup::Event { name, .. } => SharedString::const_str(name),
        Lookup::Error { name, .. } => SharedString::const_str(name()),
    }
}

/// A text that is told apart from others.
fn known(text: &str) -> Option<Arc<str>> {
    let known = TEXTS.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = known.as_ref().and_then(|known| known.get(text)) {
        return Some(Arc::clone(text));
    }
    drop(known);
    let mut known = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if known.len() >= MOST_TEXTS {
        return known.get(text).cloned();
    }
    let text: Arc<str> = text.into();
    known.insert(Arc::clone(&text));
    Some(text)
}

/// An emission that has not ended.
pub(crate) struct InFlight {
    backend: SharedString,
    gauge: Gauge,
}

impl InFlight {
    pub(crate) fn new(backend: &str) -> Self {
        let backend = SharedString::from_owned(backend.to_owned());
        let gauge = gauge!("pyventus_emissions_in_flight", "backend" => backend.clone());
        gauge.increment(1.0);
        Self { backend, gauge }
    }

    /// It has ended; said once.
    pub(crate) fn ended(&mut self, outcome: &'static str) {
        self.gauge.decrement(1.0);
        let backend = std::mem::replace(&mut self.backend, SharedString::const_str(""));
        counter!("pyventus_ended_total", "backend" => backend, "outcome" => outcome).increment(1);
    }
}

/// A handler that has not ended.
pub(crate) struct Clock {
    origin: Origin,
    since: Instant,
}

impl Clock {
    pub(crate) fn start(origin: Origin) -> Self {
        Self { origin, since: Instant::now() }
    }

    /// It has ended.
    pub(crate) fn stop(&self, outcome: &'static str) {
        let took = self.since.elapsed();
        let handler = SharedString::from_owned(self.origin.path());
        histogram!("pyventus_handler_duration_seconds", "handler" => handler.clone()).record(took);
        counter!("pyventus_handled_total", "handler" => handler, "outcome" => outcome).increment(1);
    }
}
