//! The layer: how it is set up, waited for and closed.

use std::sync::Arc;
use std::time::Duration;

use pyventus_core::EventLinker;
use pyventus_tokio::__private::Gate;
use pyventus_tokio::{Closed, WouldDeadlock};
use tower_layer::Layer;

use crate::options::Options;
use crate::service::BackgroundTasksService;
use crate::shutdown::is_within;
use crate::verdict::RunWhen;

/// Lets the routes below it emit to handlers that run after the response.
///
/// Each request gets [`BackgroundTasks`](crate::BackgroundTasks) of its own, which say when and in
/// which order its handlers run. Which routes are below it is up to axum: those that were added to
/// the router before. Where several such layers are above a route, the innermost serves it.
///
/// Keep a clone, to [`close`](Self::close) it when the server has ended: handlers that still run by
/// then would be cancelled with the runtime. Clones share what is waited for and closed, and may be
/// set up differently for different routes.
///
/// A layer around this one that answers in place of the route, as one for timeouts does, drops the
/// route: nothing is run. One below it is a part of the route.
///
/// # Examples
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use pyventus_axum::{BackgroundTasksLayer, Emitter};
/// use pyventus_core::EventLinker;
///
/// static ORDERS: EventLinker = EventLinker::namespace("orders");
///
/// let layer = BackgroundTasksLayer::new().linker(&ORDERS).state("the database").debug(true);
/// let app: Router = Router::new()
///     .route("/", get(async |emitter: Emitter| drop(emitter.emit("order.seen"))))
///     .layer(layer);
/// # let _app = app;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a layer does nothing before it is added to a router"]
pub struct BackgroundTasksLayer {
    options: Arc<Options>,
    when: RunWhen,
    gate: Arc<Gate>,
}

impl BackgroundTasksLayer {
    /// Returns a layer whose emitters know the handlers of [`EventLinker::global`], and which runs
    /// them where the route has succeeded.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the linker whose handlers answer; [`EventLinker::global`] unless set.
    pub fn linker(mut self, linker: &EventLinker) -> Self {
        Arc::make_mut(&mut self.options).linker = Some(linker.clone());
        self
    }

    /// Gives handlers a value, which they take as [`State<T>`](pyventus_core::State). Each emitter
    /// has a clone of it. There is one value per type; giving a second keeps the last.
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        Arc::make_mut(&mut self.options).give(value);
        self
    }

    /// Sets whether the lines about emissions are logged at INFO instead of DEBUG.
    pub fn debug(mut self, debug: bool) -> Self {
        Arc::make_mut(&mut self.options).debug = debug;
        self
    }

    /// Sets for which responses emissions are run; [`RunWhen::Success`] unless set.
    pub fn run_when(mut self, when: RunWhen) -> Self {
        self.when = when;
        self
    }

    /// Returns how many emissions have not ended, those that wait for a response included.
    #[must_use]
    pub fn task_count(&self) -> usize {
        self.gate.count()
    }

    /// Waits until every emission has ended, those made meanwhile included.
    ///
    /// Emissions wait for the response of their request: a route that has emitted and waits here
    /// waits for ever.
    ///
    /// # Errors
    ///
    /// It is called by a handler that this layer runs, whose emission would wait for itself.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost where the future is dropped.
    pub async fn wait(&self) -> Result<(), WouldDeadlock> {
        self.gate.wait(is_within(&self.gate)).await
    }

    /// Refuses further emissions, waits for those that run or wait and for what their handlers emit,
    /// and cuts what has not ended by the deadline; a deadline of zero cuts at once. Closing again does
    /// no harm.
    ///
    /// Close it when the server has ended: requests that are served still could emit no more.
    /// Emissions that are refused give the error [`BackendClosed`](crate::BackendClosed).
    ///
    /// # Errors
    ///
    /// It is called by a handler that this layer runs, whose emission would wait for itself. Further
    /// emissions are refused all the same.
    ///
    /// # Panics
    ///
    /// Emissions have not ended, there is time until the deadline, and it is polled outside of a tokio
    /// runtime that has its timers enabled.
    ///
    /// # Cancel safety
    ///
    /// Where the future is dropped, the layer stays closed, and nothing is cut.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use pyventus_axum::BackgroundTasksLayer;
    ///
    /// # async fn stop() {}
    /// # async fn serve(listener: tokio::net::TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    /// let background = BackgroundTasksLayer::new();
    /// let app = axum::Router::new().layer(background.clone());
    ///
    /// axum::serve(listener, app).with_graceful_shutdown(stop()).await?;
    /// let closed = background.close(Duration::from_secs(30)).await?;
    /// assert_eq!(closed.cut, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&self, deadline: Duration) -> Result<Closed, WouldDeadlock> {
        self.gate.close(deadline, is_within(&self.gate)).await
    }
}

impl<S> Layer<S> for BackgroundTasksLayer {
    type Service = BackgroundTasksService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        let (options, gate) = (Arc::clone(&self.options), Arc::clone(&self.gate));
        BackgroundTasksService::new(inner, options, self.when.clone(), gate)
    }
}
