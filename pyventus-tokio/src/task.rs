//! One emission as one task, and what is emitted within it.

use pyventus_core::{BlockingJob, EventEmission, Offload};
use tokio::runtime::Handle;

/// Runs an emission; what is emitted within it is a part of it where the backend nests.
pub(crate) async fn run(emission: EventEmission, nests: bool) {
    if nests {
        emission.run_nesting(Blocking).await;
    } else {
        emission.run_with(Blocking).await;
    }
}

/// Moves blocking handlers to the threads of the runtime that may block.
#[derive(Clone, Copy, Debug)]
pub struct Blocking;

impl Offload for Blocking {
    fn offload(&self, job: BlockingJob) {
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(job)),
            // Polled outside of every runtime: this thread may as well block itself.
            Err(_) => job(),
        }
    }

    fn is_in_place(&self) -> bool {
        Handle::try_current().is_err()
    }
}
