//! Submitted = run + returned + cancelled, on every backend that runs handlers in this process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use pyventus::conformance::{Fixture, Stress, stress};
use pyventus::{Backend, EventEmission};
use tokio::runtime::Builder;

use crate::local::{BACKENDS, Driven, Local};

const EMISSIONS: usize = 10_000;

const THREADS: usize = 2;

/// Each backend, on each flavour of a runtime.
fn each(test: impl Fn(&str, Local)) {
    for (name, open) in BACKENDS {
        for mut flavour in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            test(name, open(Driven::start(flavour.worker_threads(THREADS)).unwrap()).unwrap());
        }
    }
}

#[test]
fn what_two_threads_emit_has_run_to_the_last_emission() {
    each(|name, backend| {
        let expected = Stress { submitted: EMISSIONS, ran: EMISSIONS, returned: 0, cancelled: 0 };
        assert_eq!(stress(backend, EMISSIONS, THREADS), expected, "{name}");
    });
}

/// A backend that is ended amid its emissions.
struct Ended<'a> {
    backend: Local,
    /// How many pieces of work were begun, of ten.
    begun: AtomicUsize,
    end: fn(&Local) -> bool,
    /// Whether it could be ended that way, once that was tried.
    could_end: &'a OnceLock<bool>,
}

impl Fixture for Ended<'_> {
    fn backend(&self) -> Arc<dyn Backend> {
        self.backend.backend()
    }

    fn emitting(&self, code: &mut dyn FnMut()) {
        let piece = self.begun.fetch_add(1, Ordering::Relaxed);
        if piece > 3 {
            self.could_end.wait();
        }
        self.backend.emitting(code);
        // Two pieces at least were submitted before the end, and six are behind it.
        if piece == 2 {
            self.could_end.get_or_init(|| (self.end)(&self.backend));
        }
    }

    fn settle(&self) {
        self.backend.settle();
    }
}

/// Ends each backend amid its emissions, and tells what became of them, where it could be ended.
fn ended(end: fn(&Local) -> bool, test: impl Fn(&str, Stress)) {
    each(|name, backend| {
        let could_end = OnceLock::new();
        let fixture = Ended { backend, begun: AtomicUsize::new(0), end, could_end: &could_end };
        let result = stress(fixture, EMISSIONS, THREADS);
        assert!(result.is_conserved() && result.submitted == EMISSIONS, "{name}: {result:?}");
        if could_end.into_inner() == Some(true) {
            assert!(result.returned >= 6 * EMISSIONS / 10, "{name}: {result:?}");
            test(name, result);
        } else {
            assert_eq!(result.ran, EMISSIONS, "{name}: {result:?}");
        }
    });
}

#[test]
fn a_closed_backend_has_run_what_it_took_and_returned_the_rest() {
    ended(Fixture::close, |name, result| {
        assert!(result.ran >= 2 * EMISSIONS / 10 && result.cancelled == 0, "{name}: {result:?}");
    });
}

#[test]
fn a_backend_that_is_cut_has_lost_no_count() {
    let cut = |backend: &Local| backend.cut().map(|never_ran: Vec<EventEmission>| drop(never_ran)).is_some();
    ended(cut, |name, result| assert!(result.ran + result.cancelled > 0, "{name}: {result:?}"));
}
