//! The entry point: looks handlers up, makes an emission, hands it to a backend.

mod builder;
mod begin;
mod observed;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::args::Args;
use crate::backend::Backend;
use crate::capabilities::{BackendId, Capabilities, Capability};
use crate::context::{Context, Source};
use crate::emission::EventEmission;
use crate::emitted::{EmittedError, EmittedEvent, IntoEvent};
use crate::handle::EmissionHandle;
use crate::linker::EventLinker;
use crate::registry::List;
use crate::span::EmissionOutcome;
use crate::states::States;
use crate::view::Parts;

pub use builder::EventEmitterBuilder;

/// Emits events to the handlers of one linker, by way of one backend.
///
/// A clone is the same emitter. Code that takes `&EventEmitter` sees neither which backend nor
/// which linker is behind it: they are chosen where the emitter is made.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker, InlineBackend, args};
///
/// let linker = EventLinker::new();
/// linker.subscribe("greet").handler(|context: pyventus_core::Context| {
///     println!("Hello, {}!", context.args().positional()[0]);
/// })?;
///
/// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
/// emitter.emit_with("greet", args!["Pyventus"]);
/// # Ok::<(), pyventus_core::SubscribeError>(())
/// ```
#[derive(Clone)]
pub struct EventEmitter {
    route: Arc<Route>,
}

/// The way from an emitter to its handlers.
struct Route {
    backend: Box<dyn Backend>,
    capabilities: Capabilities,
    linker: EventLinker,
    states: States,
    debug: bool,
    timed: bool,
    ways: Ways,
}

/// Which ways an emission may take.
struct Ways {
    /// Whether handlers may run on the stack of the caller, without an emission to be handed over.
    in_place: bool,
    /// Whether nothing is to be done beside running them: neither is it logged nor measured.
    is_plain: bool,
    /// Whether nobody hears of events that no handler answers, unless it is logged.
    is_quiet: bool,
}

impl Source for Route {
    fn states(&self) -> &States {
        &self.states
    }

    fn debug(&self) -> bool {
        self.debug
    }

    fn timed(&self) -> bool {
        self.timed
    }

    fn backend(&self) -> BackendId {
        self.backend.id()
    }
}

impl EventEmitter {
    /// Returns an emitter for the handlers of [`EventLinker::global`].
    #[must_use]
    pub fn new(backend: impl Backend) -> Self {
        Self::builder(backend).build()
    }

    /// Returns a builder, for another linker, for state, and for debugging.
    pub fn builder(backend: impl Backend) -> EventEmitterBuilder {
        let capabilities = backend.capabilities();
        #[cfg(not(feature = "testing"))]
        let is_witnessed = false;
        #[cfg(feature = "testing")]
        let is_witnessed = backend.witness().is_some();
        EventEmitterBuilder {
            route: Route {
                capabilities,
                ways: Ways {
                    in_place: backend.runs_in_place(),
                    is_plain: false,
                    is_quiet: !is_witnessed && !capabilities.has(Capability::Elsewhere),
                },
                backend: Box::new(backend),
                linker: EventLinker::global().clone(),
                states: States::default(),
                debug: false,
                timed: false,
            },
        }
    }

    /// Emits a text or a typed event.
    ///
    /// The handlers are those linked at this moment. Their errors never reach the caller: they
    /// are logged, answered by failure callbacks and part of the report. When `emit` returns, and
    /// what has run by then, is up to the backend.
    ///
    /// # Errors
    ///
    /// The handle resolves to an error where the text is empty, or where the backend does not
    /// take the emission or cancels it. One that nobody looks at is logged.
    pub fn emit(&self, event: impl IntoEvent) -> EmissionHandle {
        self.start(event, None)
    }

    /// Emits a text or a typed event with arguments; see [`args!`](crate::args).
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), and where an argument is refused by serde.
    pub fn emit_with(&self, event: impl IntoEvent, args: Args) -> EmissionHandle {
        self.start(event, Some(Arc::new(args)))
    }

    /// Emits an error, to handlers under `error(Type)`, `error(..)` and `..`.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io;
    /// use pyventus_core::{EventEmitter, EventKey, EventLinker, InlineBackend};
    ///
    /// let linker = EventLinker::new();
    /// linker.subscribe(EventKey::error::<io::Error>()).handler(|error: &io::Error| {
    ///     assert_eq!(error.to_string(), "disk");
    /// })?;
    ///
    /// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
    /// assert_eq!(emitter.emit_error(io::Error::other("disk")).wait()?.succeeded(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn emit_error(&self, error: impl StdError + Send + Sync + 'static) -> EmissionHandle {
        self.start(EmittedError(error), None)
    }

    /// Emits an error with arguments.
    ///
    /// # Errors
    ///
    /// As [`emit_with`](Self::emit_with).
    pub fn emit_error_with(
        &self,
        error: impl StdError + Send + Sync + 'static,
        args: Args,
    ) -> EmissionHandle {
        self.start(EmittedError(error), Some(Arc::new(args)))
    }

    /// Returns the linker whose handlers answer.
    #[must_use]
    pub fn linker(&self) -> &EventLinker {
        &self.route.linker
    }

    /// Returns what the backend promises beyond what all backends do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.route.capabilities
    }

    /// Returns the name of the backend.
    #[must_use]
    pub fn backend_name(&self) -> &str {
        self.route.backend.name()
    }

    #[inline(never)]
    fn submit_event(&self, event: EmittedEvent, args: Option<Arc<Args>>, list: Arc<List>) -> EmissionHandle {
        self.submit(Parts::new(event, args, self.source()), list)
    }

    /// Where the contexts of its emissions are from.
    pub(crate) fn source(&self) -> Arc<dyn Source> {
        Arc::clone(&self.route) as _
    }

    /// Hands an emission over to the backend.
    fn submit(&self, parts: Parts, list: Arc<List>) -> EmissionHandle {
        let route = &*self.route;
        let (mut emission, report) = EventEmission::new(parts, list);
        let name = emission.name().clone();
        if self.is_observed() {
            self.log_start(&name, emission.identity());
            let span = self.span(&name, emission.identity());
            emission.within(span);
        }
        match route.backend.submit(emission) {
            Ok(()) => EmissionHandle::pending(report, name, route.backend.id(), route.capabilities),
            Err(mut error) => {
                if let Some(emission) = error.emission_mut() {
                    emission.ends(EmissionOutcome::Refused);
                }
                EmissionHandle::refused(&name, error)
            }
        }
    }
}

// Here and not beside `Context`: an emitter knows contexts, a context knows only where it is from.
impl Context {
    /// Returns the emitter that emitted the event, to emit further ones.
    ///
    /// # Panics
    ///
    /// Never: every context comes from an emitter.
    #[must_use]
    pub fn emitter(&self) -> EventEmitter {
        let source: Arc<dyn std::any::Any + Send + Sync> = Arc::clone(&self.source) as _;
        EventEmitter { route: source.downcast().expect("every context comes from an emitter") }
    }

    /// Returns the linker whose handlers answer the event.
    #[must_use]
    pub fn linker(&self) -> EventLinker {
        self.emitter().linker().clone()
    }
}

impl fmt::Debug for EventEmitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEmitter")
            .field("backend", &self.backend_name())
            .field("linker", &self.route.linker.name())
            .field("debug", &self.route.debug)
            .finish_non_exhaustive()
    }
}
