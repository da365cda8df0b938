//! What is left when connections end, and when the broker does.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::task::JoinSet;

use crate::{Broker, DeadReason, Letter, Page, Settlement};

use super::Fixture;
use super::ground::{Deadline, LONG, SHORT, join, number, numbered, numbers, run};

/// A program ends with events that wait, that it holds, that are held back, and that it has given up; the next one
/// finds all of them.
///
/// Holds for brokers that are durable.
///
/// # Panics
///
/// The broker breaks the law.
pub fn what_was_accepted_survives_a_reconnection<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let super::ground::Ground { fixture, at } = ground;
        if !at.broker.capabilities().is_durable() {
            return;
        }
        let later = SystemTime::now() + Duration::from_millis(500);
        at.publish_numbers(0..10).await;
        let mut settled = HashSet::new();
        for delivery in at.exactly("c", 5).await {
            settled.insert(number(&delivery.message));
            at.done(delivery.receipt).await;
        }
        let buried = at.one("c", LONG).await;
        let letter = Letter::of_handler(DeadReason::Exhausted, "a_handler", Bytes::from_static(b"resumed"));
        at.bury(buried.receipt, letter.clone()).await;
        let again = at.one("c", LONG).await;
        let progress = Some(Bytes::from_static(b"half"));
        assert!(at.settles(Settlement::again(again.receipt.clone(), later, progress.clone())).await);
        let held = at.one("c", SHORT).await;
        at.publish(vec![numbered(10).not_before(later)]).await;
        at.counted([11, 5, 1, 0, 5]).await;

        let names = (at.queue.clone(), at.group.clone());
        drop(at);
        let at = super::ground::At { broker: fixture.connect().await, queue: names.0, group: names.1 };
        at.counted([11, 5, 1, 0, 5]).await;
        let letters = at.broker.letters(&at.queue, &at.group, Page::first(10)).await.expect("it is there");
        assert_eq!(letters.len(), 1);
        assert_eq!((&letters[0].letter, letters[0].message.body()), (&letter, buried.message.body()));
        let left = at.exactly("next", 5).await;
        let mut found = numbers(&left);
        for delivery in &left {
            let number = number(&delivery.message);
            let is = |of: &crate::Delivery| delivery.message.id() == of.message.id();
            assert_eq!(delivery.deaths, u32::from(is(&held)), "event {number}");
            assert_eq!(delivery.progress, is(&again).then(|| progress.clone()).flatten(), "event {number}");
            if number == 10 || is(&again) {
                assert!(SystemTime::now() >= later, "an event came before its time");
            }
        }
        found.extend(settled);
        found.insert(number(&buried.message));
        assert_eq!(found, (0..=10).collect());
        at.all_done(left).await;
        at.broker.replay(letters[0].id).await.expect("the letter is there");
        let replayed = at.one("next", LONG).await;
        assert_eq!(replayed.progress, letter.resume);
        at.done(replayed.receipt).await;
        at.counted([11, 11, 0, 0, 0]).await;
    });
}

/// The broker is restarted while programs publish and receive, which try again where they fail: everything that was
/// accepted comes, over the connections that there are.
///
/// Holds for brokers that are durable and can be restarted.
///
/// # Panics
///
/// The broker breaks the law.
pub fn work_goes_on_after_the_broker_was_restarted<F: Fixture>(open: impl FnOnce() -> F) {
    const EVENTS: usize = 500;
    run(open, async |ground| {
        let (at, fixture) = (&ground.at, &ground.fixture);
        if !at.broker.capabilities().is_durable() || !fixture.restart().await {
            return;
        }
        let (accepted_half, restarted) =
            (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
        let (published, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let mut tasks = JoinSet::new();
        let (producer, half, all) = (at.clone(), Arc::clone(&accepted_half), Arc::clone(&published));
        let goes_on = Arc::clone(&restarted);
        tasks.spawn(async move {
            let deadline = Deadline::new();
            for event in 0..EVENTS {
                if event == EVENTS / 2 {
                    half.notify_one();
                }
                if event == EVENTS / 4 * 3 {
                    // However fast everybody is, some events come after the restart.
                    goes_on.notified().await;
                }
                // What failed may have been stored: it is then there twice.
                while producer.broker.publish(&producer.queue, vec![numbered(event)]).await.is_err() {
                    deadline.check(|| format!("event {event} cannot be published"));
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            all.store(true, Ordering::SeqCst);
        });
        let (consumer, all) = (at.clone(), Arc::clone(&over));
        tasks.spawn(async move {
            let (deadline, mut seen, mut pending) = (Deadline::new(), HashSet::new(), u64::MAX);
            // What was handed out over a connection that broke comes again when its lease ends.
            let (lease, wait) = (Duration::from_secs(2), Duration::from_millis(200));
            while seen.len() < EVENTS || pending > 0 {
                deadline.check(|| format!("{} of {EVENTS} events have come, {pending} are left", seen.len()));
                let subscription = consumer.subscription("c");
                let Ok(deliveries) = consumer.broker.receive(&subscription, 10, lease, wait).await else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                if deliveries.is_empty() {
                    let everything_is_there = published.load(Ordering::SeqCst);
                    let counts = consumer.broker.counts(&consumer.queue, &consumer.group).await;
                    pending = counts.map_or(u64::MAX, |counts| counts.pending);
                    let none_is_left = everything_is_there && pending == 0;
                    assert!(
                        !none_is_left || seen.len() == EVENTS,
                        "events that were accepted are missing: {} of {EVENTS} have come, and none is left",
                        seen.len()
                    );
                }
                seen.extend(deliveries.iter().map(|delivery| number(&delivery.message)));
                let settlements: Vec<_> =
                    deliveries.into_iter().map(|delivery| Settlement::done(delivery.receipt)).collect();
                while consumer.broker.settle(settlements.clone()).await.is_err() {
                    deadline.check(|| "a delivery cannot be settled".to_owned());
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            all.store(true, Ordering::Relaxed);
        });
        accepted_half.notified().await;
        assert!(fixture.restart().await, "it was restarted before");
        restarted.notify_one();
        join(tasks).await;
        assert!(over.load(Ordering::Relaxed));
        let counts = at.counts().await;
        assert!(counts.is_conserved() && counts.succeeded == counts.accepted, "{counts}");
        assert!(counts.accepted >= EVENTS as u64, "events that were accepted are not counted: {counts}");
    });
}
