//! Which group gets which events.

use std::time::SystemTime;

use bytes::Bytes;

use crate::{DeadReason, Letter, Settlement};

use super::Fixture;
use super::ground::{LONG, numbers, run};

/// Three groups get every event; one settles them, one settles them for later, one gives them up, and none of them
/// notices the others.
///
/// # Panics
///
/// The broker breaks the law.
pub fn groups_do_not_disturb_one_another<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let [done, again, dead] = ["done", "again", "dead"].map(|name| ground.at.group(name));
        for at in [&done, &again, &dead] {
            at.joins().await;
        }
        ground.at.publish_numbers(0..50).await;
        let deliveries = done.exactly("c", 50).await;
        assert_eq!(numbers(&deliveries), (0..50).collect());
        done.all_done(deliveries).await;
        for at in [&again, &dead] {
            at.counted([50, 0, 0, 0, 50]).await;
        }
        let deliveries = again.exactly("c", 50).await;
        assert_eq!(numbers(&deliveries), (0..50).collect());
        for delivery in deliveries {
            let progress = Some(Bytes::from_static(b"of this group"));
            assert!(again.settles(Settlement::again(delivery.receipt, SystemTime::now(), progress)).await);
        }
        let deliveries = dead.exactly("c", 50).await;
        assert_eq!(numbers(&deliveries), (0..50).collect());
        for delivery in deliveries {
            assert!(delivery.progress.is_none(), "the progress of another group");
            dead.bury(delivery.receipt, Letter::of_event(DeadReason::UnknownEvent, "unknown")).await;
        }
        done.nothing("c").await;
        let deliveries = again.exactly("c", 50).await;
        assert_eq!(numbers(&deliveries), (0..50).collect());
        again.all_done(deliveries).await;
        dead.nothing("c").await;
        done.counted([50, 50, 0, 0, 0]).await;
        again.counted([50, 50, 0, 0, 0]).await;
        dead.counted([50, 0, 50, 0, 0]).await;
    });
}

/// What is published while there is no group is kept for the first one; a later group gets what some group has not
/// settled yet, and everything after that.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_new_group_gets_what_is_retained<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (first, second) = (ground.at.group("first"), ground.at.group("second"));
        first.publish_numbers(0..20).await;
        first.counted([20, 0, 0, 0, 20]).await;
        second.counted([20, 0, 0, 0, 20]).await;

        let deliveries = first.exactly("c", 20).await;
        assert_eq!(numbers(&deliveries), (0..20).collect());
        let (left, settled): (Vec<_>, Vec<_>) =
            deliveries.into_iter().partition(|delivery| super::ground::number(&delivery.message) < 12);
        let (dead, done): (Vec<_>, Vec<_>) =
            settled.into_iter().partition(|delivery| super::ground::number(&delivery.message) < 14);
        first.all_done(done).await;
        // Giving an event up settles it.
        for delivery in dead {
            first.bury(delivery.receipt, Letter::of_event(DeadReason::UnknownEvent, "unknown")).await;
        }
        second.counted([12, 0, 0, 0, 12]).await;
        let deliveries = second.exactly("c", 12).await;
        assert_eq!(numbers(&deliveries), (0..12).collect());
        second.nothing("c").await;
        second.all_done(deliveries).await;

        first.publish_numbers([20]).await;
        first.all_done(left).await;
        for at in [&first, &second] {
            let delivery = at.one("c", LONG).await;
            assert_eq!(super::ground::number(&delivery.message), 20);
            at.done(delivery.receipt).await;
            at.nothing("c").await;
        }
        first.counted([21, 19, 2, 0, 0]).await;
        second.counted([13, 13, 0, 0, 0]).await;
    });
}
