//! How an emitter is set up.

use std::fmt;
use std::sync::Arc;

use crate::linker::EventLinker;

use super::{EventEmitter, Route};

/// Makes an [`EventEmitter`].
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker, InlineBackend};
///
/// struct Shop(&'static str);
///
/// let emitter = EventEmitter::builder(InlineBackend::new())
///     .linker(&EventLinker::new())
///     .state(Shop("at the corner"))
///     .debug(true)
///     .build();
/// # drop(emitter);
/// ```
#[must_use = "nothing is made before `.build()`"]
pub struct EventEmitterBuilder {
    pub(super) route: Route,
}

impl EventEmitterBuilder {
    /// Sets the linker whose handlers answer; [`EventLinker::global`] unless set.
    pub fn linker(mut self, linker: &EventLinker) -> Self {
        self.route.linker = linker.clone();
        self
    }

    /// Gives handlers a value, which they take as [`State<T>`](crate::State). There is one value
    /// per type; giving a second keeps the last.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.route.states.insert(value);
        self
    }

    /// Sets whether the lines about emissions are logged at INFO instead of DEBUG.
    pub fn debug(mut self, debug: bool) -> Self {
        self.route.debug = debug;
        self
    }

    /// Sets whether it is measured how long each handler takes; the report of an emission says it.
    /// Reading the clock costs more than a handler that does little, so that it is not read unless
    /// somebody wants to know.
    pub fn timed(mut self, timed: bool) -> Self {
        self.route.timed = timed;
        self
    }

    /// Returns the emitter.
    #[must_use]
    pub fn build(self) -> EventEmitter {
        let mut route = self.route;
        route.ways.is_plain = route.ways.in_place && !route.debug && !route.timed;
        EventEmitter { route: Arc::new(route) }
    }
}

impl fmt::Debug for EventEmitterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEmitterBuilder")
            .field("linker", &self.route.linker.name())
            .finish_non_exhaustive()
    }
}
