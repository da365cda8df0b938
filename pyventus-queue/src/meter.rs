//! What is measured of workers, behind the feature `metrics`; without it, nothing is done here.

use crate::delivery::Subscription;
use crate::letter::DeadReason;

#[cfg(feature = "metrics")]
pub(crate) use on::Meter;

#[cfg(not(feature = "metrics"))]
pub(crate) use off::Meter;

/// What became of a delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    Done,
    Again,
    Released,
    Lost,
}

#[cfg(feature = "metrics")]
mod on {
    use metrics::{Gauge, SharedString, counter, gauge};

    use crate::counts::Counts;

    use super::{DeadReason, Ending, Subscription};

    /// The numbers of a group.
    pub(crate) struct Meter {
        queue: SharedString,
        group: SharedString,
    }

    impl Meter {
        pub(crate) fn new(subscription: &Subscription) -> Self {
            let shared = |name: &str| SharedString::from_owned(name.to_owned());
            Self { queue: shared(subscription.queue()), group: shared(subscription.group()) }
        }

        /// A delivery that is handled.
        pub(crate) fn in_flight(&self) -> InFlight {
            let Self { queue, group } = self;
            InFlight::new(
                gauge!("pyventus_deliveries_in_flight", "queue" => queue.clone(), "group" => group.clone()),
            )
        }

        /// A delivery has ended.
        pub(crate) fn ended(&self, ending: Ending) {
            let outcome = match ending {
                Ending::Done => "done",
                Ending::Again => "again",
                Ending::Released => "released",
                Ending::Lost => "lost",
            };
            let Self { queue, group } = self;
            counter!("pyventus_deliveries_total", "queue" => queue.clone(), "group" => group.clone(), "outcome" => outcome)
                .increment(1);
        }

        /// A handler is to be tried again.
        pub(crate) fn tries_again(&self, handler: &str) {
            let (Self { queue, group }, handler) = (self, SharedString::from_owned(handler.to_owned()));
            counter!("pyventus_retries_total", "queue" => queue.clone(), "group" => group.clone(), "handler" => handler)
                .increment(1);
        }

        /// A dead letter was stored.
        pub(crate) fn gave_up(&self, reason: DeadReason) {
            let Self { queue, group } = self;
            counter!("pyventus_dead_letters_total", "queue" => queue.clone(), "group" => group.clone(), "reason" => reason.name())
                .increment(1);
        }

        /// What the broker says.
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
        pub(crate) fn counted(&self, counts: &Counts) {
            let Self { queue, group } = self;
            gauge!("pyventus_queue_pending", "queue" => queue.clone(), "group" => group.clone())
                .set(counts.pending as f64);
            gauge!("pyventus_queue_dead", "queue" => queue.clone(), "group" => group.clone())
                .set(counts.dead as f64);
        }
    }

    /// A delivery that has not ended.
    pub(crate) struct InFlight(Gauge);

    impl InFlight {
        fn new(gauge: Gauge) -> Self {
            gauge.increment(1.0);
            Self(gauge)
        }
    }

    impl Drop for InFlight {
        fn drop(&mut self) {
            self.0.decrement(1.0);
        }
    }
}

#[cfg(not(feature = "metrics"))]
mod off {
    use super::{DeadReason, Ending, Subscription};

    pub(crate) struct Meter;

    impl Meter {
        pub(crate) const fn new(_: &Subscription) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "as the one that measures")]
        pub(crate) const fn in_flight(&self) -> InFlight {
            InFlight
        }

        #[expect(clippy::unused_self, reason = "as the one that measures")]
        pub(crate) const fn ended(&self, _: Ending) {}

        #[expect(clippy::unused_self, reason = "as the one that measures")]
        pub(crate) const fn tries_again(&self, _: &str) {}

        #[expect(clippy::unused_self, reason = "as the one that measures")]
        pub(crate) const fn gave_up(&self, _: DeadReason) {}
    }

    pub(crate) struct InFlight;
}
