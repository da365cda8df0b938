//! Where blocking handlers go.

use pyventus_core::{BlockingJob, Offload};
use tokio::runtime::Handle;

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
