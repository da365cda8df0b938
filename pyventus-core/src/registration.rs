//! The static record an attribute leaves; it is pushed into its linker on first use.

use std::any::TypeId;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Once};
use std::time::SystemTime;

use crate::callback::{DeclaredFailure, DeclaredSuccess};
use crate::handler::{Declared, DeclaredHandler, Handler};
use crate::key::EventKey;
use crate::origin::Origin;
use crate::registry::Registry;
use crate::subscriber::{Callbacks, Place, Subscriber};

/// What `#[on(..)]` or `#[once(..)]` says of a handler.
pub struct Registration {
    handler: TypeId,
    origin: Origin,
    keys: &'static [EventKey],
    linker: fn() -> &'static Registry,
    make: fn() -> Box<dyn Handler>,
    options: Options,
}

/// The options of an attribute.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether the handler answers one event only.
    pub once: bool,
    /// Higher starts earlier.
    pub priority: i32,
    /// The handlers it starts before.
    pub before: &'static [TypeId],
    /// The handlers it starts after.
    pub after: &'static [TypeId],
}

impl Options {
    /// The options of an attribute that names none.
    pub const NONE: Self = Self { once: false, priority: 0, before: &[], after: &[] };
}

impl Registration {
    /// Records a declared handler.
    #[must_use]
    pub const fn new<H: DeclaredHandler>(
        keys: &'static [EventKey],
        linker: fn() -> &'static Registry,
        options: Options,
    ) -> Self {
        fn make<H: DeclaredHandler>() -> Box<dyn Handler> {
            Box::new(Declared::<H>::NEW)
        }
        Self { handler: TypeId::of::<H>(), origin: H::ORIGIN, keys, linker, make: make::<H>, options }
    }

    fn link(&self, callbacks: Callbacks) {
        let linked = (self.linker)().link(self.keys.to_vec(), |id| Subscriber {
            id,
            origin: self.origin,
            once: self.options.once,
            timestamp: SystemTime::now(),
            place: Place::Declared {
                handler: self.handler,
                priority: self.options.priority,
                before: self.options.before,
                after: self.options.after,
            },
            handler: (self.make)(),
            callbacks,
        });
        if let Err(refused) = linked {
            tracing::error!(
                target: "pyventus",
                source = "EventLinker",
                handler = %self.origin,
                "a declared handler was not linked: {refused}",
            );
        }
    }
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration")
            .field("handler", &format_args!("{}", self.origin))
            .field("keys", &self.keys)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// What `#[on_success(..)]` or `#[on_failure(..)]` says of a callback.
#[derive(Debug)]
pub struct CallbackRegistration {
    /// The type that the attribute of the handler left.
    pub handler: TypeId,
    /// Where the callback was written.
    pub origin: Origin,
    /// The callback.
    pub callback: DeclaredCallback,
}

/// A declared callback of either kind.
#[derive(Clone, Copy, Debug)]
pub enum DeclaredCallback {
    /// Runs on success.
    Success(DeclaredSuccess),
    /// Runs on failure.
    Failure(DeclaredFailure),
}

inventory::collect!(Registration);
inventory::collect!(CallbackRegistration);

/// Pushes every registration of the program into its linker, the first time it is called.
///
/// A call that comes from within the filling itself returns at once; one from another thread
/// waits until the filling has ended.
pub(crate) fn fill() {
    static FILLED: Once = Once::new();
    thread_local!(static FILLING: Cell<bool> = const { Cell::new(false) });

    if FILLED.is_completed() || FILLING.get() {
        return;
    }
    FILLED.call_once(|| {
        FILLING.set(true);
        let mut callbacks = declared_callbacks();
        let mut registrations: Vec<_> = inventory::iter::<Registration>.into_iter().collect();
        // The order of linking is unspecified; the limit of a linker has to hit the same handlers
        // in every build.
        registrations.sort_by_key(|registration| {
            let Origin { module, file, line, column, .. } = registration.origin;
            (module, file, line, column)
        });
        for registration in registrations {
            registration.link(callbacks.remove(&registration.handler).unwrap_or_default());
        }
        FILLING.set(false);
    });
}

/// The declared callbacks of each handler, in their order in source.
fn declared_callbacks() -> HashMap<TypeId, Callbacks> {
    let mut declared: Vec<_> = inventory::iter::<CallbackRegistration>.into_iter().collect();
    declared.sort_by_key(|callback| {
        let Origin { module, file, line, column, .. } = callback.origin;
        (module, file, line, column)
    });
    let mut callbacks: HashMap<TypeId, Callbacks> = HashMap::new();
    for CallbackRegistration { handler, callback, .. } in declared {
        let callbacks = callbacks.entry(*handler).or_default();
        match callback {
            DeclaredCallback::Success(success) => callbacks.success.push(Arc::new(*success)),
            DeclaredCallback::Failure(failure) => callbacks.failure.push(Arc::new(*failure)),
        }
    }
    callbacks
}
