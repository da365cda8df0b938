//! What a settlement does, and that it does it once and as a whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use tokio::task::JoinSet;

use crate::{Broker, Bytes, DeadReason, Letter, Page, Receipt, Settled, Settlement};

use Settled::{Applied, NotHeld};

use super::Fixture;
use super::ground::{LONG, SHORT, join, number, run};

fn letter(error: &str) -> Letter {
    Letter::of_event(DeadReason::Undecodable, error)
}

/// Of settlements that are sent together, each is applied with its letters, or nothing of it is: those that are held
/// are, those that were lost, are unknown, or come a second time are not.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_settlement_is_applied_as_a_whole_or_not_at_all<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers([0]).await;
        let lost = at.one("slow", SHORT).await.receipt;
        let held = at.one("fast", LONG).await.receipt;
        at.publish_numbers([1, 2]).await;
        let [dead, again] = <[_; 2]>::try_from(at.exactly("fast", 2).await).expect("two were received");
        let unknown = Receipt::new(at.queue.clone(), at.group.clone(), "no item of this broker", 1);
        let now = SystemTime::now();
        let settlements = vec![
            Settlement::done(lost).with_letter(letter("lost")),
            Settlement::done(dead.receipt.clone())
                .with_letter(letter("dead"))
                .with_letter(letter("twice dead")),
            Settlement::done(unknown).with_letter(letter("unknown")),
            Settlement::again(again.receipt, now, Some("half".into())).with_letter(letter("half dead")),
            Settlement::again(dead.receipt, now, None).with_letter(letter("settled")),
            Settlement::done(held),
        ];
        let answers = at.broker.settle(settlements).await.expect("the broker is there");
        assert_eq!(answers, [NotHeld, Applied, NotHeld, Applied, NotHeld, Applied]);
        let letters = at.broker.letters(&at.queue, &at.group, Page::first(100)).await.expect("it is there");
        let mut errors: Vec<_> =
            letters.iter().map(|letter| letter.letter.history[0].error.as_str()).collect();
        errors.sort_unstable();
        assert_eq!(errors, ["dead", "half dead", "twice dead"]);
        at.counted([3, 1, 1, 0, 1]).await;
        let delivery = at.one("fast", LONG).await;
        assert_eq!(number(&delivery.message), number(&again.message));
        at.done(delivery.receipt).await;
        at.nothing("fast").await;
        at.counted([3, 1, 2, 0, 0]).await;
    });
}

/// 16 tasks settle the same delivery at once: one of them does, and leaves one letter.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_delivery_is_settled_once<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        for round in 1..=20 {
            at.publish_numbers([round]).await;
            let receipt = at.one("c", LONG).await.receipt;
            let applied = Arc::new(AtomicUsize::new(0));
            let mut tasks = JoinSet::new();
            for _ in 0..16 {
                let (at, receipt, applied) = (at.clone(), receipt.clone(), Arc::clone(&applied));
                tasks.spawn(async move {
                    let settled = at.settles(Settlement::done(receipt).with_letter(letter("dead"))).await;
                    applied.fetch_add(usize::from(settled), Ordering::Relaxed);
                });
            }
            join(tasks).await;
            assert_eq!(applied.load(Ordering::Relaxed), 1, "settlements of one delivery that were applied");
            let letters =
                at.broker.letters(&at.queue, &at.group, Page::first(100)).await.expect("it is there");
            assert_eq!(letters.len(), round);
            at.counted([round as u64, 0, round as u64, 0, 0]).await;
        }
    });
}

/// What a settlement leaves for the next delivery comes back byte for byte, with the event as it was.
///
/// # Panics
///
/// The broker breaks the law.
pub fn progress_comes_back_as_it_was<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers([3]).await;
        let mut delivery = at.one("c", LONG).await;
        let id = delivery.message.id();
        let every_byte: Vec<u8> = (0..=255).collect();
        let some = [&b""[..], b"\0", "häppchenweise".as_bytes(), &every_byte, &vec![7; 100_000]];
        let steps = some.into_iter().map(|bytes| Some(Bytes::copy_from_slice(bytes))).chain([None]);
        for progress in steps {
            let again = Settlement::again(delivery.receipt, SystemTime::now(), progress.clone());
            assert!(at.settles(again).await, "it is held");
            at.counted([1, 0, 0, 0, 1]).await;
            delivery = at.one("c", LONG).await;
            assert_eq!(delivery.progress, progress);
            assert_eq!((delivery.message.id(), number(&delivery.message)), (id, 3));
        }
        at.done(delivery.receipt).await;
        at.counted([1, 1, 0, 0, 0]).await;
    });
}
