//! The backend itself: which way an emission goes.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use pyventus_core::{Backend, BackendId, Capabilities, Capability, EventEmission, SubmitError};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::local;
use crate::options::{Options, ZeroConcurrency};
use crate::ordered::Queue;
use crate::runners::{Job, Runners};
use crate::shutdown::{BackendClosed, Closed, Gate, Place, WouldDeadlock};
use crate::task::Blocking;

/// Runs handlers on tokio.
///
/// Where the emitting thread stands decides, at each emission:
///
/// - **In a runtime** (a task, `block_on`, or a thread of `spawn_blocking`): the emission runs in
///   a task of that runtime, and `emit` returns at once. Await the handle to know when the handlers
///   have ended; on a thread of `spawn_blocking`, which may block,
///   [`wait`](pyventus_core::EmissionHandle::wait) for it. Where the runtime ends first, the
///   emission is cancelled: no callback runs, and the handle resolves to an error.
/// - **Elsewhere**, in synchronous code: handlers run on the emitting thread, and `emit` returns
///   when they and everything they emit in turn have ended. They run on a runtime that belongs to
///   the thread and is kept for its next emission; a task that a handler spawns and does not await
///   makes progress only while an emission runs on that thread.
///
/// A backend made with [`on_runtime`](Self::on_runtime) always goes the first way, on the runtime
/// it was given.
///
/// Synchronous handlers run where the emission runs; those declared `blocking` on a thread of the
/// runtime that may block.
///
/// A task that has run an emission is kept for further ones, since to start one takes longer than to run most: up to 32
/// of them wait in each runtime. They end when the backend is closed, when its last clone is dropped, or with their
/// runtime. Tasks that drain a queue, as [`ordered`](Self::ordered) has it, or that wait for a turn, end with their work.
///
/// A clone is the same backend.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventEmitter, EventLinker};
/// use pyventus_tokio::TokioBackend;
///
/// let linker = EventLinker::new();
/// linker.subscribe("hello").handler(|| async { println!("Hello, World!") })?;
///
/// let emitter = EventEmitter::builder(TokioBackend::new()).linker(&linker).build();
/// emitter.emit("hello"); // Synchronous code: returns when the handler has ended.
/// # Ok::<(), pyventus_core::SubscribeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TokioBackend {
    options: Options,
    gate: Arc<Gate>,
    queue: Arc<Queue>,
    runners: Arc<Runners>,
}

impl TokioBackend {
    /// Returns a backend that holds no runtime: see the type for where handlers run.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a backend that runs everything on one runtime, from wherever it is emitted; `emit`
    /// returns at once.
    ///
    /// Once that runtime has ended, emissions are cancelled.
    #[must_use]
    pub fn on_runtime(runtime: Handle) -> Self {
        Self { options: Options { runtime: Some(runtime), ..Options::default() }, ..Self::default() }
    }

    /// Runs emissions one after the other, in the order they were submitted: each has ended, with
    /// all of its handlers, before the next one starts.
    ///
    /// What a handler emits is a part of its own emission: it runs before everything that waits,
    /// in the order it was emitted, beside the handler, which may await it. A task that a handler
    /// spawns is no part of it: what it emits goes to the end of the queue, and a handler that
    /// awaits it waits for ever.
    ///
    /// In synchronous code, an emission that finds another thread running the queue is left to
    /// that thread, and `emit` returns at once.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.options.ordered = true;
        self.queue = Arc::default();
        self
    }

    /// Lets at most that many emissions run at a time; the others wait for their turn. Whoever
    /// awaits the handle of an emission is held back with it.
    ///
    /// What a handler emits is a part of its own emission and waits for no turn, so that it can
    /// be awaited. In synchronous code there is no limit: each thread runs its own emissions.
    ///
    /// # Errors
    ///
    /// The limit is 0: nothing would ever run.
    pub fn max_concurrency(mut self, limit: usize) -> Result<Self, ZeroConcurrency> {
        if limit == 0 {
            return Err(ZeroConcurrency);
        }
        self.options.permits = Some(Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS))));
        Ok(self)
    }

    /// Returns how many emissions have not ended, those that wait for their turn included.
    #[must_use]
    pub fn task_count(&self) -> usize {
        self.gate.count()
    }

    /// Waits until every emission has ended, those made meanwhile included.
    ///
    /// # Errors
    ///
    /// It is called by a handler of this backend, whose emission would wait for itself.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost where the future is dropped.
    pub async fn wait(&self) -> Result<(), WouldDeadlock> {
        self.gate.wait(EventEmission::is_within(self.id())).await
    }

    /// Refuses further emissions, waits for those that run or wait for their turn and for what their
    /// handlers emit, and cuts what has not ended by the deadline; a deadline of zero cuts at once.
    /// Closing again does no harm.
    ///
    /// # Errors
    ///
    /// It is called by a handler of this backend, whose emission would wait for itself. The
    /// backend is closed all the same; nothing is cut.
    ///
    /// # Panics
    ///
    /// Emissions have not ended, there is time until the deadline, and it is polled outside of a tokio
    /// runtime that has its timers enabled.
    ///
    /// # Cancel safety
    ///
    /// Where the future is dropped, the backend stays closed, and nothing is cut.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pyventus_core::{EventEmitter, EventLinker};
    /// use pyventus_tokio::TokioBackend;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let linker = EventLinker::new();
    /// linker.subscribe("job").handler(|| async { tokio::task::yield_now().await })?;
    ///
    /// let backend = TokioBackend::new();
    /// let emitter = EventEmitter::builder(backend.clone()).linker(&linker).build();
    /// emitter.emit("job");
    ///
    /// let closed = backend.close(Duration::from_secs(5)).await?;
    /// assert_eq!(closed.cut, 0);
    /// assert!(emitter.emit("job").await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn close(&self, deadline: Duration) -> Result<Closed, WouldDeadlock> {
        let closed = self.gate.close(deadline, EventEmission::is_within(self.id())).await;
        self.runners.dismiss();
        closed
    }

    /// Whether what is emitted within an emission of this backend is a part of it.
    fn nests(&self) -> bool {
        self.options.ordered || self.options.permits.is_some()
    }

    fn start(&self, runtime: &Handle, emission: EventEmission, place: Place) {
        let within = local::token();
        if self.options.ordered {
            if let Some(drain) = self.queue.push(emission, place) {
                runtime.spawn(drain.run(within));
            }
        } else if let Some(permits) = &self.options.permits {
            runtime.spawn(turn(Arc::clone(permits), emission, place, within));
        } else {
            self.runners.run(runtime, Job { emission, place, within });
        }
    }

    /// Runs an emission on this thread, which has no runtime.
    fn run_here(&self, emission: EventEmission, place: Place) -> Result<(), SubmitError> {
        let runtime = match local::runtime() {
            Ok(runtime) => runtime,
            Err(error) => return Err(SubmitError::refused(emission, error)),
        };
        if self.options.ordered {
            if let Some(drain) = self.queue.push(emission, place) {
                runtime.run(drain.run(None));
            }
        } else if self.options.permits.is_some() {
            runtime.run(place.run(pin!(emission.run_nesting(Blocking))));
        } else {
            runtime.run(place.run(pin!(emission.run_with(Blocking))));
        }
        Ok(())
    }
}

/// Runs an emission to its end, once it is its turn.
async fn turn(
    permits: Arc<Semaphore>,
    emission: EventEmission,
    place: Place,
    _within: Option<TaskTrackerToken>,
) {
    let emission = pin!(async {
        // The semaphore is never closed.
        let _permit = permits.acquire().await.ok();
        emission.run_nesting(Blocking).await;
    });
    place.run(emission).await;
}

impl Backend for TokioBackend {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        // What a handler emits while the backend closes is a part of what it had taken.
        let is_part = || EventEmission::is_within(self.id()).then(|| self.gate.place());
        let Some(place) = self.gate.enter().or_else(is_part) else {
            return Err(SubmitError::refused(emission, BackendClosed));
        };
        let (emission, place) = if self.nests() {
            match emission.nest(place) {
                Ok(()) => return Ok(()),
                Err(outermost) => outermost,
            }
        } else {
            (emission, place)
        };
        if let Some(runtime) = &self.options.runtime {
            self.start(runtime, emission, place);
            return Ok(());
        }
        match Handle::try_current() {
            Ok(runtime) => self.start(&runtime, emission, place),
            Err(error) if error.is_missing_context() => return self.run_here(emission, place),
            // The thread is ending and has no place for a runtime any more.
            Err(error) => return Err(SubmitError::refused(emission, error)),
        }
        Ok(())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE
            .with(Capability::AwaitsNested)
            .with(Capability::Offloads)
            .with_if(Capability::Ordered, self.options.ordered)
            .with_if(Capability::Isolated, !self.nests())
    }

    fn id(&self) -> BackendId {
        BackendId::of(&*self.gate)
    }
}
