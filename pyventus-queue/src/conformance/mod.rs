//! The laws that every broker keeps, and those that workers keep over every broker.
//!
//! A crate with a broker describes in a [`Fixture`] how somebody connects to it, and lets
//! [`broker_laws!`](crate::broker_laws) and [`worker_laws!`](crate::worker_laws) make one test of each law. What a broker promises beyond the laws it declares in
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
mod backlog;
mod removal;
mod survival;
mod faulty;
mod program;
mod handling;
mod retries;
mod quarantine;
mod ending;
mod trouble;

use std::future::Future;
use std::time::Duration;

use crate::Broker;

pub use backlog::{a_backlog_says_where_each_delivery_is, queues_are_listed_with_their_groups};
pub use counts::no_event_escapes_the_counts;
pub use delays::{
    an_event_that_is_held_back_is_never_early, an_event_that_is_settled_for_later_is_never_early,
};
pub use delivery::{
    a_batch_is_no_larger_than_was_asked_for, a_consumer_that_waits_is_woken,
    many_producers_and_consumers_lose_nothing_and_see_nothing_twice, nobody_receives_from_an_empty_queue,
    queues_do_not_mix, what_is_published_is_received_byte_for_byte,
};
pub use ending::{
    a_worker_that_ends_finishes_what_it_has_begun, a_worker_that_is_told_twice_ends_at_once,
    what_does_not_end_in_time_is_handed_back,
};
pub use faulty::{Fault, Faulty, Operation};
pub use groups::{a_new_group_gets_what_is_retained, groups_do_not_disturb_one_another};
pub use handling::{
    a_lease_that_is_shorter_than_its_handler_is_extended, an_event_for_later_is_handled_then,
    an_event_that_comes_twice_has_one_identity, every_group_handles_every_event,
    what_a_dead_worker_had_is_taken_over,
};
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
pub use quarantine::{
    an_event_that_kills_workers_is_put_into_quarantine, unknown_events_are_skipped_where_that_is_wanted,
    what_cannot_be_read_is_put_into_quarantine,
};
pub use removal::{
    a_group_that_is_removed_is_gone_with_all_that_it_had, groups_come_and_go_and_others_lose_nothing,
    the_last_group_takes_with_it_what_is_left, what_other_groups_have_left_stays,
    who_waits_makes_a_removed_group_anew,
};
pub use retries::{
    a_handler_that_is_gone_is_given_up, a_handler_that_takes_too_long_has_failed,
    a_letter_is_replayed_for_its_handler_alone, a_letter_that_cannot_be_stored_is_not_lost,
    each_handler_runs_as_often_as_it_has_to,
};
pub use settling::{
    a_delivery_is_settled_once, a_settlement_is_applied_as_a_whole_or_not_at_all,
    progress_comes_back_as_it_was,
};
pub use survival::{what_was_accepted_survives_a_reconnection, work_goes_on_after_the_broker_was_restarted};
pub use trouble::{no_event_is_lost_by_a_broker_that_fails, no_event_is_lost_while_workers_come_and_go};

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
            queues_are_listed_with_their_groups
            a_backlog_says_where_each_delivery_is
            a_group_that_is_removed_is_gone_with_all_that_it_had
            what_other_groups_have_left_stays
            the_last_group_takes_with_it_what_is_left
            who_waits_makes_a_removed_group_anew
            groups_come_and_go_and_others_lose_nothing
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

/// Makes one test of each law of workers, over a broker; takes what makes a [`Fixture`](crate::conformance::Fixture).
///
/// As with [`broker_laws!`](crate::broker_laws), several brokers have several modules.
#[macro_export]
macro_rules! worker_laws {
    ($open:expr) => {
        $crate::broker_laws!(@each $open;
            every_group_handles_every_event
            an_event_for_later_is_handled_then
            a_lease_that_is_shorter_than_its_handler_is_extended
            what_a_dead_worker_had_is_taken_over
            an_event_that_comes_twice_has_one_identity
            each_handler_runs_as_often_as_it_has_to
            a_letter_is_replayed_for_its_handler_alone
            a_handler_that_takes_too_long_has_failed
            a_letter_that_cannot_be_stored_is_not_lost
            a_handler_that_is_gone_is_given_up
            what_cannot_be_read_is_put_into_quarantine
            unknown_events_are_skipped_where_that_is_wanted
            an_event_that_kills_workers_is_put_into_quarantine
            a_worker_that_ends_finishes_what_it_has_begun
            what_does_not_end_in_time_is_handed_back
            a_worker_that_is_told_twice_ends_at_once
            no_event_is_lost_while_workers_come_and_go
            no_event_is_lost_by_a_broker_that_fails
        );
    };
}
