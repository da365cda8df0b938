//! Subscribing at run time: options first, the handler last.

use std::sync::Arc;
use std::time::Duration;

use crate::closure::{AcceptedBy, Closure, IntoFailureCallback, IntoHandler, IntoSuccessCallback, Whatever};
use crate::error::SubscribeError;
use crate::key::{IntoKeys, Keys, KeysError, keys_of};
use crate::origin::Origin;
use crate::registry::Registry;
use crate::retry::Retry;
use crate::subscriber::{Extras, Place, Subscriber};
use crate::subscription::Subscription;

/// A subscription in the making; [`Subscribe::handler`] completes it.
///
/// `W` is what the success callback wants of the handler.
///
/// # Examples
///
/// ```
/// use pyventus_core::EventLinker;
///
/// let linker = EventLinker::new();
/// let subscription = linker
///     .subscribe("order.placed")
///     .once()
///     .on_success(|id: u32| println!("order {id}"))
///     .on_failure(|error: &anyhow::Error| println!("{error}"))
///     .handler(|| "7".parse::<u32>())?;
/// assert!(subscription.unsubscribe());
/// # Ok::<(), pyventus_core::SubscribeError>(())
/// ```
#[must_use = "nothing is subscribed before `.handler(..)`"]
pub struct Subscribe<'a, W = Whatever> {
    registry: &'a Arc<Registry>,
    keys: Result<Keys, KeysError>,
    once: bool,
    blocking: bool,
    extras: Option<Box<Extras>>,
    wanted: std::marker::PhantomData<fn(W)>,
}

impl<'a> Subscribe<'a> {
    pub(crate) fn new(registry: &'a Arc<Registry>, keys: impl IntoKeys) -> Self {
        let keys = keys_of(keys);
        Self { registry, keys, once: false, blocking: false, extras: None, wanted: std::marker::PhantomData }
    }
}

impl<'a, W> Subscribe<'a, W> {
    /// Lets the handler answer one event only: it is unlinked from all of its events before it
    /// runs, and runs once however many threads emit.
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Lets the handler run on a thread that may block, where the backend has any; the others are
    /// not held up meanwhile. Its callbacks run where the emission runs.
    pub fn blocking(mut self) -> Self {
        self.blocking = true;
        self
    }

    /// Sets how often a worker tries the handler; its own policy, unless set. Where events stay in the
    /// program, a handler is tried once.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.extras().retry = Some(retry);
        self
    }

    /// Sets how long the handler may take in a worker, which then drops it where it waits and takes it
    /// for failed; its callbacks are not counted in.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.extras().timeout = Some(timeout);
        self
    }

    /// Sets the success callback: it takes nothing, or the value of the handler. Setting it twice
    /// keeps the last.
    pub fn on_success<F: IntoSuccessCallback<M>, M>(mut self, callback: F) -> Subscribe<'a, F::Wanted> {
        self.extras().callbacks.success = vec![Arc::from(callback.into_success_callback())];
        Subscribe {
            registry: self.registry,
            keys: self.keys,
            once: self.once,
            blocking: self.blocking,
            extras: self.extras,
            wanted: std::marker::PhantomData,
        }
    }

    /// Adds a failure callback: `&anyhow::Error` answers every failure, `&E` that type of error
    /// only.
    pub fn on_failure<F: IntoFailureCallback<M>, M>(mut self, callback: F) -> Self {
        self.extras().callbacks.failure.push(Arc::from(callback.into_failure_callback()));
        self
    }

    /// Subscribes the handler.
    ///
    /// # Errors
    ///
    /// A key is an empty text, there is no key, or a key has reached the limit of the linker;
    /// nothing is subscribed then.
    #[track_caller]
    pub fn handler<F, M>(self, handler: F) -> Result<Subscription, SubscribeError>
    where
        F: IntoHandler<M, Success: AcceptedBy<W>>,
    {
        let keys = self.keys.as_ref().map_err(|error| *error)?;
        let origin = Origin::of_closure::<F>();
        let Closure { code, needs } = handler.into_handler();
        let mut subscriber = Subscriber::new(Place::Subscribed(origin), code, needs).with(self.extras);
        subscriber.once = self.once;
        subscriber.blocking = self.blocking;
        let unlinked = Subscription::new(self.registry, &subscriber);
        let subscription = unlinked.of(self.registry.link(keys, subscriber)?);
        tracing::debug!(target: "pyventus", source = "EventLinker", handler = %origin, "Subscribed");
        Ok(subscription)
    }

    fn extras(&mut self) -> &mut Extras {
        self.extras.get_or_insert_default()
    }
}

impl<W> std::fmt::Debug for Subscribe<'_, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscribe")
            .field("keys", &self.keys)
            .field("once", &self.once)
            .finish_non_exhaustive()
    }
}
