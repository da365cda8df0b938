//! What is held back.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::{Delivery, Message, MessageId, Settlement};

use super::Fixture;
use super::ground::{Deadline, LONG, numbered, numbers, run};

/// 200 events that are held back for up to half a second, many until the same moment, some until a moment that is
/// past: none is early, and all of them come.
///
/// # Panics
///
/// The broker breaks the law.
pub fn an_event_that_is_held_back_is_never_early<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        const EVENTS: usize = 200;
        let (at, deadline) = (&ground.at, Deadline::new());
        // The group is there before one half of them, and the other half waits for it.
        let now = SystemTime::now();
        let until = |event: usize| match event % 5 {
            0 => now.checked_sub(Duration::from_hours(1)).unwrap_or(now),
            1 => now + Duration::from_micros(300_000 + event as u64 * 777),
            2 => now + Duration::from_millis(1),
            _ => now + Duration::from_millis(500),
        };
        let messages: Vec<_> = (0..EVENTS).map(|event| numbered(event).not_before(until(event))).collect();
        let (before, after) = messages.split_at(EVENTS / 2);
        at.publish(before.to_vec()).await;
        let mut all = early_ones(at.receive("c", 100, LONG, Duration::ZERO).await);
        at.publish(after.to_vec()).await;
        while all.len() < EVENTS {
            deadline.check(|| format!("{} of {EVENTS} events have come", all.len()));
            let come = early_ones(at.receive("c", 100, LONG, Duration::from_secs(1)).await);
            assert!(come.iter().all(|delivery| delivery.deaths == 0), "to wait is not to die");
            all.extend(come);
        }
        assert_eq!(numbers(&all), (0..EVENTS).collect());
        at.all_done(all).await;
        at.counted([EVENTS as u64, EVENTS as u64, 0, 0, 0]).await;

        // What is held back for very long does not keep others from coming.
        let far = SystemTime::now() + Duration::from_hours(1);
        at.publish(vec![Message::new(MessageId::new(), "later").not_before(far)]).await;
        at.nothing("c").await;
        at.publish_numbers([1]).await;
        let delivery = at.one("c", LONG).await;
        at.done(delivery.receipt).await;
        at.counted([EVENTS as u64 + 2, EVENTS as u64 + 1, 0, 0, 1]).await;
    });
}

/// Refuses what came before its time.
fn early_ones(deliveries: Vec<Delivery>) -> Vec<Delivery> {
    let now = SystemTime::now();
    for delivery in &deliveries {
        let until = delivery.message.held_until().expect("it was held back, and the message says so");
        assert!(until <= now, "an event came {:?} before its time", until.duration_since(now));
    }
    deliveries
}

/// 50 events that are settled for later come with their progress, and not before their time.
///
/// # Panics
///
/// The broker breaks the law.
pub fn an_event_that_is_settled_for_later_is_never_early<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        const EVENTS: usize = 50;
        let (at, deadline) = (&ground.at, Deadline::new());
        at.publish_numbers(0..EVENTS).await;
        for delivery in at.exactly("c", EVENTS).await {
            let number = super::ground::number(&delivery.message) as u64;
            let until = SystemTime::now() + Duration::from_millis(100 + number * 13 % 300);
            let nanoseconds = until.duration_since(SystemTime::UNIX_EPOCH).expect("it is later").as_nanos();
            let progress = Bytes::copy_from_slice(&nanoseconds.to_be_bytes());
            assert!(at.settles(Settlement::again(delivery.receipt, until, Some(progress))).await);
        }
        at.counted([EVENTS as u64, 0, 0, 0, EVENTS as u64]).await;
        let mut all = Vec::new();
        while all.len() < EVENTS {
            deadline.check(|| format!("{} of {EVENTS} events have come", all.len()));
            let come = at.receive("c", 3, LONG, Duration::from_secs(1)).await;
            let now =
                SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later").as_nanos();
            for delivery in &come {
                let until = delivery.progress.as_deref().and_then(|bytes| bytes.try_into().ok());
                let until = until.map(u128::from_be_bytes).expect("it has its progress");
                assert!(until <= now, "an event came {} ns before its time", until - now);
                assert_eq!(delivery.deaths, 0, "to wait is not to die");
            }
            all.extend(come);
        }
        assert_eq!(numbers(&all), (0..EVENTS).collect());
        at.all_done(all).await;
        at.counted([EVENTS as u64, EVENTS as u64, 0, 0, 0]).await;
    });
}
