//! The threads of a pool, and the queue that they take emissions from.
//!
//! They are threads of the standard library, on a channel of `crossbeam`. The pools that are kept
//! well, that of `rayon` above all, neither give back the jobs that never ran nor join their threads
//! when they are dropped; all that they would add to the channel is a loop.

use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::{Context, Waker};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender};
use pyventus_core::EventEmission;
use tokio::runtime::{self, Builder, Handle, Runtime};

use crate::shutdown::Place;
use crate::task::Blocking;

use super::ThreadPoolError;

/// An emission, and its place among those that have not ended.
type Job = (EventEmission, Place);

/// The threads of a pool.
pub(super) struct Workers {
    /// Absent once no further emissions are taken: then the threads end as soon as none is left.
    sender: RwLock<Option<Sender<Job>>>,
    waiting: Receiver<Job>,
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
        let (sender, waiting) = crossbeam_channel::unbounded();
        let workers = Self {
            sender: RwLock::new(Some(sender)),
            waiting,
            threads: Mutex::default(),
            count,
            runtime: driver.handle.id(),
        };
        for index in 0..count {
            let (waiting, driver) = (workers.waiting.clone(), Arc::clone(&driver));
            let builder = thread::Builder::new().name(format!("pyventus-pool-{index}"));
            match start(builder, Box::new(move || work(&waiting, &driver))) {
                Ok(thread) => workers.lock().push(thread),
                Err(error) => {
                    workers.finish();
                    workers.join();
                    return Err(ThreadPoolError::Thread(error));
                }
            }
        }
        Ok(workers)
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether the calling thread is one of these, or one of their runtime.
    pub(super) fn is_current(&self) -> bool {
        Handle::try_current().is_ok_and(|handle| handle.id() == self.runtime)
    }

    /// Queues an emission; gives it back where none are taken any more.
    pub(super) fn push(&self, emission: EventEmission, place: Place) -> Result<(), Job> {
        let sender = self.sender.read().unwrap_or_else(PoisonError::into_inner);
        match &*sender {
            Some(sender) => sender.send((emission, place)).map_err(|unsent| unsent.0),
            None => Err((emission, place)),
        }
    }

    /// Takes no further emissions; the threads end when those that wait have run.
    pub(super) fn finish(&self) {
        *self.sender.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Takes away the emissions that no thread has taken up.
    pub(super) fn take_waiting(&self) -> Vec<EventEmission> {
        let jobs = self.waiting.try_iter();
        jobs.map(|(emission, place)| {
            place.end();
            emission
        })
        .collect()
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
fn work(waiting: &Receiver<Job>, driver: &Driver) {
    // It is entered and not driven here. So code of this thread finds its timers and sockets and
    // may block all the same, by `Handle::block_on`, say, which a thread that drives refuses.
    let _entered = driver.handle.enter();
    for (emission, place) in waiting {
        // Handlers are contained by the emission. Where other code panics, such as the waker of
        // whoever awaits it, what is left of the emission is cancelled, and the thread goes on. The
        // panic was reported by the panic hook.
        match catch_unwind(AssertUnwindSafe(|| drive(emission))) {
            Ok(()) => place.end(),
            // It may panic again when dropped: it is leaked on purpose.
            Err(payload) => std::mem::forget(payload),
        }
    }
}

/// Runs an emission to its end.
fn drive(emission: EventEmission) {
    let mut run = pin!(emission.run_nesting(Blocking));
    // Most have ended when they are polled for the first time: then nobody needs a waker.
    if run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        pollster::block_on(run);
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
