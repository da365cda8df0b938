//! The static record an attribute leaves; it is pushed into its linker on first use.

use std::any::TypeId;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::declared::{CallbackRegistration, DeclaredCallback, DeclaredCode, DeclaredHandler, Wanted};
use crate::error::SubscribeError;
use crate::key::EventKey;
use crate::origin::Origin;
use crate::registry::Registry;
use crate::retry::Retry;
use crate::subscriber::{Callbacks, Declaration, Extras, Place, Subscriber};
use crate::view::Needs;

/// What `#[on(..)]` or `#[once(..)]` says of a handler.
pub struct Registration {
    pub(crate) declaration: Declaration,
    pub(crate) keys: &'static [EventKey],
    pub(crate) linker: fn() -> &'static Registry,
    pub(crate) options: Options,
    /// The callbacks that were declared together with the handler.
    pub(crate) callbacks: &'static [CallbackRegistration],
    /// The types of object that the handler takes by reference.
    pub(crate) wants: fn() -> Vec<Wanted>,
    code: DeclaredCode,
    needs: fn() -> Needs,
}

/// The options of an attribute.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether the handler answers one event only.
    pub once: bool,
    /// Whether the handler runs on a thread that may block.
    pub blocking: bool,
    /// Higher starts earlier.
    pub priority: i32,
    /// The handlers it starts before.
    pub before: &'static [TypeId],
    /// The handlers it starts after.
    pub after: &'static [TypeId],
    /// How often it is tried.
    pub retry: Option<Retry>,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

impl Options {
    /// The options of an attribute that names none.
    pub const NONE: Self = Self {
        once: false,
        blocking: false,
        priority: 0,
        before: &[],
        after: &[],
        retry: None,
        timeout: None,
    };
}

impl Registration {
    /// Records a declared handler.
    #[must_use]
    pub const fn new<H: DeclaredHandler>(
        keys: &'static [EventKey],
        linker: fn() -> &'static Registry,
        options: Options,
    ) -> Self {
        Self {
            declaration: Declaration {
                origin: H::ORIGIN,
                handler: TypeId::of::<H>(),
                priority: options.priority,
                before: options.before,
                after: options.after,
            },
            keys,
            linker,
            options,
            callbacks: H::CALLBACKS,
            wants: H::wants,
            code: H::CODE,
            needs: H::needs,
        }
    }

    /// The handler, with all of its callbacks.
    pub(crate) fn subscriber(&'static self, declared: &Declared) -> Subscriber {
        let place = Place::Declared(&self.declaration);
        let callbacks = callbacks(&declared.callbacks_of(self));
        let Options { once, blocking, retry, timeout, .. } = self.options;
        let extras = (!callbacks.is_empty() || retry.is_some() || timeout.is_some())
            .then(|| Box::new(Extras { callbacks, retry, timeout }));
        let mut subscriber = Subscriber::new(place, self.code.into(), (self.needs)()).with(extras);
        subscriber.once = once;
        subscriber.blocking = blocking;
        subscriber
    }
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration")
            .field("handler", &format_args!("{}", self.declaration.origin))
            .field("keys", &self.keys)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A function under `#[on(..)]` or `#[once(..)]`; implemented by the type that the attribute leaves
/// under the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a declared handler",
    label = "not annotated with `#[on(..)]` or `#[once(..)]`",
    note = "annotate the function with `#[on(..)]` or `#[once(..)]`; a closure is subscribed with `subscribe(..)`"
)]
pub trait Registered: DeclaredHandler {
    #[doc(hidden)]
    fn registration() -> &'static Registration;
}

/// How a registration is found at link time.
#[derive(Debug)]
pub struct Found(pub &'static Registration);

inventory::collect!(Found);

/// Everything that attributes declared in the program.
pub(crate) struct Declared {
    /// The handlers, by place.
    pub(crate) handlers: Vec<&'static Registration>,
    /// The callbacks that stand alone, by handler and place.
    callbacks: HashMap<TypeId, Vec<&'static CallbackRegistration>, foldhash::fast::RandomState>,
}

impl Declared {
    /// Collects what was declared; the order of linking is unspecified, that of this is not.
    pub(crate) fn collect() -> Self {
        let mut handlers: Vec<_> = inventory::iter::<Found>.into_iter().map(|found| found.0).collect();
        handlers.sort_by_cached_key(|registration| registration.declaration.origin.place());
        let mut callbacks: HashMap<TypeId, Vec<_>, _> = HashMap::default();
        for callback in inventory::iter::<CallbackRegistration> {
            callbacks.entry(callback.handler).or_default().push(callback);
        }
        for callbacks in callbacks.values_mut() {
            callbacks.sort_by_key(|callback| callback.origin.place());
        }
        Self { handlers, callbacks }
    }

    /// The callbacks of a handler, wherever they stand, by place.
    pub(crate) fn callbacks_of(&self, registration: &Registration) -> Vec<&'static CallbackRegistration> {
        let alone = self.callbacks.get(&registration.declaration.handler).map_or(&[][..], Vec::as_slice);
        let mut callbacks: Vec<_> = registration.callbacks.iter().chain(alone.iter().copied()).collect();
        callbacks.sort_by_key(|callback| callback.origin.place());
        callbacks
    }
}

fn callbacks(declared: &[&CallbackRegistration]) -> Callbacks {
    let mut callbacks = Callbacks::default();
    for CallbackRegistration { callback, .. } in declared {
        match callback {
            DeclaredCallback::Success(success) => callbacks.success.push(Arc::new(*success)),
            DeclaredCallback::Failure(failure) => callbacks.failure.push(Arc::new(*failure)),
        }
    }
    callbacks
}

/// A declared handler that could not be linked.
pub(crate) struct LeftOut {
    pub(crate) handler: Origin,
    pub(crate) reason: SubscribeError,
}

/// Pushes every registration of the program into its linker, the first time it is called; returns
/// those that could not be.
///
/// A call that comes from within the filling itself returns at once; one from another thread
/// waits until the filling has ended.
pub(crate) fn fill() -> &'static [LeftOut] {
    static LEFT_OUT: OnceLock<Vec<LeftOut>> = OnceLock::new();
    thread_local!(static FILLING: Cell<bool> = const { Cell::new(false) });

    if let Some(left_out) = LEFT_OUT.get() {
        return left_out;
    }
    if FILLING.get() {
        return &[];
    }
    LEFT_OUT.get_or_init(|| {
        FILLING.set(true);
        let declared = Declared::collect();
        // Most programs declare most handlers in one linker.
        if let Some(first) = declared.handlers.first() {
            (first.linker)().reserve(declared.handlers.len());
        }
        let left_out = declared
            .handlers
            .iter()
            .filter_map(|registration| {
                let subscriber = registration.subscriber(&declared);
                let reason = (registration.linker)().link(registration.keys, subscriber).err()?;
                let handler = registration.declaration.origin;
                tracing::error!(
                    target: "pyventus",
                    source = "EventLinker",
                    %handler,
                    "a declared handler was not linked: {reason}",
                );
                Some(LeftOut { handler, reason })
            })
            .collect();
        FILLING.set(false);
        left_out
    })
}
