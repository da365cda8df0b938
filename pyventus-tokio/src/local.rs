//! The runtime of a thread that has none: emissions run on it to completion.

use std::cell::{OnceCell, RefCell};
use std::future::Future;
use std::io;

use pyventus_core::{EventEmission, SubmitError};
use tokio::runtime::{Builder, Runtime};
use tokio_util::task::TaskTracker;

thread_local! {
    /// Made at the first emission in synchronous code, kept until the thread ends.
    static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
    /// The emissions that run on this thread's runtime, while it is driven.
    static NESTED: RefCell<Option<TaskTracker>> = const { RefCell::new(None) };
}

/// Runs an emission on the runtime of this thread, and all that its handlers emit.
pub(crate) fn run(emission: EventEmission) -> Result<(), SubmitError> {
    let mut emission = Some(emission);
    let result = RUNTIME.try_with(|runtime| {
        let runtime = if let Some(runtime) = runtime.get() {
            runtime
        } else {
            let made = start()?;
            runtime.get_or_init(|| made)
        };
        if let Some(emission) = emission.take() {
            drive(runtime, emission);
        }
        Ok::<(), io::Error>(())
    });
    let reason = match result {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => anyhow::Error::from(error),
        Err(error) => anyhow::Error::from(error),
    };
    Err(match emission {
        Some(emission) => SubmitError::refused(emission, reason),
        None => SubmitError::lost(reason),
    })
}

fn start() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn drive(runtime: &Runtime, emission: EventEmission) {
    let tracker = TaskTracker::new();
    let _driven = Driven::start(tracker.clone());
    runtime.block_on(async {
        emission.run().await;
        // Nested emissions may emit further ones: the tracker is empty when all have ended.
        tracker.close();
        tracker.wait().await;
    });
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

/// An emission made within another one on this thread's runtime, which waits for it.
pub(crate) fn tracked(emission: impl Future<Output = ()>) -> impl Future<Output = ()> {
    let token = NESTED.with_borrow(|nested| nested.as_ref().map(TaskTracker::token));
    async move {
        emission.await;
        drop(token);
    }
}
