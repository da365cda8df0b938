//! The laws that every broker keeps.
//!
//! A crate with a broker describes in a [`Fixture`] how somebody connects to it, and lets
//! [`broker_laws!`](crate::broker_laws) make one test of each law. What a broker promises beyond the laws it declares in
//! its [`BrokerCapabilities`](crate::BrokerCapabilities); the laws hold it to that, too.
//!
//! The laws wait for conditions: a broker that takes longer than [`PATIENCE`] is taken to be stuck. Where a broker is slow,
//! the variable `PYVENTUS_LAWS_PERCENT` of the environment makes the laws of many events smaller; with `10`, they have a
//! tenth of them.
//!
//! # Examples
//!
//! ```
//! use pyventus_queue::MemoryBroker;
//! use pyventus_queue::conformance::Fixture;
//!
//! struct Memory(MemoryBroker);
//!
//! impl Fixture for Memory {
//!     type Broker = MemoryBroker;
//!
//!     async fn connect(&self) -> MemoryBroker {
//!         self.0.clone()
//!     }
//! }
//!
//! pyventus_queue::broker_laws!(|| Memory(MemoryBroker::new(100_000)));
//! # fn main() {}
//! ```

mod ground;
mod delivery;
mod leases;
mod settling;
mod delays;
mod limits;
mod letters;
mod groups;
mod counts;
mod survival;

use std::future::Future;
use std::time::Duration;

use crate::Broker;

pub use counts::no_event_escapes_the_counts;
pub use delays::{
    an_event_that_is_held_back_is_never_early, an_event_that_is_settled_for_later_is_never_early,
};
pub use delivery::{
    a_batch_is_no_larger_than_was_asked_for, a_consumer_that_waits_is_woken,
    many_producers_and_consumers_lose_nothing_and_see_nothing_twice, nobody_receives_from_an_empty_queue,
    queues_do_not_mix, what_is_published_is_received_byte_for_byte,
};
pub use groups::{a_new_group_gets_what_is_retained, groups_do_not_disturb_one_another};
pub use leases::{
    a_lease_that_has_ended_is_taken_over_and_counted_as_a_death, a_lease_that_is_extended_is_not_taken_over,
    a_receive_that_is_dropped_loses_nothing, what_is_released_is_handed_out_at_once_without_a_death,
    what_was_taken_over_is_not_held,
};
pub use letters::{
    a_dead_letter_keeps_what_was_given_up_and_is_replayed_once, a_dropped_letter_is_gone,
    a_letter_is_either_replayed_or_dropped, an_event_is_replayed_beside_what_it_has_left,
    letters_are_listed_in_pages,
};
pub use limits::{
    an_event_held_back_for_too_long_is_refused, an_oversized_message_is_refused_before_any_is_sent,
};
pub use settling::{
    a_delivery_is_settled_once, a_settlement_is_applied_as_a_whole_or_not_at_all,
    progress_comes_back_as_it_was,
};
pub use survival::{what_was_accepted_survives_a_reconnection, work_goes_on_after_the_broker_was_restarted};

/// How long a law waits for a condition before it takes the broker to be stuck.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A broker under test, and how somebody connects to it.
pub trait Fixture: Send + Sync + 'static {
    /// The broker.
    type Broker: Broker;

    /// Connects, as a program does when it starts: each time to the same events.
    fn connect(&self) -> impl Future<Output = Self::Broker> + Send;

    /// Restarts the broker while programs are connected, and returns whether that can be done; the connections that
    /// there are have to recover by themselves.
    fn restart(&self) -> impl Future<Output = bool> + Send {
        async { false }
    }
}

/// Makes one test of each law that every broker keeps; takes what makes a
/// [`Fixture`](crate::conformance::Fixture).
///
/// Each law has a queue of its own: fixtures may share one broker. Its tests are functions of the module it stands in:
/// several brokers have several modules.
#[macro_export]
macro_rules! broker_laws {
    ($open:expr) => {
        $crate::broker_laws!(@each $open;
            what_is_published_is_received_byte_for_byte
            many_producers_and_consumers_lose_nothing_and_see_nothing_twice
            queues_do_not_mix
            a_consumer_that_waits_is_woken
            a_batch_is_no_larger_than_was_asked_for
            nobody_receives_from_an_empty_queue
            a_lease_that_has_ended_is_taken_over_and_counted_as_a_death
            what_was_taken_over_is_not_held
            a_lease_that_is_extended_is_not_taken_over
            what_is_released_is_handed_out_at_once_without_a_death
            a_receive_that_is_dropped_loses_nothing
            a_settlement_is_applied_as_a_whole_or_not_at_all
            a_delivery_is_settled_once
            progress_comes_back_as_it_was
            an_event_that_is_held_back_is_never_early
            an_event_that_is_settled_for_later_is_never_early
            an_oversized_message_is_refused_before_any_is_sent
            an_event_held_back_for_too_long_is_refused
            a_dead_letter_keeps_what_was_given_up_and_is_replayed_once
            an_event_is_replayed_beside_what_it_has_left
            a_dropped_letter_is_gone
            a_letter_is_either_replayed_or_dropped
            letters_are_listed_in_pages
            groups_do_not_disturb_one_another
            a_new_group_gets_what_is_retained
            no_event_escapes_the_counts
            what_was_accepted_survives_a_reconnection
            work_goes_on_after_the_broker_was_restarted
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
