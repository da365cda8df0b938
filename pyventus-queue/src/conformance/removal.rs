//! Groups that are removed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;

use crate::{Broker, Counts, DeadReason, GroupError, Letter, LetterError, Page, Receipt, Settlement};

use super::backlog::{listed, retains};
use super::ground::{At, Deadline, LATER, LONG, join, number, numbered, numbers, run, scaled};
use super::{Fixture, PATIENCE};

async fn remove<B: Broker>(at: &At<B>) -> Counts {
    at.broker.remove_group(&at.queue, &at.group).await.expect("the group is there")
}

async fn is_unknown<B: Broker>(at: &At<B>) -> bool {
    let removed = at.broker.remove_group(&at.queue, &at.group).await;
    matches!(removed, Err(GroupError::Unknown { queue, group }) if queue == at.queue && group == at.group)
}

/// Nothing is held of what these leases were for.
async fn hold_nothing<B: Broker>(at: &At<B>, receipts: &[Receipt]) {
    let nothing = vec![false; receipts.len()];
    assert_eq!(at.broker.extend(receipts, LONG).await.expect("the broker is there"), nothing);
    assert_eq!(at.broker.release(receipts).await.expect("the broker is there"), nothing);
    for receipt in receipts {
        let letter = Letter::of_event(DeadReason::UnknownEvent, "unknown");
        assert!(!at.settles(Settlement::done(receipt.clone()).with_letter(letter)).await);
        assert!(!at.settles(Settlement::again(receipt.clone(), SystemTime::now(), None)).await);
    }
}

/// A group that has a delivery of every kind, and letters, is removed: nothing of it is found any more, by whatever it was
/// known, and a second removal knows no such group.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_group_that_is_removed_is_gone_with_all_that_it_had<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (at, other) = (&ground.at, ground.at.group("other"));
        assert!(is_unknown(at).await, "a group of a queue that is not there was removed");
        at.joins().await;
        other.joins().await;
        assert!(is_unknown(&at.group("nobody")).await, "a group that is not there was removed");
        at.publish_numbers(0..10).await;
        let mut deliveries = at.exactly("c", 8).await;
        let mut next = || deliveries.pop().expect("there are eight").receipt;
        at.done(next()).await;
        let letter = || Letter::of_handler(DeadReason::Exhausted, "shop::send_receipt", "resumed".into());
        at.bury(next(), letter()).await;
        let again = Settlement::again(next(), SystemTime::now() + LATER, None);
        assert!(at.settles(again.with_letter(letter())).await);
        at.bury(next(), letter()).await;
        let letters = at.broker.letters(&at.queue, &at.group, Page::first(10)).await;
        let letters: Vec<_> = letters.expect("the broker is there").into_iter().map(|dead| dead.id).collect();
        assert_eq!(letters.len(), 3);
        at.broker.replay(letters[2]).await.expect("the letter is there");
        assert_eq!(at.broker.release(&[next()]).await.expect("the broker is there"), [true]);
        let held: Vec<_> = deliveries.into_iter().map(|delivery| delivery.receipt).collect();

        let wanted = at.counts().await;
        assert_eq!((wanted.accepted, wanted.succeeded, wanted.dead, wanted.pending), (10, 1, 1, 8));
        assert_eq!(remove(at).await, wanted, "what had become of the events");

        assert!(is_unknown(at).await, "a group was removed twice");
        hold_nothing(at, &held).await;
        for id in letters {
            assert!(at.broker.letter(id).await.expect("the broker is there").is_none());
            assert!(matches!(at.broker.replay(id).await, Err(LetterError::Unknown(_))));
            assert!(matches!(at.broker.drop_letter(id).await, Err(LetterError::Unknown(_))));
        }
        let left = at.broker.letters(&at.queue, &at.group, Page::first(10)).await;
        assert!(left.expect("the broker is there").is_empty());
        let backlog = at.broker.backlog(&at.queue, &at.group).await.expect("the broker is there");
        assert_eq!(backlog, crate::Backlog::default());
        let groups = listed(at).await.map(|queue| queue.groups);
        assert_eq!(groups, Some(vec![other.group.clone()]));
        // As of every group that is not there.
        at.counted([10, 0, 0, 0, 10]).await;
        other.counted([10, 0, 0, 0, 10]).await;

        // A group of that name begins as every new group does, and knows nothing of the leases of the other one.
        at.joins_late().await;
        hold_nothing(at, &held).await;
        at.counted([10, 0, 0, 0, 10]).await;
        for at in [at, &other] {
            let deliveries = at.exactly("c", 10).await;
            assert_eq!(numbers(&deliveries), (0..10).collect());
            assert!(deliveries.iter().all(|delivery| delivery.progress.is_none() && delivery.deaths == 0));
            at.all_done(deliveries).await;
            at.counted([10, 10, 0, 0, 0]).await;
            at.nothing("c").await;
        }
        retains(at, 0).await;
    });
}

/// Of four groups, one is removed. What the three others have left stays, whatever the removed one had done with it; what
/// only the removed one had left is gone.
///
/// # Panics
///
/// The broker breaks the law.
pub fn what_other_groups_have_left_stays<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let [all, half, none, gone] = ["all", "half", "none", "gone"].map(|name| ground.at.group(name));
        for at in [&all, &half, &none, &gone] {
            at.joins().await;
        }
        all.publish_numbers(0..20).await;
        let through = async |at: &At<F::Broker>, which: &dyn Fn(usize) -> bool| {
            let deliveries = at.exactly("c", 20).await;
            let (done, left): (Vec<_>, Vec<_>) =
                deliveries.into_iter().partition(|delivery| which(number(&delivery.message)));
            at.all_done(done).await;
            left
        };
        assert!(through(&all, &|_| true).await.is_empty());
        let half_has = through(&half, &|number| number < 10).await;
        let gone_had = through(&gone, &|number| number % 2 == 0).await;
        let none_had = through(&none, &|number| number < 4).await;
        // All but the removed group are through with 1 and 3.
        retains(&all, 18).await;
        assert_eq!(remove(&gone).await.succeeded, 10);
        retains(&all, 16).await;
        hold_nothing(&gone, &gone_had.into_iter().map(|delivery| delivery.receipt).collect::<Vec<_>>()).await;
        half.counted([20, 10, 0, 0, 10]).await;
        none.counted([20, 4, 0, 0, 16]).await;
        half.all_done(half_has).await;
        retains(&all, 16).await;
        let late = ground.at.group("late");
        late.joins_late().await;
        let deliveries = late.exactly("c", 16).await;
        assert_eq!(numbers(&deliveries), (4..20).collect(), "what is retained");
        late.all_done(deliveries).await;

        // Another one goes that is not through with anything of it.
        let before = remove(&none).await;
        assert_eq!((before.succeeded, before.pending), (4, 16));
        retains(&all, 0).await;
        hold_nothing(&none, &none_had.into_iter().map(|delivery| delivery.receipt).collect::<Vec<_>>()).await;
        all.publish_numbers([20]).await;
        for at in [&all, &half, &late] {
            let delivery = at.one("c", LONG).await;
            assert_eq!(number(&delivery.message), 20);
            at.done(delivery.receipt).await;
            at.nothing("c").await;
        }
        retains(&all, 0).await;
    });
}

/// The last group of a queue is removed: what is left goes with it, also what is held back, and what is published after that
/// is retained for the next group.
///
/// # Panics
///
/// The broker breaks the law.
pub fn the_last_group_takes_with_it_what_is_left<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers(0..10).await;
        at.publish(vec![numbered(10).not_before(SystemTime::now() + LATER)]).await;
        let held: Vec<_> = at.exactly("c", 3).await.into_iter().map(|delivery| delivery.receipt).collect();
        let counts = remove(at).await;
        assert_eq!((counts.accepted, counts.pending), (11, 11));
        assert_eq!(listed(at).await, None, "a queue that has neither events nor groups is listed");
        at.counted([0, 0, 0, 0, 0]).await;

        at.publish_numbers(11..16).await;
        at.counted([5, 0, 0, 0, 5]).await;
        hold_nothing(at, &held).await;
        let deliveries = at.exactly("c", 5).await;
        assert_eq!(numbers(&deliveries), (11..16).collect());
        hold_nothing(at, &held).await;
        at.all_done(deliveries).await;
        at.nothing("c").await;
        at.counted([5, 5, 0, 0, 0]).await;
    });
}

/// Whoever waits for events of a group that is removed goes on waiting, and makes the group anew: what is published then is
/// handed out.
///
/// # Panics
///
/// The broker breaks the law.
pub fn who_waits_makes_a_removed_group_anew<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.joins().await;
        let waiting = tokio::spawn({
            let at = at.clone();
            async move { at.receive("c", 1, LONG, PATIENCE).await }
        });
        // Several times, so that one of them comes while the other waits.
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            match at.broker.remove_group(&at.queue, &at.group).await {
                Ok(_) | Err(GroupError::Unknown { .. }) => {}
                Err(error) => panic!("the broker is there: {error}"),
            }
        }
        let deadline = Deadline::new();
        while listed(at).await.is_none() {
            deadline.check(|| "who waits does not make the group".to_owned());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        at.publish_numbers([7]).await;
        let received = waiting.await.expect("it does not panic");
        assert_eq!(received.iter().map(|delivery| number(&delivery.message)).collect::<Vec<_>>(), [7]);
    });
}

/// One group handles 1,000 events while another one comes and goes. The first one gets each event once, and nothing is
/// retained in the end.
///
/// # Panics
///
/// The broker breaks the law.
pub fn groups_come_and_go_and_others_lose_nothing<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let events = scaled(1_000);
        let (at, other) = (ground.at.group("stays"), ground.at.group("comes-and-goes"));
        at.joins().await;
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        tasks.spawn({
            let (at, is_over) = (at.clone(), Arc::clone(&is_over));
            async move {
                let mut seen = std::collections::HashSet::new();
                while seen.len() < events {
                    let received = at.receive("c", 16, LONG, PATIENCE).await;
                    assert!(!received.is_empty(), "the broker is stuck after {} events", seen.len());
                    for delivery in &received {
                        assert!(seen.insert(number(&delivery.message)), "an event was handed out twice");
                    }
                    at.all_done(received).await;
                }
                is_over.store(true, Ordering::Release);
            }
        });
        tasks.spawn({
            let (other, is_over) = (other.clone(), Arc::clone(&is_over));
            async move {
                while !is_over.load(Ordering::Acquire) {
                    let received = other.receive("c", 16, LONG, Duration::ZERO).await;
                    let half = received.len() / 2;
                    other.all_done(received.into_iter().take(half).collect()).await;
                    assert!(remove(&other).await.is_conserved());
                }
            }
        });
        for chunk in (0..events).collect::<Vec<_>>().chunks(10) {
            at.publish_numbers(chunk.iter().copied()).await;
        }
        join(tasks).await;
        at.counted([events as u64, events as u64, 0, 0, 0]).await;
        assert!(is_unknown(&other).await, "it has gone");
        retains(&at, 0).await;
    });
}
