//! The backend over a pool of threads of its own: how it is used, and how it ends.

mod queue;
mod workers;

use std::fmt;
use std::io;
use std::sync::Arc;

use pyventus_core::{Backend, BackendId, Capabilities, Capability, EventEmission, SubmitError};

use crate::shutdown::{BackendClosed, WouldDeadlock};

use queue::Queue;
use workers::Workers;

/// Runs handlers on a pool of threads that belongs to the backend.
///
/// `emit` returns at once, in synchronous and in asynchronous code alike. Each emission is one job:
/// one thread of the pool takes it up and runs all of its handlers to their end before it takes up
/// the next one, in the order they were submitted. So as many emissions run at a time as there are
/// threads; while that many handlers wait, further emissions wait with them. A pool of one thread
/// runs emissions one after the other.
///
/// **Handlers.** Synchronous ones may block: the thread is there for them. Asynchronous ones may
/// use everything of tokio, such as its timers and its sockets, which a runtime of the backend
/// drives on a thread of its own; what they spawn runs on that runtime and ends with it, when the
/// pool is closed. Handlers that were declared `blocking` run on further threads of that runtime,
/// beside the other handlers of their emission. They could not do so on the thread of the pool,
/// which has to run what they emit and wait for.
///
/// **Nested emissions.** What a handler emits is a part of its own emission: it runs on the same
/// thread, beside the handler, which may await it, even on a pool of one thread. A synchronous
/// handler that is not `blocking` cannot [`wait`](pyventus_core::EmissionHandle::wait) for it: that
/// is [`EmitError::WouldDeadlock`](pyventus_core::EmitError::WouldDeadlock). A task that a handler
/// spawns is no part of it: what it emits goes to the end of the queue, and is refused once the pool
/// is closed; where all threads are taken by handlers that await such a task, they wait for ever.
///
/// **The end.** The value that [`new`](Self::new) returns owns the pool; clones are the same backend
/// and do not own it. Keep the value, and give clones to emitters: dropping it closes the pool as
/// [`close`](Self::close) does, so that nothing that was emitted is lost, even where the program
/// panics. An emission holds its emitter, which holds its backend: a value that was moved into an
/// emitter ends only after the last of its emissions, and nobody waits for that; a program that
/// ends first cuts them. Nor is a `static` ever dropped: close it by hand.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use pyventus_core::{EventEmitter, EventLinker};
/// use pyventus_tokio::ThreadPoolBackend;
///
/// let linker = EventLinker::new();
/// linker.subscribe("hello").handler(|| async {
///     tokio::time::sleep(Duration::from_millis(1)).await;
///     println!("Hello, World!");
/// })?;
///
/// let backend = ThreadPoolBackend::new(2)?;
/// let emitter = EventEmitter::builder(backend.clone()).linker(&linker).build();
/// emitter.emit("hello"); // Returns at once.
/// assert_eq!(emitter.emit("hello").wait()?.succeeded(), 1);
/// drop(backend); // Returns when all handlers have ended.
/// assert!(emitter.emit("hello").wait().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ThreadPoolBackend {
    workers: Arc<Workers>,
    is_owner: bool,
}

impl ThreadPoolBackend {
    /// Starts a pool of that many threads, and the runtime that drives timers and sockets for them.
    ///
    /// # Errors
    ///
    /// The number is 0, or the system does not give as many threads. Then nothing goes on running.
    pub fn new(threads: usize) -> Result<Self, ThreadPoolError> {
        if threads == 0 {
            return Err(ThreadPoolError::ZeroThreads);
        }
        Ok(Self { workers: Arc::new(Workers::start(threads)?), is_owner: true })
    }

    /// Returns how many threads the pool has; as many emissions run at a time.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.workers.count()
    }

    /// Returns how many emissions have not ended, those that wait for a thread included.
    #[must_use]
    pub fn task_count(&self) -> usize {
        self.queue().gate().count()
    }

    /// Blocks the thread until every emission has ended, those made meanwhile included.
    ///
    /// In asynchronous code, await the handles of emissions instead: a blocked thread of a runtime
    /// may be the very one that a handler needs.
    ///
    /// # Errors
    ///
    /// It is called by a handler of this backend, whose emission would wait for itself, or
    /// elsewhere on a thread of this backend, as in a task that a handler has spawned.
    pub fn wait(&self) -> Result<(), WouldDeadlock> {
        pollster::block_on(self.queue().gate().wait(self.is_waited_for()))
    }

    /// Refuses further emissions and returns at once. Those that were taken are run to their end, with
    /// all that their handlers emit; then the threads end.
    ///
    /// [`close`](Self::close) waits for that.
    pub fn refuse(&self) {
        self.queue().close();
    }

    /// Refuses further emissions, and blocks the thread until all that were taken have run to their
    /// end, with all that their handlers emit, and the threads of the pool have ended. Closing again,
    /// or from several threads at once, does no harm.
    ///
    /// In asynchronous code it holds up the thread of the runtime that it is called on: call it by
    /// way of `spawn_blocking`.
    ///
    /// # Errors
    ///
    /// It is called by a handler of this backend, whose emission would wait for itself, or
    /// elsewhere on a thread of this backend, as in a task that a handler has spawned. The backend
    /// is closed all the same, as by [`refuse`](Self::refuse).
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_core::{EmitError, EventEmitter, EventLinker};
    /// use pyventus_tokio::{BackendClosed, ThreadPoolBackend};
    ///
    /// let linker = EventLinker::new();
    /// linker.subscribe("job").handler(|| ())?;
    ///
    /// let backend = ThreadPoolBackend::new(1)?;
    /// let emitter = EventEmitter::builder(backend.clone()).linker(&linker).build();
    /// emitter.emit("job");
    /// backend.close()?;
    /// assert_eq!(backend.task_count(), 0);
    ///
    /// match emitter.emit("job").wait() {
    ///     Err(EmitError::Submit(error)) => assert!(error.reason().is::<BackendClosed>()),
    ///     other => panic!("a closed backend has taken an emission: {other:?}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&self) -> Result<(), WouldDeadlock> {
        self.refuse();
        self.wait()?;
        self.workers.join();
        Ok(())
    }

    /// Refuses further emissions, and returns the ones that no thread has taken up, in the order they
    /// were submitted. It does not wait for those that run, which go on to their end, with all that
    /// their handlers emit; [`close`](Self::close) waits for them.
    ///
    /// What is returned may be run elsewhere. Dropping it cancels it: the handles of the emissions
    /// resolve to [`EmitError::Cancelled`](pyventus_core::EmitError::Cancelled).
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_core::{Backend, EventEmitter, EventLinker, InlineBackend};
    /// use pyventus_tokio::ThreadPoolBackend;
    ///
    /// let linker = EventLinker::new();
    /// linker.subscribe("job").handler(|| ())?;
    ///
    /// let backend = ThreadPoolBackend::new(1)?;
    /// let emitter = EventEmitter::builder(backend.clone()).linker(&linker).build();
    /// let handles: Vec<_> = (0..10).map(|_| emitter.emit("job")).collect();
    /// for emission in backend.close_now() {
    ///     InlineBackend::new().submit(emission)?;
    /// }
    /// for handle in handles {
    ///     assert_eq!(handle.wait()?.succeeded(), 1);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "dropping what never ran cancels it"]
    pub fn close_now(&self) -> Vec<EventEmission> {
        self.refuse();
        self.queue().take_waiting()
    }

    fn queue(&self) -> &Arc<Queue> {
        self.workers.queue()
    }

    /// Whether the calling code is itself among what a closing waits for, as far as can be told.
    fn is_waited_for(&self) -> bool {
        EventEmission::is_within(self.id()) || self.workers.is_current()
    }
}

impl Clone for ThreadPoolBackend {
    /// The same backend; the pool is still owned by the value that `new` returned.
    fn clone(&self) -> Self {
        Self { workers: Arc::clone(&self.workers), is_owner: false }
    }
}

impl Drop for ThreadPoolBackend {
    fn drop(&mut self) {
        if self.is_owner {
            // Where the pool would wait for itself, its threads end by themselves.
            let _would_deadlock = self.close();
        }
    }
}

impl Backend for ThreadPoolBackend {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        let queue = self.queue();
        let emission = if EventEmission::is_within(self.id()) {
            // Nothing is refused that is a part of what was taken. The place is there from the start,
            // so that no closing takes the pool for idle meanwhile.
            match emission.nest(queue.place()) {
                Ok(()) => return Ok(()),
                Err((emission, _place)) => emission,
            }
        } else {
            emission
        };
        queue.push(emission).map_err(|emission| SubmitError::refused(emission, BackendClosed))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE
            .with(Capability::AwaitsNested)
            .with(Capability::Offloads)
            .with_if(Capability::Ordered, self.threads() == 1)
            .with_if(Capability::Isolated, self.threads() > 1)
    }

    fn id(&self) -> BackendId {
        BackendId::of(&*self.workers)
    }
}

impl fmt::Debug for ThreadPoolBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPoolBackend")
            .field("threads", &self.threads())
            .field("task_count", &self.task_count())
            .field("is_owner", &self.is_owner)
            .finish_non_exhaustive()
    }
}

/// A pool of threads could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ThreadPoolError {
    /// A pool of no threads was asked for: nothing would ever run.
    #[error("a pool of zero threads runs nothing")]
    ZeroThreads,
    /// The system gave no runtime, which drives timers and sockets for the threads.
    #[error("the runtime of a pool of threads could not be started")]
    Runtime(#[source] io::Error),
    /// The system gave fewer threads than were asked for.
    #[error("a thread of a pool could not be started")]
    Thread(#[source] io::Error),
}
