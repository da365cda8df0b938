//! Where blocking handlers go, so that they do not hold up the others.

use std::sync::Arc;

use futures_channel::oneshot;

/// Work for a thread that may block.
pub type BlockingJob = Box<dyn FnOnce() + Send>;

/// A place with threads that may block, for handlers that were declared `blocking`.
///
/// A backend passes one to [`EventEmission::run_with`](crate::EventEmission::run_with).
///
/// # Examples
///
/// ```
/// use pyventus_core::{BlockingJob, Offload};
///
/// /// A thread for each job.
/// struct Threads;
///
/// impl Offload for Threads {
///     fn offload(&self, job: BlockingJob) {
///         std::thread::spawn(job);
///     }
/// }
/// ```
pub trait Offload: Send + Sync {
    /// Runs the job on a thread that may block, once. A job that is dropped instead cancels its
    /// handler.
    fn offload(&self, job: BlockingJob);

    /// Returns whether there are no such threads: then a handler declared `blocking` is one like
    /// others.
    fn is_in_place(&self) -> bool {
        false
    }
}

impl<O: Offload + ?Sized> Offload for &O {
    fn offload(&self, job: BlockingJob) {
        (**self).offload(job);
    }

    fn is_in_place(&self) -> bool {
        (**self).is_in_place()
    }
}

impl<O: Offload + ?Sized> Offload for Arc<O> {
    fn offload(&self, job: BlockingJob) {
        (**self).offload(job);
    }

    fn is_in_place(&self) -> bool {
        (**self).is_in_place()
    }
}

/// The place that is wherever the emission runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here;

impl Offload for Here {
    fn offload(&self, job: BlockingJob) {
        job();
    }

    fn is_in_place(&self) -> bool {
        true
    }
}

/// The thread that a blocking handler was moved to ended before the handler did: the handler was
/// cancelled, and neither of its callbacks runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the handler was cancelled: the thread that it was to run on has ended")]
pub struct HandlerCancelled;

/// Hands work over and returns its result to come.
pub(crate) fn hand_over<T: Send + 'static>(
    offload: &dyn Offload,
    work: impl FnOnce() -> T + Send + 'static,
) -> oneshot::Receiver<T> {
    let (done, result) = oneshot::channel();
    // Nobody is left to hear of it where the emission was cancelled meanwhile.
    offload.offload(Box::new(move || drop(done.send(work()))));
    result
}
