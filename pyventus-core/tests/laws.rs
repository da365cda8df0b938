//! The laws that every backend keeps, held by `InlineBackend` and, behind the feature `testing`, by
//! those that record.
#![cfg(feature = "conformance")]

use std::sync::Arc;

use pyventus_core::conformance::Fixture;
use pyventus_core::{Backend, InlineBackend};

struct Inline;

impl Fixture for Inline {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(InlineBackend::new())
    }
}

pyventus_core::backend_laws!(|| Inline);

#[cfg(feature = "testing")]
mod recording {
    use std::sync::Arc;
    use std::thread;

    use pyventus_core::conformance::Fixture;
    use pyventus_core::testing::{Probe, RecordingBackend};
    use pyventus_core::{Backend, InlineBackend};

    struct Recording(RecordingBackend);

    impl Fixture for Recording {
        fn backend(&self) -> Arc<dyn Backend> {
            Arc::new(self.0.clone())
        }

        fn settle(&self) {
            // A law may settle before the threads that it has started have emitted anything.
            while self.0.records().is_empty() {
                thread::yield_now();
            }
            self.0.run_all().wait();
        }
    }

    mod by_itself {
        pyventus_core::backend_laws!(|| super::Recording(super::RecordingBackend::new()));
    }

    mod nesting {
        pyventus_core::backend_laws!(|| super::Recording(super::RecordingBackend::new().nesting()));
    }

    struct Probed(Probe);

    impl Fixture for Probed {
        fn backend(&self) -> Arc<dyn Backend> {
            Arc::new(self.0.clone())
        }
    }

    mod before_another {
        pyventus_core::backend_laws!(|| super::Probed(super::Probe::new(super::InlineBackend::new())));
    }
}
