//! Every event is handed out, once and as it was.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::{Broker, Message, MessageId};

use super::ground::{At, Deadline, GLANCE, LONG, join, number, numbers, run, scaled};
use super::{Fixture, PATIENCE};

/// 10,000 events of 0 bytes to 1 MiB come back with their identity and byte for byte.
///
/// # Panics
///
/// The broker breaks the law.
pub fn what_is_published_is_received_byte_for_byte<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        let limit = at.broker.capabilities().payload_limit().unwrap_or(usize::MAX);
        let total = scaled(10_000);
        let mut sent = HashMap::new();
        let mut received = 0;
        for first in (0..total).step_by(500) {
            let events = first..total.min(first + 500);
            let messages: Vec<_> = events
                .clone()
                .map(|event| Message::new(MessageId::new(), noise(event, size(event).min(limit))))
                .collect();
            sent.extend(messages.iter().map(Message::id).zip(events));
            at.publish(messages).await;
            while received < sent.len() {
                let deliveries = at.receive("c", 64, LONG, PATIENCE).await;
                assert!(
                    !deliveries.is_empty(),
                    "the broker is stuck: {received} of {total} events have come"
                );
                for delivery in &deliveries {
                    let event = *sent.get(&delivery.message.id()).expect("it was published");
                    let wanted = noise(event, size(event).min(limit));
                    assert!(delivery.message.body() == &wanted, "event {event} has other bytes");
                    assert!(delivery.progress.is_none(), "a new event has made no progress");
                    assert_eq!(delivery.deaths, 0, "nobody died of a new event");
                }
                received += deliveries.len();
                at.all_done(deliveries).await;
            }
        }
        assert_eq!(received, total);
        at.counted([total as u64, total as u64, 0, 0, 0]).await;
    });
}

/// Most events are small, some are large, and a few are very large.
fn size(event: usize) -> usize {
    match event % 1_000 {
        0 => 0,
        1 => 1,
        2 => 1 << 20,
        3..20 => 64 << 10,
        other => other * 7 % 3_000,
    }
}

/// Bytes that look random, the same for each event.
fn noise(event: usize, size: usize) -> Vec<u8> {
    let mut state = (event as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_be_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// 64 producers and 64 consumers of one group, over four connections, and 50,000 events: none is missing, and none comes twice.
///
/// # Panics
///
/// The broker breaks the law.
pub fn many_producers_and_consumers_lose_nothing_and_see_nothing_twice<F: Fixture>(open: impl FnOnce() -> F) {
    const PEOPLE: usize = 64;
    run(open, async |ground| {
        let total = scaled(50_000);
        let seen: Arc<Vec<AtomicU8>> = Arc::new((0..total).map(|_| AtomicU8::new(0)).collect());
        let (settled, next) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut tasks = JoinSet::new();
        let mut at = ground.at.clone();
        for person in 0..PEOPLE {
            if person % (PEOPLE / 4) == 0 {
                at = at.through(ground.fixture.connect().await);
            }
            let (producer, next) = (at.clone(), Arc::clone(&next));
            tasks.spawn(async move {
                // One at a time, or some.
                let batch = 1 + person % 16;
                loop {
                    let first = next.fetch_add(batch, Ordering::Relaxed);
                    if first >= total {
                        break;
                    }
                    producer.publish_numbers(first..total.min(first + batch)).await;
                }
            });
            let (at, seen, settled) = (at.clone(), Arc::clone(&seen), Arc::clone(&settled));
            tasks.spawn(async move {
                let (name, deadline) = (format!("consumer-{person}"), Deadline::new());
                while settled.load(Ordering::Relaxed) < total {
                    deadline.check(|| format!("{settled:?} of {total} events were settled"));
                    let deliveries =
                        at.receive(&name, 1 + person % 32, LONG, Duration::from_millis(100)).await;
                    for delivery in &deliveries {
                        seen[number(&delivery.message)].fetch_add(1, Ordering::Relaxed);
                    }
                    let count = deliveries.len();
                    at.all_done(deliveries).await;
                    settled.fetch_add(count, Ordering::Relaxed);
                }
            });
        }
        join(tasks).await;
        let of =
            |wanted: fn(u8) -> bool| seen.iter().filter(|seen| wanted(seen.load(Ordering::Relaxed))).count();
        assert_eq!(
            (of(|seen| seen == 0), of(|seen| seen > 1)),
            (0, 0),
            "events that are missing, and doubled ones"
        );
        ground.at.counted([total as u64, total as u64, 0, 0, 0]).await;
    });
}

/// 100 queues that are used at the same time: each has its own events and no other.
///
/// # Panics
///
/// The broker breaks the law.
pub fn queues_do_not_mix<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let events = scaled(100);
        let mut tasks = JoinSet::new();
        for queue in 0..100 {
            let at = At::new(ground.at.broker.clone(), "group");
            let wanted = queue * events..(queue + 1) * events;
            tasks.spawn(async move {
                for number in wanted.clone() {
                    at.publish_numbers([number]).await;
                }
                let deliveries = at.exactly("c", events).await;
                assert_eq!(numbers(&deliveries), wanted.collect(), "queue {queue}");
                at.all_done(deliveries).await;
                at.counted([events as u64, events as u64, 0, 0, 0]).await;
            });
        }
        join(tasks).await;
    });
}

/// 32 consumers wait for one event each, and each is woken by one: where the events are published one after the other, and
/// all at once; where they are there at once, and where they are held back until different times.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_consumer_that_waits_is_woken<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        for held_back in [false, true] {
            for together in [false, true] {
                let mut waiting = JoinSet::new();
                for person in 0..32 {
                    let at = at.clone();
                    waiting.spawn(async move {
                        let since = Instant::now();
                        let delivery = at.one(&format!("consumer-{person}"), LONG).await;
                        assert!(
                            since.elapsed() < PATIENCE / 2,
                            "nobody was woken, and it was found in the end"
                        );
                        at.done(delivery.receipt).await;
                    });
                }
                // By now, all of them wait.
                tokio::time::sleep(GLANCE).await;
                let message = |event: u64| {
                    let later = SystemTime::now() + Duration::from_millis(20 * (32 - event));
                    let message = Message::new(MessageId::new(), "wake up");
                    if held_back { message.not_before(later) } else { message }
                };
                if together {
                    at.publish((0..32).map(message).collect()).await;
                } else {
                    for event in 0..32 {
                        at.publish(vec![message(event)]).await;
                    }
                }
                join(waiting).await;
            }
        }
        let mut waiting = Box::pin(at.one("alone", LONG));
        assert!(timeout(GLANCE, &mut waiting).await.is_err(), "nothing was published");
        at.publish_numbers([0]).await;
        let since = Instant::now();
        at.done(waiting.await.receipt).await;
        assert!(since.elapsed() < PATIENCE / 2, "nobody was woken, and it was found in the end");
    });
}

/// Who asks for up to seven events gets at least one and at most seven; the others stay for others.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_batch_is_no_larger_than_was_asked_for<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers(0..50).await;
        let mut all = Vec::new();
        while all.len() < 50 {
            let deliveries = at.receive(&format!("consumer-{}", all.len()), 7, LONG, PATIENCE).await;
            assert!((1..=7).contains(&deliveries.len()), "seven were asked for, {} came", deliveries.len());
            all.extend(deliveries);
        }
        assert_eq!(numbers(&all), (0..50).collect());
    });
}

/// Who waits at an empty queue gets nothing, and not before the time is over; publishing nothing changes nothing.
///
/// # Panics
///
/// The broker breaks the law.
pub fn nobody_receives_from_an_empty_queue<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish(Vec::new()).await;
        let (since, wait) = (Instant::now(), Duration::from_millis(200));
        assert!(at.receive("c", 10, LONG, wait).await.is_empty(), "nothing was published");
        assert!(since.elapsed() >= wait, "it was to wait for {wait:?}, and waited for {:?}", since.elapsed());
        assert!(at.receive("c", 10, LONG, Duration::ZERO).await.is_empty(), "nothing was published");
        assert!(at.broker.settle(Vec::new()).await.expect("the broker is there").is_empty());
        at.counted([0, 0, 0, 0, 0]).await;
    });
}
