//! Workers run the handlers of every event, once where nothing fails.

use std::time::{Duration, SystemTime};

use pyventus_core::{Context, EventEmitter, args, key};

use super::Fixture;
use super::ground::{GLANCE, SHORT, run, scaled};
use super::program::{Gate, Numbered, Program, Seen, Work, accepted, number_of};

/// Two groups with two workers each: every group handles every event, typed or a text with arguments, with all of its handlers,
/// once.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn every_group_handles_every_event<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let events = scaled(1_000) as u64;
        let seen = Seen::new();
        let groups = ["billing", "shipping"].map(|group| (group, Program::new(ground.at.group(group))));
        let mut workers = Vec::new();
        for (group, program) in &groups {
            let handler = |name: &'static str| {
                let (seen, group) = (seen.clone(), *group);
                move |context: Context| seen.add((group, name, number_of(&context)), context.attempt())
            };
            let linker = &program.linker;
            linker.subscribe(key::<Numbered>()).handler(handler("by type")).expect("there is no limit");
            linker
                .subscribe(("law.numbered", "text"))
                .handler(handler("by name"))
                .expect("there is no limit");
            workers.extend([Work::start(program.worker()), Work::start(program.worker().concurrency(2))]);
        }
        for (_, program) in &groups {
            // The group has to be there before something is emitted that it is to be counted for.
            program.at.joins().await;
        }
        let emitter = groups[0].1.emitter();
        groups[0].1.emit(0..events).await;
        let texts = (0..events).map(|number| emitter.emit_with("text", args![number = number]));
        accepted(texts.collect()).await;
        for (group, program) in &groups {
            let counts = program.until_done(2 * events).await;
            assert_eq!(counts.succeeded, 2 * events, "the events of {group}: {counts}");
        }
        let seen = seen.take();
        for group in ["billing", "shipping"] {
            for number in 0..events {
                assert_eq!(seen[&(group, "by type", number)], [1], "{group} and the event {number}");
                assert_eq!(seen[&(group, "by name", number)], [1, 1], "{group} and the event {number}");
            }
        }
        let mut done = 0;
        for worker in workers {
            done += worker.end().await.done;
        }
        assert_eq!(done, 4 * events);
    });
}

/// An event that is emitted for later is handled then, and not before.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn an_event_for_later_is_handled_then<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        const DELAY: Duration = Duration::from_millis(400);
        let program = Program::new(ground.at.clone());
        program
            .linker
            .subscribe("later")
            .handler(|context: Context| {
                let waited = SystemTime::now().duration_since(context.timestamp()).unwrap_or_default();
                assert!(waited >= DELAY, "it is early: {waited:?}");
            })
            .expect("there is no limit");
        let worker = Work::start(program.worker());
        let emitter = EventEmitter::builder(program.backend().delayed(DELAY)).linker(&program.linker).build();
        emitter.emit("later").await.expect("the broker is there");
        let counts = program.until_done(1).await;
        assert_eq!(counts.succeeded, 1, "{counts}");
        worker.end().await;
    });
}

/// Handlers that take far longer than the lease, and events that wait for them: no other worker takes anything over.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn a_lease_that_is_shorter_than_its_handler_is_extended<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let program = Program::new(ground.at.clone());
        let (seen, gate) = (Seen::new(), Gate::default());
        let (counted, waits) = (seen.clone(), gate.clone());
        program
            .linker
            .subscribe(key::<Numbered>())
            .handler(move |context: Context| {
                let (seen, gate) = (counted.clone(), waits.clone());
                async move {
                    seen.add(number_of(&context), context.attempt());
                    gate.pass().await;
                }
            })
            .expect("there is no limit");
        program.emit(0..6).await;
        let holder = Work::start(program.worker().lease(SHORT).concurrency(6));
        gate.reached_by(6).await;
        let other = Work::start(program.worker().lease(SHORT));
        tokio::time::sleep(2 * GLANCE).await;
        gate.open();
        program.until_done(6).await;
        let (holder, other) = (holder.end().await, other.end().await);
        assert_eq!((holder.done, holder.lost, other.received), (6, 0, 0), "{holder}; {other}");
        assert!(seen.take().values().all(|attempts| *attempts == [1]));
    });
}

/// A worker ends without a word while handlers run: another one takes its events over.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn what_a_dead_worker_had_is_taken_over<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let program = Program::new(ground.at.clone());
        let (seen, gate) = (Seen::new(), Gate::default());
        let (counted, waits) = (seen.clone(), gate.clone());
        program
            .linker
            .subscribe(key::<Numbered>())
            .handler(move |context: Context| {
                let (seen, gate) = (counted.clone(), waits.clone());
                async move {
                    seen.add(number_of(&context), context.attempt());
                    gate.pass().await;
                }
            })
            .expect("there is no limit");
        program.emit(0..10).await;
        let dies = Work::start(program.worker().lease(SHORT));
        gate.reached_by(10).await;
        dies.kill().await;
        gate.open();
        let other = Work::start(program.worker());
        let counts = program.until_done(10).await;
        assert_eq!(counts.succeeded, 10, "{counts}");
        let seen = seen.take();
        // Nobody knows how far the first one came.
        assert!((0..10).all(|number| seen[&number] == [1, 1]), "{seen:?}");
        assert_eq!(other.end().await.done, 10);
    });
}

/// What is stored twice is handled twice, with one identity: a handler that keeps identities does nothing twice.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn an_event_that_comes_twice_has_one_identity<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let program = Program::new(ground.at.clone());
        let seen = Seen::new();
        let counted = seen.clone();
        program
            .linker
            .subscribe(key::<Numbered>())
            .handler(move |context: Context| {
                counted.add((context.id(), number_of(&context)), context.attempt());
            })
            .expect("there is no limit");
        program.emit(0..100).await;
        let at = &program.at;
        let deliveries = at.exactly("duplicates", 100).await;
        let copies = deliveries.iter().map(|delivery| delivery.message.clone()).collect();
        at.publish(copies).await;
        let receipts: Vec<_> = deliveries.into_iter().map(|delivery| delivery.receipt).collect();
        let released = crate::Broker::release(&at.broker, &receipts).await.expect("the broker is there");
        assert!(released.into_iter().all(|held| held));
        let worker = Work::start(program.worker());
        program.until_done(200).await;
        worker.end().await;
        let seen = seen.take();
        assert_eq!(seen.len(), 100);
        assert!(seen.values().all(|attempts| *attempts == [1, 1]));
    });
}
