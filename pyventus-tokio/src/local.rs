//! The runtime of a thread that has none: emissions run on it to completion.

use std::cell::{OnceCell, RefCell};
use std::future::Future;
use std::rc::Rc;

use tokio::runtime::{Builder, Runtime};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

thread_local! {
    /// Made at the first emission in synchronous code, kept until the thread ends.
    static RUNTIME: OnceCell<Rc<Runtime>> = const { OnceCell::new() };
    /// The emissions that run on this thread's runtime, while it is driven.
    static NESTED: RefCell<Option<TaskTracker>> = const { RefCell::new(None) };
}

/// The runtime of this thread.
pub(crate) struct Local(Rc<Runtime>);

/// Returns the runtime of this thread; makes it where there is none yet.
pub(crate) fn runtime() -> anyhow::Result<Local> {
    RUNTIME.try_with(|cell| {
        if let Some(runtime) = cell.get() {
            return Ok(Local(Rc::clone(runtime)));
        }
        let made = Rc::new(Builder::new_current_thread().enable_all().build()?);
        Ok(Local(Rc::clone(cell.get_or_init(|| made))))
    })?
}

impl Local {
    /// Runs an emission, and all that its handlers emit.
    pub(crate) fn run(&self, emission: impl Future<Output = ()>) {
        let tracker = TaskTracker::new();
        let _driven = Driven::start(tracker.clone());
        self.0.block_on(async {
            emission.await;
            // Nested emissions may emit further ones: the tracker is empty when all have ended.
            tracker.close();
            tracker.wait().await;
        });
    }
}

/// The time during which the runtime of this thread is driven.
struct Driven;

impl Driven {
    fn start(tracker: TaskTracker) -> Self {
        NESTED.set(Some(tracker));
        Self
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        NESTED.set(None);
    }
}

/// Held by an emission that is made within another one on this thread's runtime, which waits for it.
pub(crate) fn token() -> Option<TaskTrackerToken> {
    NESTED.with_borrow(|nested| nested.as_ref().map(TaskTracker::token))
}
