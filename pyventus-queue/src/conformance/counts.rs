//! No event is nowhere, and none is in two places.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::task::JoinSet;

use crate::{Broker, Counts, DeadReason, Delivery, Letter, Page, Settled, Settlement};

use super::Fixture;
use super::ground::{At, Deadline, LONG, join, number, run, scaled};

/// What becomes of an event, by its number: out of ten, one is dropped, one stays dead, one is dead and replayed, one
/// is settled for later, one is released first, and the others are just settled.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Dropped,
    Dead,
    Replayed,
    Again,
    Released,
    Done,
}

fn fate(event: usize) -> Fate {
    match event % 10 {
        0 => Fate::Dropped,
        1 => Fate::Dead,
        2 => Fate::Replayed,
        3 => Fate::Again,
        4 => Fate::Released,
        _ => Fate::Done,
    }
}

/// While producers publish, consumers settle, give up and release, and somebody replays and drops letters, somebody else
/// counts all the time: every event is in exactly one of the places, at every moment; and at the end in the right one.
///
/// # Panics
///
/// The broker breaks the law.
pub fn no_event_escapes_the_counts<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (at, total) = (&ground.at, scaled(5_000) / 10 * 10);
        at.joins().await;
        let over = Arc::new(AtomicBool::new(false));
        let (samples, mut watchers) = (Arc::new(AtomicU64::new(0)), JoinSet::new());
        watchers.spawn(watch(at.clone(), Arc::clone(&over), Arc::clone(&samples)));

        let mut tasks = JoinSet::new();
        for producer in 0..4 {
            let at = at.clone();
            tasks.spawn(async move {
                for event in (producer..total).step_by(4) {
                    at.publish_numbers([event]).await;
                }
            });
        }
        for consumer in 0..8 {
            let (at, over) = (at.clone(), Arc::clone(&over));
            watchers.spawn(async move { consume(&at, &format!("consumer-{consumer}"), &over).await });
        }
        watchers.spawn(care(at.clone(), Arc::clone(&over)));
        join(tasks).await;

        let (tenth, deadline) = (total as u64 / 10, Deadline::new());
        let wanted = [total as u64, 8 * tenth, tenth, tenth, 0];
        loop {
            let Counts { accepted, succeeded, dead, dropped, pending } = at.counts().await;
            if [accepted, succeeded, dead, dropped, pending] == wanted {
                break;
            }
            deadline.check(|| format!("of {wanted:?}, {:?}", [accepted, succeeded, dead, dropped, pending]));
            tokio::task::yield_now().await;
        }
        over.store(true, Ordering::Relaxed);
        join(watchers).await;
        assert!(samples.load(Ordering::Relaxed) > 0, "nobody has counted");
        at.counted(wanted).await;
    });
}

/// Counts all the time.
async fn watch<B: Broker>(at: At<B>, over: Arc<AtomicBool>, samples: Arc<AtomicU64>) {
    let mut last = Counts::default();
    while !over.load(Ordering::Relaxed) {
        let counts = at.counts().await;
        assert!(counts.is_conserved(), "an event is in none of the places, or in two: {counts}");
        assert!(
            counts.accepted >= last.accepted,
            "events that were accepted are not any more: {last}, {counts}"
        );
        assert!(
            counts.dropped >= last.dropped,
            "events that were dropped are not any more: {last}, {counts}"
        );
        last = counts;
        samples.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
    }
}

async fn consume<B: Broker>(at: &At<B>, name: &str, over: &AtomicBool) {
    let released = std::sync::Mutex::new(std::collections::HashSet::new());
    while !over.load(Ordering::Relaxed) {
        let (mut settlements, mut back) = (Vec::new(), Vec::new());
        for delivery in at.receive(name, 8, LONG, Duration::from_millis(50)).await {
            let event = number(&delivery.message);
            let first_time = released.lock().expect("nobody panics").insert(event);
            if fate(event) == Fate::Released && first_time {
                back.push(delivery.receipt);
            } else {
                settlements.push(settlement(event, delivery));
            }
        }
        let count = settlements.len();
        let answers = at.broker.settle(settlements).await.expect("the broker is there");
        assert_eq!(answers, vec![Settled::Applied; count]);
        let answers = at.broker.release(&back).await.expect("the broker is there");
        assert_eq!(answers, vec![true; back.len()]);
    }
}

fn settlement(event: usize, delivery: Delivery) -> Settlement {
    let (receipt, progress) = (delivery.receipt, Bytes::from_static(b"on the way"));
    if delivery.progress.is_some() {
        return Settlement::done(receipt);
    }
    let letter = || Letter::of_handler(DeadReason::Exhausted, "a_handler", progress.clone());
    match fate(event) {
        Fate::Dropped | Fate::Dead | Fate::Replayed => Settlement::done(receipt).with_letter(letter()),
        Fate::Again => {
            let soon = SystemTime::now() + Duration::from_millis(event as u64 % 20);
            Settlement::again(receipt, soon, Some(progress))
        }
        Fate::Released | Fate::Done => Settlement::done(receipt),
    }
}

/// Replays and drops letters.
async fn care<B: Broker>(at: At<B>, over: Arc<AtomicBool>) {
    let mut page = Page::first(50);
    while !over.load(Ordering::Relaxed) {
        let letters = at.broker.letters(&at.queue, &at.group, page).await.expect("the broker is there");
        // Another round, since a letter may get an identity before one that is stored earlier.
        page = letters.last().map_or(Page::first(50), |letter| Page::after(letter.id, 50));
        for letter in letters {
            let gone = match fate(number(&letter.message)) {
                Fate::Dropped => at.broker.drop_letter(letter.id).await,
                Fate::Replayed => at.broker.replay(letter.id).await,
                _ => Ok(()),
            };
            gone.expect("nobody else replays or drops letters");
        }
        tokio::task::yield_now().await;
    }
}
