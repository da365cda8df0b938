//! How the emitters of a request are set up.

use std::fmt;
use std::sync::Arc;

use pyventus_core::{EventEmitterBuilder, EventLinker};

type GiveState = Arc<dyn Fn(EventEmitterBuilder) -> EventEmitterBuilder + Send + Sync>;

/// How the emitters of a request are set up.
#[derive(Clone, Default)]
pub(crate) struct Options {
    /// The linker, where another one than the global one was chosen.
    pub(crate) linker: Option<EventLinker>,
    pub(crate) debug: bool,
    states: Vec<GiveState>,
}

impl Options {
    /// Gives each emitter a clone of a value.
    pub(crate) fn give<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.states.push(Arc::new(move |builder| builder.state(value.clone())));
    }

    pub(crate) fn apply(&self, builder: EventEmitterBuilder) -> EventEmitterBuilder {
        let builder = builder.debug(self.debug);
        let builder = match &self.linker {
            Some(linker) => builder.linker(linker),
            None => builder,
        };
        self.states.iter().fold(builder, |builder, give| give(builder))
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("linker", &self.linker.as_ref().map(EventLinker::name))
            .field("debug", &self.debug)
            .field("states", &self.states.len())
            .finish()
    }
}
