//! Who holds an event, and for how long.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::{Broker, DeadReason, Letter, Settled, Settlement};

use super::ground::{Deadline, LONG, SHORT, number, run};
use super::{Fixture, PATIENCE};

/// How much earlier than by the clock of the law a lease may end by that of the broker.
const BLUR: Duration = Duration::from_millis(5);

/// Three consumers in turn let their lease end: the next one takes the event over, not before the lease has ended, and
/// learns how often that has happened. Once it is settled for later, nobody has died of it.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_lease_that_has_ended_is_taken_over_and_counted_as_a_death<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers([7]).await;
        let mut leased = Instant::now();
        assert_eq!(at.one("consumer-0", SHORT).await.deaths, 0);
        for deaths in 1..=3 {
            let name = format!("consumer-{deaths}");
            // Asks all the time: a lease must not end early because somebody looks.
            let (asked, delivery) = loop {
                let asked = Instant::now();
                assert!(leased.elapsed() < PATIENCE, "the broker is stuck: an event is not taken over");
                if let Some(delivery) = at.receive(&name, 1, SHORT, Duration::from_millis(10)).await.pop() {
                    break (asked, delivery);
                }
            };
            assert_eq!(delivery.deaths, deaths);
            assert_eq!(number(&delivery.message), 7);
            assert!(leased.elapsed() + BLUR >= SHORT, "it was taken over after {:?}", leased.elapsed());
            leased = asked;
            at.counted([1, 0, 0, 0, 1]).await;
        }
        let delivery = at.one("consumer-4", LONG).await;
        assert_eq!(delivery.deaths, 4);
        let now = std::time::SystemTime::now();
        assert!(at.settles(Settlement::again(delivery.receipt, now, None)).await);
        let delivery = at.one("consumer-5", LONG).await;
        assert_eq!(delivery.deaths, 0, "a settlement ends the count");
        at.done(delivery.receipt).await;
        at.counted([1, 1, 0, 0, 0]).await;
    });
}

/// Who has lost an event to somebody else can neither settle nor extend nor release it, and changes nothing by trying.
/// Until somebody has taken it over, an event can still be settled after its lease has ended.
///
/// # Panics
///
/// The broker breaks the law.
pub fn what_was_taken_over_is_not_held<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers([0]).await;
        let lost = at.one("slow", SHORT).await.receipt;
        let held = at.one("fast", LONG).await.receipt;
        assert_ne!(lost, held, "each lease has a receipt of its own");
        let letter = Letter::of_event(DeadReason::Poisonous, "it is not held");
        let now = std::time::SystemTime::now();
        assert!(!at.settles(Settlement::done(lost.clone()).with_letter(letter.clone())).await);
        assert!(!at.settles(Settlement::again(lost.clone(), now, None).with_letter(letter)).await);
        assert_eq!(at.broker.extend(std::slice::from_ref(&lost), LONG).await.expect("it is there"), [false]);
        assert_eq!(at.broker.release(&[lost]).await.expect("the broker is there"), [false]);
        at.nothing("third").await;
        at.counted([1, 0, 0, 0, 1]).await;
        at.done(held).await;
        at.counted([1, 1, 0, 0, 0]).await;

        at.publish_numbers([1]).await;
        let ended = at.one("slow", Duration::from_millis(1)).await.receipt;
        tokio::time::sleep(SHORT).await;
        at.done(ended).await;
        at.counted([2, 2, 0, 0, 0]).await;
    });
}

/// An event whose lease was extended stays with its holder; what is extended, settled and unknown is told apart.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_lease_that_is_extended_is_not_taken_over<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers(0..3).await;
        let (settled, held) = (at.one("c", SHORT).await.receipt, at.one("c", SHORT).await.receipt);
        let lost = at.one("c", SHORT).await.receipt;
        at.done(settled.clone()).await;
        let receipts = [settled, held.clone()];
        // Nobody else has received yet: the lease is held even if it has ended by now.
        assert_eq!(at.broker.extend(&receipts, LONG).await.expect("the broker is there"), [false, true]);
        let taken = at.one("other", LONG).await;
        assert_eq!(taken.deaths, 1, "the one that was not extended is taken over");
        at.nothing("other").await;
        let receipts = [held.clone(), lost];
        assert_eq!(at.broker.extend(&receipts, LONG).await.expect("the broker is there"), [true, false]);
        at.done(held).await;
        at.done(taken.receipt).await;
        at.counted([3, 3, 0, 0, 0]).await;
    });
}

/// What is handed back is handed out again at once, as it was and without a death; it is handed back once.
///
/// # Panics
///
/// The broker breaks the law.
pub fn what_is_released_is_handed_out_at_once_without_a_death<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers([0]).await;
        let first = at.one("c", LONG).await;
        let (now, progress) = (std::time::SystemTime::now(), crate::Bytes::from_static(b"half"));
        assert!(at.settles(Settlement::again(first.receipt, now, Some(progress.clone()))).await);
        for round in 0..3 {
            let delivery = at.one(&format!("consumer-{round}"), LONG).await;
            assert_eq!(delivery.deaths, 0, "releasing is not dying");
            assert_eq!(delivery.progress.as_ref(), Some(&progress));
            let receipts = [delivery.receipt];
            assert_eq!(at.broker.release(&receipts).await.expect("the broker is there"), [true]);
            assert_eq!(at.broker.release(&receipts).await.expect("the broker is there"), [false]);
            let [receipt] = receipts;
            assert!(!at.settles(Settlement::done(receipt)).await, "what was released is not held");
        }
        at.counted([1, 0, 0, 0, 1]).await;
        let delivery = at.one("c", LONG).await;
        at.done(delivery.receipt).await;
        at.counted([1, 1, 0, 0, 0]).await;
    });
}

/// 100 events are received by futures that are dropped at different moments: all of them come.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_receive_that_is_dropped_loses_nothing<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        const EVENTS: usize = 100;
        let (at, deadline) = (&ground.at, Deadline::new());
        let mut settled = HashSet::new();
        let mut published = 0;
        for round in 0_u64.. {
            if published < EVENTS {
                at.publish_numbers([published]).await;
                published += 1;
            }
            if settled.len() == EVENTS {
                break;
            }
            deadline.check(|| format!("{} of {EVENTS} events were settled", settled.len()));
            let patience = Duration::from_micros(round * 37 % 3_000);
            let receive = at.receive("c", 4, SHORT, Duration::from_millis(50));
            let Ok(deliveries) = timeout(patience, receive).await else { continue };
            let settlements: Vec<_> =
                deliveries.iter().map(|delivery| Settlement::done(delivery.receipt.clone())).collect();
            let answers = at.broker.settle(settlements).await.expect("the broker is there");
            for (delivery, answer) in deliveries.iter().zip(answers) {
                let new = settled.insert(number(&delivery.message));
                assert_eq!(answer, Settled::Applied);
                assert!(new, "an event was settled twice");
            }
        }
        at.counted([EVENTS as u64, EVENTS as u64, 0, 0, 0]).await;
    });
}
