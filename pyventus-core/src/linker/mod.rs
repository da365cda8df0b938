//! Which handlers answer which event.

mod query;
mod remove;

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::closure::{IntoFailureCallback, IntoSuccessCallback};
use crate::error::SubscribeError;
use crate::key::IntoKeys;
use crate::registration::{Declared, Registered, fill};
use crate::registry::{Registry, Settings};
use crate::subscribe::Subscribe;
use crate::subscriber::Subscriber;
use crate::subscription::Subscription;

/// Which handlers answer which event; a namespace of events.
///
/// There is one for the whole program, [`EventLinker::global`]; a `static` made with
/// [`EventLinker::namespace`] is another one, for `#[on(.., linker = ORDERS)]`; and one made with
/// [`EventLinker::new`] serves a test. Nothing is visible across linkers.
///
/// A linker is a handle: a clone has the same links.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker, InlineBackend};
///
/// static ORDERS: EventLinker = EventLinker::namespace("orders").max_handlers(1);
///
/// let subscription = ORDERS.subscribe("order.placed").handler(|| println!("a new order"))?;
/// assert!(ORDERS.subscribe("order.placed").handler(|| ()).is_err());
///
/// let emitter = EventEmitter::builder(InlineBackend::new()).linker(&ORDERS).build();
/// assert_eq!(emitter.emit("order.placed").wait()?.succeeded(), 1);
///
/// assert!(subscription.unsubscribe());
/// assert_eq!(emitter.emit("order.placed").wait()?.succeeded(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct EventLinker {
    settings: Settings,
    registry: OnceLock<Arc<Registry>>,
}

impl EventLinker {
    /// Returns the linker of the whole program: that of every attribute that names no other.
    #[must_use]
    pub fn global() -> &'static Self {
        static GLOBAL: EventLinker = EventLinker::namespace("global");
        &GLOBAL
    }

    /// Returns an empty linker of its own.
    #[must_use]
    pub const fn new() -> Self {
        Self::namespace("unnamed")
    }

    /// Returns a linker that bears a name, to be a `static`.
    #[must_use]
    pub const fn namespace(name: &'static str) -> Self {
        Self {
            settings: Settings { name, max_handlers: None, default_success: None, default_failure: None },
            registry: OnceLock::new(),
        }
    }

    /// Limits how many handlers a key may have.
    ///
    /// A subscription beyond the limit is refused whole. A declared handler beyond it is left out
    /// and reported at error level; which one is the same in every build.
    ///
    /// # Panics
    ///
    /// The limit is 0; in a `static` this is a compile error.
    #[must_use]
    pub const fn max_handlers(self, max: usize) -> Self {
        assert!(max > 0, "a linker has to allow at least one handler per event");
        let settings = Settings { max_handlers: Some(max), ..self.settings };
        self.redefined(settings)
    }

    /// Sets the success callback of handlers that have none of their own.
    ///
    /// It is a function, or a closure that captures nothing, without parameters: it has to fit
    /// handlers of every type.
    #[must_use]
    pub const fn default_success<F, M>(self, callback: F) -> Self
    where
        F: IntoSuccessCallback<M, Wanted = crate::closure::Whatever> + Copy,
    {
        let _ = callback;
        let settings = Settings {
            default_success: Some(|| Arc::from(stateless::<F>().into_success_callback())),
            ..self.settings
        };
        self.redefined(settings)
    }

    /// Sets the failure callback that answers whatever no failure callback of a handler is meant
    /// for.
    ///
    /// It is a function, or a closure that captures nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_core::EventLinker;
    ///
    /// fn log_it(error: &anyhow::Error) {
    ///     eprintln!("{error:#}");
    /// }
    ///
    /// static ORDERS: EventLinker = EventLinker::namespace("orders").default_failure(log_it);
    /// ```
    #[must_use]
    pub const fn default_failure<F, M>(self, callback: F) -> Self
    where
        F: IntoFailureCallback<M> + Copy,
    {
        let _ = callback;
        let settings = Settings {
            default_failure: Some(|| Arc::from(stateless::<F>().into_failure_callback())),
            ..self.settings
        };
        self.redefined(settings)
    }

    /// The settings of a linker are fixed before its first use.
    const fn redefined(self, settings: Settings) -> Self {
        let unused = Self { settings, registry: OnceLock::new() };
        // A linker that has no links yet holds nothing that would have to be dropped.
        std::mem::forget(self);
        unused
    }

    /// Returns the name of the linker.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.settings.name
    }

    /// Links a declared handler, with its callbacks, under the keys and options of its attribute.
    ///
    /// The handler is linked here in addition to the linker that its attribute names: this is for
    /// tests that want a linker of their own, and for targets on which nothing is collected at
    /// link time. There, callbacks that stand alone are not found; those of a flow are.
    ///
    /// # Errors
    ///
    /// The handler is linked here already, or one of its keys is full.
    pub fn register<H: Registered>(&self) -> Result<Subscription, SubscribeError> {
        let registry = self.registry();
        let registration = H::registration();
        let subscriber = registration.subscriber(&Declared::collect());
        let unlinked = Subscription::new(registry, &subscriber);
        let subscription = unlinked.of(registry.link(registration.keys, subscriber)?);
        self.log(format_args!("{subscription} was registered"));
        Ok(subscription)
    }

    /// Returns the most handlers that a key may have, if there is a limit.
    #[must_use]
    pub fn handler_limit(&self) -> Option<usize> {
        self.settings.max_handlers
    }

    /// Returns whether handlers without a success callback get one from the linker.
    #[must_use]
    pub fn has_default_success(&self) -> bool {
        self.settings.default_success.is_some()
    }

    /// Returns whether failures that no callback is meant for are answered by the linker.
    #[must_use]
    pub fn has_default_failure(&self) -> bool {
        self.settings.default_failure.is_some()
    }

    /// Starts a subscription at run time; [`Subscribe::handler`] completes it.
    #[must_use = "nothing is subscribed before `.handler(..)`"]
    pub fn subscribe(&self, keys: impl IntoKeys) -> Subscribe<'_> {
        Subscribe::new(self.registry(), keys)
    }

    fn handles(&self, subscribers: &[Arc<Subscriber>]) -> Vec<Subscription> {
        let registry = self.registry();
        subscribers.iter().map(|subscriber| Subscription::new(registry, subscriber)).collect()
    }

    fn log(&self, message: fmt::Arguments<'_>) {
        tracing::debug!(target: "pyventus", source = "EventLinker", linker = self.name(), "{message}");
    }

    /// The links, with every declared handler of the program in its place.
    #[inline]
    pub(crate) fn registry(&self) -> &Arc<Registry> {
        fill();
        self.unfilled()
    }

    /// The links, as the filling itself needs them.
    pub(crate) fn unfilled(&self) -> &Arc<Registry> {
        self.registry.get_or_init(|| Arc::new(Registry::new(self.settings)))
    }
}

/// Makes a value of a type that has only one.
fn stateless<F: Copy>() -> F {
    const {
        assert!(size_of::<F>() == 0, "a default callback is a function, or a closure that captures nothing");
    }
    // SAFETY: `F` has no bytes, so that reading it from any aligned address reads nothing, and it is
    // `Copy`, so that nothing depends on how many values of it there are. Both callers were given
    // a value of `F`: the type is inhabited.
    #[expect(unsafe_code, reason = "a `static` cannot hold a boxed callback, only a way to make it")]
    unsafe {
        std::ptr::NonNull::<F>::dangling().read()
    }
}

impl Clone for EventLinker {
    fn clone(&self) -> Self {
        Self { settings: self.settings, registry: OnceLock::from(Arc::clone(self.unfilled())) }
    }
}

impl Default for EventLinker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for EventLinker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLinker").field("registry", self.unfilled()).finish()
    }
}
