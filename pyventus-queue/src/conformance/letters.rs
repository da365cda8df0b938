//! What is given up, and taken up again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::task::JoinSet;

use crate::{
    Attempt, Broker, Bytes, DeadLetter, DeadReason, Letter, LetterError, LetterId, Page, Settlement,
};

use super::Fixture;
use super::ground::{At, LONG, join, number, run};

/// A letter that says something everywhere.
fn of_handler(resume: Bytes) -> Letter {
    let at = UNIX_EPOCH + Duration::new(1_767_225_600, 123_456_789);
    let attempt = |error: &str| Attempt { at, error: error.to_owned() };
    Letter::of_handler(DeadReason::Exhausted, "shop::send_receipt", resume)
        .with_origin("shop::send_receipt (src/shop.rs:7)")
        .with_history(5, vec![attempt("no connection"), attempt("“quoted”\n\0 and broken")])
}

async fn letters<B: Broker>(at: &At<B>) -> Vec<DeadLetter> {
    at.broker.letters(&at.queue, &at.group, Page::first(1_000)).await.expect("the broker is there")
}

async fn only_letter<B: Broker>(at: &At<B>) -> DeadLetter {
    let mut letters = letters(at).await;
    assert_eq!(letters.len(), 1, "letters of the group");
    letters.pop().expect("there is one")
}

/// Runs an operation on a letter in 16 tasks at once; returns how many succeeded. The others know no such letter.
async fn race<B: Broker, O>(
    at: &At<B>,
    id: LetterId,
    operation: impl Fn(At<B>, LetterId, usize) -> O,
) -> usize
where
    O: Future<Output = Result<(), LetterError>> + Send + 'static,
{
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let (operation, done) = (operation(at.clone(), id, task), Arc::clone(&done));
        tasks.spawn(async move {
            match operation.await {
                Ok(()) => drop(done.fetch_add(1, Ordering::Relaxed)),
                Err(LetterError::Unknown(unknown)) => assert_eq!(unknown, id),
                Err(other) => panic!("the broker is there: {other}"),
            }
        });
    }
    join(tasks).await;
    done.load(Ordering::Relaxed)
}

/// A dead letter keeps the event byte for byte, the reason and the history; 16 tasks replay it, and the event comes
/// once, with what the letter says to resume with, to the group that gave it up.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_dead_letter_keeps_what_was_given_up_and_is_replayed_once<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (at, other) = (&ground.at, ground.at.group("other"));
        at.joins().await;
        other.joins().await;
        let resume = Bytes::from_static(b"\0\xff it alone");
        let of_event = Letter::of_event(DeadReason::Undecodable, "the envelope is malformed");
        let letters_of = [of_handler(resume), of_handler(Bytes::new()), of_event];
        for (round, letter) in letters_of.into_iter().enumerate() {
            let done = round as u64;
            at.publish_numbers([round]).await;
            let published = other.one("c", LONG).await;
            other.done(published.receipt).await;
            let delivery = at.one("c", LONG).await;
            let since = SystemTime::now();
            at.bury(delivery.receipt, letter.clone()).await;
            at.counted([done + 1, done, 1, 0, 0]).await;
            at.nothing("c").await;

            let dead = only_letter(at).await;
            assert_eq!(dead.letter, letter);
            assert_eq!((&dead.queue, &dead.group), (&at.queue, &at.group));
            assert_eq!(
                (dead.message.id(), dead.message.body()),
                (published.message.id(), published.message.body())
            );
            assert!(dead.at + Duration::from_secs(1) >= since, "the letter says when it was stored");
            let found = at.broker.letter(dead.id).await.expect("the broker is there");
            assert_eq!(found.as_ref(), Some(&dead));

            let replayed = race(at, dead.id, |at, id, _| async move { at.broker.replay(id).await }).await;
            assert_eq!(replayed, 1, "a letter is replayed once");
            assert!(at.broker.letter(dead.id).await.expect("the broker is there").is_none());
            assert!(letters(at).await.is_empty());
            at.counted([done + 1, done, 0, 0, 1]).await;
            let delivery = at.one("c", LONG).await;
            assert_eq!((delivery.progress, delivery.deaths), (letter.resume, 0));
            assert_eq!(delivery.message.id(), published.message.id());
            assert_eq!(number(&delivery.message), round);
            at.nothing("c").await;
            other.nothing("c").await;
            at.done(delivery.receipt).await;
            at.counted([done + 1, done + 1, 0, 0, 0]).await;
            other.counted([done + 1, done + 1, 0, 0, 0]).await;
        }
    });
}

/// An event that has work left and a dead letter: the letter is replayed, and both are handed out and settled, each by
/// itself.
///
/// # Panics
///
/// The broker breaks the law.
pub fn an_event_is_replayed_beside_what_it_has_left<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers([0]).await;
        let receipt = at.one("c", LONG).await.receipt;
        let (left, resume) = (Bytes::from_static(b"left"), Bytes::from_static(b"resumed"));
        let again = Settlement::again(receipt, SystemTime::now(), Some(left.clone()));
        assert!(at.settles(again.with_letter(of_handler(resume.clone()))).await);
        at.counted([1, 0, 0, 0, 1]).await;
        let dead = only_letter(at).await;
        let first = at.one("c", LONG).await;
        at.broker.replay(dead.id).await.expect("the letter is there");
        let second = at.one("c", LONG).await;
        assert_eq!([first.progress, second.progress], [Some(left), Some(resume)]);
        at.counted([1, 0, 0, 0, 1]).await;
        at.done(first.receipt).await;
        at.counted([1, 0, 0, 0, 1]).await;
        at.bury(second.receipt, of_handler(Bytes::new())).await;
        at.counted([1, 0, 1, 0, 0]).await;
        at.broker.replay(only_letter(at).await.id).await.expect("the letter is there");
        let delivery = at.one("c", LONG).await;
        at.done(delivery.receipt).await;
        at.counted([1, 1, 0, 0, 0]).await;
    });
}

/// 16 tasks drop a letter, and one does; the event is counted as dropped once nothing else is left of it, whatever
/// became of its other letters.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_dropped_letter_is_gone<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        at.publish_numbers([0]).await;
        let receipt = at.one("c", LONG).await.receipt;
        let settlement = Settlement::done(receipt).with_letter(of_handler("a".into()));
        assert!(at.settles(settlement.with_letter(of_handler("b".into()))).await);
        at.counted([1, 0, 1, 0, 0]).await;
        let [first, second] = <[_; 2]>::try_from(letters(at).await).expect("there are two");
        assert_eq!(race(at, first.id, |at, id, _| async move { at.broker.drop_letter(id).await }).await, 1);
        assert!(matches!(at.broker.replay(first.id).await, Err(LetterError::Unknown(id)) if id == first.id));
        at.counted([1, 0, 1, 0, 0]).await;
        at.broker.replay(second.id).await.expect("the letter is there");
        at.counted([1, 0, 0, 0, 1]).await;
        let delivery = at.one("c", LONG).await;
        at.done(delivery.receipt).await;
        at.counted([1, 0, 0, 1, 0]).await;
        at.nothing("c").await;
        let unknown = LetterId::new();
        assert!(matches!(at.broker.drop_letter(unknown).await, Err(LetterError::Unknown(_))));
        assert!(matches!(at.broker.replay(unknown).await, Err(LetterError::Unknown(_))));
        assert!(at.broker.letter(unknown).await.expect("the broker is there").is_none());
    });
}

/// Of tasks that replay a letter and tasks that drop it, one succeeds, and the counts say which.
///
/// # Panics
///
/// The broker breaks the law.
pub fn a_letter_is_either_replayed_or_dropped<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        let mut replayed = 0;
        for round in 0..20 {
            at.publish_numbers([round]).await;
            let receipt = at.one("c", LONG).await.receipt;
            at.bury(receipt, of_handler(Bytes::new())).await;
            let id = only_letter(at).await.id;
            let either = |at: At<F::Broker>, id, task| async move {
                if task % 2 == 0 { at.broker.replay(id).await } else { at.broker.drop_letter(id).await }
            };
            assert_eq!(race(at, id, either).await, 1, "a letter goes once");
            let again = at.receive("c", 1, LONG, Duration::ZERO).await;
            replayed += again.len() as u64;
            at.all_done(again).await;
            at.counted([round as u64 + 1, replayed, 0, round as u64 + 1 - replayed, 0]).await;
        }
    });
}

/// 25 letters are listed in pages, each letter once, in the order of their identities, and those of the group alone.
///
/// # Panics
///
/// The broker breaks the law.
pub fn letters_are_listed_in_pages<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (at, other) = (&ground.at, ground.at.group("other"));
        at.joins().await;
        other.joins().await;
        at.publish_numbers(0..25).await;
        for at in [at, &other] {
            for delivery in at.exactly("c", 25).await {
                at.bury(delivery.receipt, of_handler(Bytes::new())).await;
            }
        }
        let (mut listed, mut page) = (Vec::new(), Page::first(10));
        for wanted in [10, 10, 5, 0] {
            let letters = at.broker.letters(&at.queue, &at.group, page).await.expect("the broker is there");
            assert_eq!(letters.len(), wanted, "letters of a page");
            listed.extend(letters);
            page = Page::after(listed.last().expect("there were some").id, 10);
        }
        assert!(
            listed.is_sorted_by(|one, next| one.id < next.id),
            "letters are in the order of their identities"
        );
        assert!(listed.iter().all(|letter| letter.group == at.group));
        let mut numbers: Vec<_> = listed.iter().map(|letter| number(&letter.message)).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..25).collect::<Vec<_>>());
    });
}
