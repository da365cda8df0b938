//! The backend of one request.

use std::sync::Arc;

use pyventus_core::{
    Backend, BackendId, Capabilities, Capability, EventEmission, EventEmitter, EventEmitterBuilder,
    SubmitError,
};

use crate::options::Options;
use crate::queue::{Drain, Queue};

/// Runs handlers after the response of one request.
///
/// A route takes it as a parameter, to make emitters of its own; one that needs nothing but an
/// emitter takes an [`Emitter`](crate::Emitter). All emitters of a request share one queue:
///
/// - Emissions wait until the body of the response was handed to the server in full. The handlers
///   run in a task of their own on the runtime of the request, and hold up neither the response nor
///   its connection.
/// - They run one after the other, in the order they were emitted: each has ended, with all of its
///   handlers, before the next one starts. An error or a panic of a handler stops neither. What a
///   handler emits is a part of its own emission: it runs before everything that waits, beside the
///   handler, which may await it.
/// - Where the route failed, nothing is run: emissions that wait are cancelled, and their handles
///   resolve to [`EmitError::Cancelled`](pyventus_core::EmitError::Cancelled), while one that comes
///   later is refused with a [`RouteFailed`](crate::RouteFailed). One-time handlers were claimed
///   all the same, when they were emitted to. What counts as a failure is up to
///   [`BackgroundTasksLayer::run_when`](crate::BackgroundTasksLayer::run_when).
/// - A client that goes away before there is a response has its route dropped, which is a failure.
///   Where it goes away amid the body, the route has done its work: the emissions are run.
/// - What is emitted when all of this is over, by a task that kept an emitter, runs as soon as
///   nothing before it is left.
///
/// It may be emitted from everywhere in the program: from synchronous code and from threads without
/// a runtime, too.
///
/// A clone is the same backend.
///
/// # Examples
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use pyventus_axum::{BackgroundTasks, BackgroundTasksLayer};
/// use pyventus_core::EventLinker;
///
/// static AUDIT: EventLinker = EventLinker::namespace("audit");
///
/// async fn route(tasks: BackgroundTasks) {
///     tasks.emitter().emit("user.seen");
///     tasks.emitter_builder().linker(&AUDIT).build().emit("user.seen");
/// }
///
/// let app: Router = Router::new().route("/", get(route)).layer(BackgroundTasksLayer::new());
/// # let _app = app;
/// ```
#[derive(Clone, Debug)]
pub struct BackgroundTasks {
    queue: Arc<Queue>,
    options: Arc<Options>,
}

impl BackgroundTasks {
    /// Returns a backend for a request that no layer has seen, as in a test of a route, and what
    /// runs its emissions.
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_axum::BackgroundTasks;
    /// use pyventus_core::EventLinker;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let linker = EventLinker::new();
    /// linker.subscribe("user.registered").handler(|| async { println!("Welcome!") })?;
    ///
    /// let (tasks, drain) = BackgroundTasks::new();
    /// let handle = tasks.emitter_builder().linker(&linker).build().emit("user.registered");
    ///
    /// drain.run().await;
    /// assert_eq!(handle.await?.succeeded(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn new() -> (Self, Drain) {
        let (queue, drain) = Queue::by_hand();
        (Self { queue, options: Arc::default() }, drain)
    }

    pub(crate) fn of_request(queue: Arc<Queue>, options: Arc<Options>) -> Self {
        Self { queue, options }
    }

    /// Returns an emitter for this request, set up as the layer says.
    #[must_use]
    pub fn emitter(&self) -> EventEmitter {
        self.emitter_builder().build()
    }

    /// Returns a builder of an emitter for this request, set up as the layer says, for another
    /// linker or for further state. The emitter shares the queue of all others.
    pub fn emitter_builder(&self) -> EventEmitterBuilder {
        self.options.apply(EventEmitter::builder(self.clone()))
    }
}

impl Backend for BackgroundTasks {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.queue.push(emission)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE.with(Capability::Ordered).with(Capability::AwaitsNested).with(Capability::Offloads)
    }

    fn id(&self) -> BackendId {
        BackendId::of(&*self.queue)
    }
}
