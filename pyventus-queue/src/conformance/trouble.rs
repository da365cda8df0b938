//! Brokers that fail and workers that come and go lose no event.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pyventus_core::{Context, Permanent, anyhow, key};

use crate::Broker;

use super::Fixture;
use super::faulty::{Fault, Faulty};
use super::ground::{SHORT, run, scaled};
use super::program::{Numbered, Program, Seen, Work, number_of};

/// Events of which every twentieth fails for good.
fn link<B: Broker>(program: &Program<B>, seen: &Seen<u64>) {
    let seen = seen.clone();
    let handler = move |context: Context| {
        let (seen, number) = (seen.clone(), number_of(&context));
        async move {
            tokio::task::yield_now().await;
            seen.add(number, context.attempt());
            if number.is_multiple_of(20) {
                return Err(Permanent::new(anyhow::anyhow!("not this one")));
            }
            Ok(())
        }
    };
    program.linker.subscribe(key::<Numbered>()).handler(handler).expect("there is no limit");
}

/// Workers that end, some with a word and some without, and others that take over, while events come: every event has
/// succeeded, is dead or is pending at every moment, and none is missing in the end.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn no_event_is_lost_while_workers_come_and_go<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let events = scaled(2_000) as u64;
        let (program, seen) = (Program::new(ground.at.clone()), Seen::new());
        link(&program, &seen);
        // Innocent events may be with several workers that die.
        let worker = || Work::start(program.worker().lease(SHORT).concurrency(16).max_deaths(1_000));
        let mut workers = [(); 3].map(|()| worker());
        let mut emitted = 0;
        for round in 0.. {
            let next = events.min(emitted + events / 20 + 1);
            program.emit(emitted..next).await;
            emitted = next;
            program.until(|counts| counts.accepted == emitted).await;
            let one = std::mem::replace(&mut workers[round % 3], worker());
            if round % 2 == 0 {
                one.kill().await;
            } else {
                one.end().await;
            }
            if emitted == events {
                break;
            }
        }
        let counts = program.until_done(events).await;
        let dead = (0..events).filter(|number| number.is_multiple_of(20)).count() as u64;
        assert_eq!((counts.succeeded, counts.dead), (events - dead, dead), "{counts}");
        assert_eq!(seen.take().len() as u64, events);
        for worker in workers {
            worker.end().await;
        }
    });
}

/// A broker that fails with every tenth operation, before or after it did what it was asked to: who emits learns of it, no
/// event that was accepted is lost, and the worker goes on.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn no_event_is_lost_by_a_broker_that_fails<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let events = scaled(500) as u64;
        let operations = Arc::new(AtomicU64::new(0));
        let broker = Faulty::new(ground.at.broker.clone(), move |_| {
            match operations.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32 {
                random if random % 20 == 0 => Fault::Before,
                random if random % 20 == 1 => Fault::After,
                _ => Fault::None,
            }
        });
        let (program, seen) = (Program::new(ground.at.through(broker)), Seen::new());
        link(&program, &seen);
        let worker = || Work::start(program.worker().lease(SHORT).max_deaths(1_000));
        let workers = [(); 2].map(|()| worker());
        let (emitter, mut accepted, mut refused) = (program.emitter(), Vec::new(), 0_u64);
        for number in 0..events {
            match emitter.emit(Numbered { number }).await {
                Ok(_) => accepted.push(number),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 0 && accepted.len() as u64 > events / 2, "{refused} of {events} were refused");
        let counts =
            program.until(|counts| counts.accepted >= accepted.len() as u64 && counts.pending == 0).await;
        assert!(counts.accepted <= events, "{counts}");
        let seen = seen.take();
        let missing = accepted.iter().filter(|number| !seen.contains_key(number)).count();
        assert_eq!(missing, 0, "events that were accepted were not handled");
        for worker in workers {
            worker.end().await;
        }
    });
}
