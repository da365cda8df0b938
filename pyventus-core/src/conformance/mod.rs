//! The laws that every backend keeps.
//!
//! A crate with a backend describes in a [`Fixture`] how one is made, and lets
//! [`backend_laws!`](crate::backend_laws) make one test of each law. What a backend promises beyond
//! the laws it declares in its [`Capabilities`](crate::Capabilities); the laws hold it to that, too.
//!
//! The laws wait for conditions, never for a time: a backend that takes longer than
//! [`PATIENCE`] is taken to be stuck.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//!
//! use pyventus_core::conformance::Fixture;
//! use pyventus_core::{Backend, InlineBackend};
//!
//! struct Inline;
//!
//! impl Fixture for Inline {
//!     fn backend(&self) -> Arc<dyn Backend> {
//!         Arc::new(InlineBackend::new())
//!     }
//! }
//!
//! pyventus_core::backend_laws!(|| Inline);
//! # fn main() {}
//! ```

mod ground;
mod tally;
mod delivery;
mod outcomes;
mod order;
mod waiting;
mod nesting;
mod closing;

use std::sync::Arc;
use std::time::Duration;

use crate::{Backend, EventEmission};

pub use closing::{
    closing_finishes_what_was_taken, closing_many_times_at_once_does_no_harm, nothing_is_lost_by_a_cut,
    what_is_emitted_after_a_close_is_given_back,
};
pub use delivery::{Stress, every_handler_runs_once_for_every_emission, stress};
pub use nesting::{
    a_cascade_ends, a_nested_emission_is_awaited_or_refused, a_thread_is_not_blocked_for_ever,
    what_a_handler_emits_runs_once,
};
pub use order::{emissions_run_in_the_order_they_were_submitted, handlers_start_in_order};
pub use outcomes::every_outcome_is_reported_and_answered;
pub use waiting::{
    a_handler_that_blocks_holds_up_no_other_handler, a_handler_that_waits_holds_up_no_other_emission,
};

/// How long a law waits for a condition before it takes the backend to be stuck.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A backend under test, and how it is used and ended.
pub trait Fixture: Send + Sync {
    /// Returns the backend; each time the same.
    fn backend(&self) -> Arc<dyn Backend>;

    /// Runs code that emits, where users would: inside of a runtime, say. Laws call it from several
    /// threads at once.
    fn emitting(&self, code: &mut dyn FnMut()) {
        code();
    }

    /// Runs what was emitted so far, and what is emitted by that, to the end. A backend that runs
    /// emissions by itself needs not do anything.
    fn settle(&self) {}

    /// Closes the backend after it has finished what it has taken; returns whether it can be closed.
    fn close(&self) -> bool {
        false
    }

    /// Closes the backend without finishing what it has taken, and returns what never ran, unless it
    /// was cancelled; `None` where the backend cannot be closed that way.
    fn cut(&self) -> Option<Vec<EventEmission>> {
        None
    }
}

/// Makes one test of each law that every backend keeps; takes what makes a
/// [`Fixture`](crate::conformance::Fixture).
///
/// Its tests are functions of the module it stands in: several backends have several modules.
#[macro_export]
macro_rules! backend_laws {
    ($open:expr) => {
        $crate::backend_laws!(@each $open;
            every_handler_runs_once_for_every_emission
            handlers_start_in_order
            emissions_run_in_the_order_they_were_submitted
            every_outcome_is_reported_and_answered
            a_handler_that_waits_holds_up_no_other_emission
            a_handler_that_blocks_holds_up_no_other_handler
            what_a_handler_emits_runs_once
            a_nested_emission_is_awaited_or_refused
            a_thread_is_not_blocked_for_ever
            a_cascade_ends
            closing_finishes_what_was_taken
            what_is_emitted_after_a_close_is_given_back
            closing_many_times_at_once_does_no_harm
            nothing_is_lost_by_a_cut
        );
    };
    (@each $open:expr; $($law:ident)+) => {
        $(
            #[test]
            fn $law() {
                $crate::conformance::$law($open);
            }
        )+
    };
}
