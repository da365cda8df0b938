//! The entry point: looks handlers up, makes an emission, hands it to a backend.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::args::Args;
use crate::backend::Backend;
use crate::capabilities::{BackendId, Capabilities};
use crate::context::{Context, Source};
use crate::emission::EventEmission;
use crate::emitted::{EmittedError, IntoEvent, sealed};
use crate::handle::{EmissionHandle, EmitError};
use crate::handler::drop_contained;
use crate::key::{EmptyEventName, Lookup};
use crate::linker::EventLinker;
use crate::states::States;
use crate::unmatched;

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
}

impl Source for Route {
    fn states(&self) -> &States {
        &self.states
    }

    fn debug(&self) -> bool {
        self.debug
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
        EventEmitterBuilder {
            route: Route {
                capabilities: backend.capabilities(),
                backend: Box::new(backend),
                linker: EventLinker::global().clone(),
                states: States::default(),
                debug: false,
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
        self.start(event, Some(args))
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
        self.start(EmittedError(error), Some(args))
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

    fn start(&self, event: impl sealed::IntoEvent, args: Option<Args>) -> EmissionHandle {
        let lookup = event.lookup();
        if let Lookup::Text("") = lookup {
            return EmissionHandle::refused("", EmptyEventName);
        }
        if let Some(reason) = args.as_ref().and_then(Args::refused) {
            let error = EmitError::Arguments { event: lookup.name().to_owned(), reason: reason.to_owned() };
            return EmissionHandle::refused(lookup.name(), error);
        }
        let subscribers = self.route.linker.registry().take(lookup);
        if subscribers.is_empty() {
            self.log(lookup.name(), format_args!("No handlers"));
            if let Lookup::Text(text) = lookup {
                unmatched::warn(text, &self.route.linker);
            }
            drop_contained(event);
            return EmissionHandle::unanswered();
        }
        let source = Arc::clone(&self.route) as Arc<dyn Source>;
        let context = Context::new(event.into_event(), args.map(Arc::new), source);
        let (emission, report) = EventEmission::new(context, subscribers);
        let name = emission.context().event.name.clone();
        self.log(&name, format_args!("Emitting: {}", emission.id()));
        match self.route.backend.submit(emission) {
            Ok(()) => EmissionHandle::pending(report, name, self.route.backend.id(), self.route.capabilities),
            Err(error) => EmissionHandle::refused(&name, error),
        }
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

/// Makes an [`EventEmitter`].
#[must_use = "nothing is made before `.build()`"]
pub struct EventEmitterBuilder {
    route: Route,
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

    /// Returns the emitter.
    #[must_use]
    pub fn build(self) -> EventEmitter {
        EventEmitter { route: Arc::new(self.route) }
    }
}

impl fmt::Debug for EventEmitterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEmitterBuilder")
            .field("linker", &self.route.linker.name())
            .finish_non_exhaustive()
    }
}
