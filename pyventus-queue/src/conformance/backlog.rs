//! What is listed: queues, groups, and where the deliveries of a group are.

use std::time::{Duration, SystemTime};

use crate::{Backlog, Broker, DeadReason, GroupName, Letter, Page, QueueInfo, Settlement};

use super::Fixture;
use super::ground::{At, Deadline, LATER, numbered, run};

/// The queue as it is listed, if it is.
pub(super) async fn listed<B: Broker>(at: &At<B>) -> Option<QueueInfo> {
    let queues = at.broker.queues().await.expect("the broker is there");
    assert!(queues.is_sorted_by(|one, next| one.name < next.name), "queues are in the order of their names");
    queues.into_iter().find(|queue| queue.name == at.queue)
}

/// What the queue is to retain.
#[track_caller]
pub(super) fn retains<B: Broker>(at: &At<B>, wanted: u64) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        let retained = listed(at).await.map_or(0, |queue| queue.retained);
        assert_eq!(retained, wanted, "the events that the queue retains at {place}");
    }
}

/// Where the deliveries of the group are to be: waiting, delayed and leased.
#[track_caller]
fn has_left<B: Broker>(at: &At<B>, wanted: [u64; 3]) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        let backlog = at.broker.backlog(&at.queue, &at.group).await.expect("the broker is there");
        let Backlog { waiting, delayed, leased } = backlog;
        assert_eq!([waiting, delayed, leased], wanted, "waiting, delayed and leased at {place}");
    }
}

/// A queue is listed while it has events or groups, with its groups and what it retains: what was settled by every group, or
/// given up, is not counted.
///
/// # Panics
///
/// The broker breaks the law.
pub fn queues_are_listed_with_their_groups<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (one, other) = (&ground.at, ground.at.group("a-group-before"));
        assert_eq!(listed(one).await, None, "a queue that nobody has used");
        one.publish_numbers(0..3).await;
        one.publish(vec![numbered(3).not_before(SystemTime::now() + LATER)]).await;
        let wanted = |groups: &[&GroupName], retained| {
            let groups = groups.iter().copied().cloned().collect();
            Some(QueueInfo::new(one.queue.clone(), groups, retained))
        };
        assert_eq!(listed(one).await, wanted(&[], 4));
        one.joins_late().await;
        assert_eq!(listed(one).await, wanted(&[&one.group], 4));
        other.joins_late().await;
        let info = listed(one).await;
        assert_eq!(info, wanted(&[&other.group, &one.group], 4));
        assert!(info.is_some_and(|queue| queue.groups.is_sorted()), "groups are in the order of their names");

        let deliveries = one.exactly("c", 3).await;
        one.all_done(deliveries).await;
        retains(one, 4).await;
        let mut deliveries = other.exactly("c", 3).await;
        let dead = deliveries.pop().expect("there are three").receipt;
        other.bury(dead, Letter::of_event(DeadReason::UnknownEvent, "unknown")).await;
        retains(one, 3).await;
        other.all_done(deliveries).await;
        retains(one, 1).await;
        let through_another = one.through(ground.fixture.connect().await);
        assert_eq!(listed(&through_another).await, wanted(&[&other.group, &one.group], 1));
    });
}

/// Each delivery of a group is waiting, delayed or leased, whatever was done with it, and nowhere once it is settled.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_backlog_says_where_each_delivery_is<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        has_left(at, [0, 0, 0]).await;
        at.joins().await;
        let soon = SystemTime::now() + Duration::from_millis(300);
        at.publish_numbers(0..8).await;
        at.publish(vec![numbered(8).not_before(soon), numbered(9).not_before(soon + LATER)]).await;
        let deadline = Deadline::new();
        loop {
            let backlog = at.broker.backlog(&at.queue, &at.group).await.expect("the broker is there");
            assert_eq!((backlog.waiting + backlog.delayed, backlog.leased), (10, 0));
            if backlog.delayed == 1 {
                break;
            }
            assert_eq!(backlog.delayed, 2);
            deadline.check(|| "an event that is due does not wait".to_owned());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        has_left(&at.group("nobody"), [0, 0, 0]).await;

        let mut deliveries = at.exactly("c", 5).await;
        has_left(at, [4, 1, 5]).await;
        let mut next = || deliveries.pop().expect("there are five").receipt;
        at.done(next()).await;
        has_left(at, [4, 1, 4]).await;
        assert!(at.settles(Settlement::again(next(), SystemTime::now() + LATER, None)).await);
        has_left(at, [4, 2, 3]).await;
        // In the past by every clock, and by those that know milliseconds alone.
        let passed = SystemTime::now() - Duration::from_secs(1);
        assert!(at.settles(Settlement::again(next(), passed, None)).await);
        has_left(at, [5, 2, 2]).await;
        assert_eq!(at.broker.release(&[next()]).await.expect("the broker is there"), [true]);
        has_left(at, [6, 2, 1]).await;

        // Beside what it has left, an event gets another delivery with each of its letters.
        let letter = || Letter::of_handler(DeadReason::Exhausted, "shop::send_receipt", "resumed".into());
        let again = Settlement::again(next(), SystemTime::now() + LATER, None);
        assert!(at.settles(again.with_letter(letter()).with_letter(letter())).await);
        has_left(at, [6, 3, 0]).await;
        let letters = at.broker.letters(&at.queue, &at.group, Page::first(10)).await;
        for dead in letters.expect("the broker is there") {
            at.broker.replay(dead.id).await.expect("the letter is there");
        }
        has_left(at, [8, 3, 0]).await;
        at.counted([10, 1, 0, 0, 9]).await;
        let deliveries = at.exactly("c", 8).await;
        has_left(at, [0, 3, 8]).await;
        at.all_done(deliveries).await;
        has_left(at, [0, 3, 0]).await;
        at.counted([10, 7, 0, 0, 3]).await;
    });
}
