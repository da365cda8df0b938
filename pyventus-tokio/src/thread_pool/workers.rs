//! The threads of a pool, each of which runs one emission after the other.
//!
//! They are threads of the standard library, on a channel of `crossbeam`. The pools that are kept
//! well, that of `rayon` above all, neither give back the jobs that never ran nor join their threads
//! when they are dropped; all that they would add to the channel is a loop.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::runtime::{self, Builder, Handle, Runtime};

use crate::task::Blocking;

use super::ThreadPoolError;
use super::queue::Queue;

/// The threads of a pool.
pub(super) struct Workers {
    queue: Arc<Queue>,
    /// Those that nobody has joined.
    threads: Mutex<Vec<JoinHandle<()>>>,
    count: usize,
    runtime: runtime::Id,
}

impl Workers {
    /// Starts that many threads.
    pub(super) fn start(count: usize) -> Result<Self, ThreadPoolError> {
        Self::start_with(count, thread::Builder::spawn)
    }

    /// As [`start`](Self::start), with what starts a thread.
    fn start_with(
        count: usize,
        start: impl Fn(thread::Builder, Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>>,
    ) -> Result<Self, ThreadPoolError> {
        let driver = Arc::new(Driver::start().map_err(ThreadPoolError::Runtime)?);
        let workers = Self {
            queue: Arc::new(Queue::new()),
            threads: Mutex::default(),
            count,
            runtime: driver.handle.id(),
        };
        for index in 0..count {
            let (queue, driver) = (Arc::clone(&workers.queue), Arc::clone(&driver));
            let builder = thread::Builder::new().name(format!("pyventus-pool-{index}"));
            match start(builder, Box::new(move || work(&queue, &driver))) {
                Ok(thread) => workers.lock().push(thread),
                Err(error) => {
                    workers.queue.close();
                    workers.join();
                    return Err(ThreadPoolError::Thread(error));
                }
            }
        }
        Ok(workers)
    }

    pub(super) fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether the calling thread is one of these, or one of their runtime.
    pub(super) fn is_current(&self) -> bool {
        Handle::try_current().is_ok_and(|handle| handle.id() == self.runtime)
    }

    /// Waits until the threads have ended. Whoever comes second waits as well.
    pub(super) fn join(&self) {
        for thread in self.lock().drain(..) {
            // No thread panics: what runs on it is contained.
            drop(thread.join());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs emissions, one at a time, until none is left and none can come.
fn work(queue: &Queue, driver: &Driver) {
    // It is entered and not driven here. So code of this thread finds its timers and sockets and
    // may block all the same, by `Handle::block_on`, say, which a thread that drives refuses.
    let _entered = driver.handle.enter();
    while let Some(emission) = queue.next() {
        // Handlers are contained by the emission. Where other code panics, such as the waker of
        // whoever awaits it, what is left of the emission is cancelled, and the thread goes on. The
        // panic was reported by the panic hook.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| emission.run_to_end(Blocking))) {
            // It may panic again when dropped: it is leaked on purpose.
            std::mem::forget(payload);
        }
        queue.leave();
    }
}

/// The runtime that drives timers and sockets; the threads of the pool share it.
struct Driver {
    handle: Handle,
    /// Absent while it is dropped.
    runtime: Option<Runtime>,
}

impl Driver {
    fn start() -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("pyventus-pool-tokio").enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }
}

impl Drop for Driver {
    /// Ends the runtime without waiting for it, which an asynchronous context would not allow.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn where_a_thread_cannot_be_started_those_before_it_end_and_the_cause_is_told() {
        let (started, ended) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let workers = Workers::start_with(5, |builder, work| {
            if started.fetch_add(1, Ordering::SeqCst) == 3 {
                return Err(io::Error::other("no more threads"));
            }
            let ended = Arc::clone(&ended);
            builder.spawn(move || {
                work();
                ended.fetch_add(1, Ordering::SeqCst);
            })
        });
        let Err(error) = workers.map(|_| ()) else { panic!("a thread is missing") };
        assert!(matches!(&error, ThreadPoolError::Thread(cause) if cause.to_string() == "no more threads"));
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(source.as_deref(), Some("no more threads"));
        assert_eq!(started.into_inner(), 4);
        assert_eq!(ended.load(Ordering::SeqCst), 3);
    }
}
