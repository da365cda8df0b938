//! Handlers that fail run again, by themselves, as often as their policy says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use pyventus_core::{Context, HandlerTimedOut, Permanent, Retry, anyhow, key};

use crate::{Broker, DeadReason, LetterError};

use super::Fixture;
use super::faulty::{Fault, Faulty, Operation};
use super::ground::{run, scaled};
use super::program::{Numbered, Program, Seen, Work, number_of};

/// How often a handler fails with an event, if it is tried often enough: each attempt with one chance in five.
fn failures(handler: &str, number: u64) -> u32 {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ handler.len() as u64;
    let mut failures = 0;
    loop {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if !state.wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(23).is_multiple_of(5) {
            return failures;
        }
        failures += 1;
    }
}

/// Two handlers that each fail with every fifth attempt, under policies of their own, on three workers: each runs as often
/// as it has to, and no oftener; what the other one does with the event makes no difference.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn each_handler_runs_as_often_as_it_has_to<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let events = scaled(2_000) as u64;
        let program = Program::new(ground.at.clone());
        let soon = |attempts| Retry::new(attempts).first(Duration::from_millis(20)).factor(1);
        let (seen, policies) = (Seen::new(), [("two", 2), ("twenty", 20)]);
        for (name, attempts) in policies {
            let counted = seen.clone();
            let handler = move |context: Context| {
                let (number, attempt) = (number_of(&context), context.attempt());
                counted.add((name, number), attempt);
                anyhow::ensure!(attempt > failures(name, number), "attempt {attempt} fails");
                Ok(())
            };
            let subscribe = program.linker.subscribe(key::<Numbered>()).retry(soon(attempts));
            subscribe.handler(handler).expect("there is no limit");
        }
        let workers = [(); 3].map(|()| Work::start(program.worker()));
        program.emit(0..events).await;
        let counts = program.until_done(events).await;
        let seen = seen.take();
        let mut dead = 0;
        for (name, attempts) in policies {
            for number in 0..events {
                let wanted: Vec<u32> = (1..=attempts.min(failures(name, number) + 1)).collect();
                assert_eq!(seen[&(name, number)], wanted, "the handler {name:?} and the event {number}");
                dead += u64::from(failures(name, number) >= attempts);
            }
        }
        assert!(dead > 0, "too few events for the law");
        assert_eq!((counts.succeeded, counts.dead), (events - dead, dead), "{counts}");
        let letters = program.letters().await;
        assert!(
            letters
                .iter()
                .all(|letter| (letter.letter.reason, letter.letter.attempts) == (DeadReason::Exhausted, 2))
        );
        for worker in workers {
            assert_eq!(worker.end().await.lost, 0);
        }
    });
}

/// A handler that is given up leaves a letter that says what happened; its event is replayed for it alone.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn a_letter_is_replayed_for_its_handler_alone<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let program = Program::new(ground.at.clone());
        let (ran, heard, is_mended) =
            (Seen::new(), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, callback, mended) = (ran.clone(), Arc::clone(&heard), Arc::clone(&is_mended));
        let subscription = program
            .linker
            .subscribe(key::<Numbered>())
            .on_failure(move |_: &anyhow::Error| {
                callback.fetch_add(1, Ordering::Relaxed);
            })
            .handler(move |context: Context| {
                counted.add("broken", context.attempt());
                if mended.load(Ordering::Relaxed) {
                    return Ok(());
                }
                Err(Permanent::new(anyhow::anyhow!("there is no such order")))
            })
            .expect("there is no limit");
        let counted = ran.clone();
        let sound = move |context: Context| counted.add("sound", context.attempt());
        program.linker.subscribe(key::<Numbered>()).handler(sound).expect("there is no limit");
        program.emit([7]).await;
        let worker = Work::start(program.worker());
        let counts = program.until_done(1).await;
        assert_eq!(counts.dead, 1, "{counts}");

        let mut letters = program.letters().await;
        let dead = letters.pop().expect("one handler was given up");
        assert!(letters.is_empty(), "{letters:?}");
        let letter = &dead.letter;
        assert_eq!((letter.reason, letter.attempts, letter.history.len()), (DeadReason::Permanent, 1, 1));
        assert_eq!(letter.history[0].error, "there is no such order");
        let origin = letter.origin.as_deref().unwrap_or_default();
        assert!(origin.contains("retries.rs:"), "it does not say where the handler was written: {origin:?}");
        assert!(letter.handler.is_some() && !dead.message.body().is_empty());
        assert_eq!(heard.load(Ordering::Relaxed), 1, "a failure callback hears of the last failure");
        assert!(subscription.is_subscribed());

        is_mended.store(true, Ordering::Relaxed);
        let (broker, id) = (&program.at.broker, dead.id);
        broker.replay(id).await.expect("it is there");
        assert!(matches!(broker.replay(id).await, Err(LetterError::Unknown(_))), "it was replayed twice");
        let counts = program.until(|counts| counts.pending == 0).await;
        assert_eq!((counts.succeeded, counts.dead), (1, 0), "{counts}");
        let ran = ran.take();
        assert_eq!((&*ran["broken"], &*ran["sound"]), (&[1, 1][..], &[1][..]));
        worker.end().await;
    });
}

/// A handler that takes longer than it may is dropped, and has failed.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn a_handler_that_takes_too_long_has_failed<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let program = Program::new(ground.at.clone());
        let heard = Arc::new(AtomicUsize::new(0));
        let callback = Arc::clone(&heard);
        program
            .linker
            .subscribe(key::<Numbered>())
            .retry(Retry::new(2).first(Duration::from_millis(10)))
            .on_failure(move |_: &HandlerTimedOut| {
                callback.fetch_add(1, Ordering::Relaxed);
            })
            .handler(std::future::pending::<()>)
            .expect("there is no limit");
        program.emit([7]).await;
        let worker = Work::start(program.worker().timeout(Duration::from_millis(50)));
        program.until_done(1).await;
        let letters = program.letters().await;
        let letter = &letters[0].letter;
        assert_eq!((letter.reason, letter.attempts, letter.history.len()), (DeadReason::Exhausted, 2, 2));
        assert!(letter.history[0].error.contains("50ms"), "{:?}", letter.history);
        assert_eq!(heard.load(Ordering::Relaxed), 1);
        worker.end().await;
    });
}

/// A broker that cannot store dead letters for some time: the event stays leased, the handler is not run again, and the
/// letter is stored in the end.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn a_letter_that_cannot_be_stored_is_not_lost<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let refused = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&refused);
        let broker = Faulty::new(ground.at.broker.clone(), move |operation| match operation {
            Operation::Settle { letters: 1.., .. } if counted.fetch_add(1, Ordering::Relaxed) < 4 => {
                Fault::Before
            }
            _ => Fault::None,
        });
        let program = Program::new(ground.at.through(broker));
        let ran = Seen::new();
        let counted = ran.clone();
        program
            .linker
            .subscribe(key::<Numbered>())
            .retry(Retry::NEVER)
            .handler(move |context: Context| {
                counted.add(number_of(&context), context.attempt());
                anyhow::ensure!(number_of(&context) != 7, "not this one");
                Ok(())
            })
            .expect("there is no limit");
        program.emit(0..50).await;
        let worker = Work::start(program.worker());
        let counts = program.until_done(50).await;
        assert_eq!((counts.succeeded, counts.dead), (49, 1), "{counts}");
        assert!(refused.load(Ordering::Relaxed) >= 5);
        assert!(ran.take().values().all(|attempts| *attempts == [1]));
        assert_eq!(program.letters().await.len(), 1);
        assert_eq!(worker.end().await.lost, 0);
    });
}

/// A handler that is not linked any more when it is to run again is given up; it can be replayed once it is back.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn a_handler_that_is_gone_is_given_up<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let program = Program::new(ground.at.clone());
        let is_mended = Arc::new(AtomicBool::new(false));
        let link = || {
            let mended = Arc::clone(&is_mended);
            let handler = move || {
                anyhow::ensure!(mended.load(Ordering::Relaxed), "not yet");
                Ok(())
            };
            let later = Retry::new(1_000).first(Duration::from_millis(50)).factor(1);
            program
                .linker
                .subscribe(key::<Numbered>())
                .retry(later)
                .handler(handler)
                .expect("there is no limit")
        };
        let linked = link();
        program.emit([7]).await;
        let first = Work::start(program.worker());
        let failed = super::ground::Deadline::new();
        while first.handle.summary().failed == 0 {
            failed.check(|| "the handler does not run".to_owned());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        linked.unsubscribe();
        program.until_done(1).await;
        let letters = program.letters().await;
        assert_eq!(letters[0].letter.reason, DeadReason::HandlerGone);
        assert!(letters[0].letter.attempts >= 1);

        is_mended.store(true, Ordering::Relaxed);
        let _linked = link();
        program.at.broker.replay(letters[0].id).await.expect("it is there");
        let counts = program.until(|counts| counts.succeeded == 1).await;
        assert_eq!(counts.dead, 0, "{counts}");
        first.end().await;
    });
}
