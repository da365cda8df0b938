//! Workers end when they are told to, and leave nothing behind.

use std::time::Duration;

use pyventus_core::{Context, key};

use super::Fixture;
use super::ground::{LONG, run};
use super::program::{Gate, Numbered, Program, Seen, Work, number_of};

/// A worker that is told to end finishes what it has begun and hands the rest back, of which no death is counted.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn a_worker_that_ends_finishes_what_it_has_begun<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (program, gate) = (Program::new(ground.at.clone()), Gate::default());
        let waits = gate.clone();
        program
            .linker
            .subscribe(key::<Numbered>())
            .handler(move || {
                let gate = waits.clone();
                async move { gate.pass().await }
            })
            .expect("there is no limit");
        program.emit(0..20).await;
        let worker = Work::start(program.worker().concurrency(4));
        gate.reached_by(4).await;
        worker.handle.stop();
        gate.open();
        let summary = worker.finished().await;
        assert_eq!((summary.done, summary.lost), (4, 0), "{summary}");
        assert_eq!(summary.received, summary.done + summary.released, "{summary}");
        program.until(|counts| (counts.succeeded, counts.pending) == (4, 16)).await;
        let left = program.at.exactly("next", 16).await;
        assert!(left.iter().all(|delivery| delivery.deaths == 0 && delivery.progress.is_none()));
    });
}

/// What does not end by the deadline is dropped where it waits and handed back; what had ended by then is not repeated.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn what_does_not_end_in_time_is_handed_back<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (program, gate, seen) = (Program::new(ground.at.clone()), Gate::default(), Seen::new());
        let linker = &program.linker;
        let counted = seen.clone();
        let quick = move |context: Context| counted.add(("quick", number_of(&context)), context.attempt());
        linker.subscribe(key::<Numbered>()).handler(quick).expect("there is no limit");
        let (counted, waits) = (seen.clone(), gate.clone());
        linker
            .subscribe(key::<Numbered>())
            .handler(move |context: Context| {
                let (seen, gate) = (counted.clone(), waits.clone());
                async move {
                    gate.pass().await;
                    seen.add(("slow", number_of(&context)), context.attempt());
                }
            })
            .expect("there is no limit");
        program.emit(0..5).await;
        // The lease outlasts the law: what is not handed back does not come again.
        let worker = Work::start(program.worker().lease(LONG).grace(Duration::from_millis(50)));
        gate.reached_by(5).await;
        let summary = worker.end().await;
        assert_eq!((summary.again, summary.lost), (5, 0), "{summary}");
        gate.open();
        let next = Work::start(program.worker());
        let counts = program.until_done(5).await;
        assert_eq!(counts.succeeded, 5, "{counts}");
        let seen = seen.take();
        assert_eq!(seen.len(), 10);
        assert!(seen.values().all(|attempts| *attempts == [1]), "{seen:?}");
        next.end().await;
    });
}

/// A worker that is told to end twice does not wait for its deadline.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn a_worker_that_is_told_twice_ends_at_once<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let (program, gate) = (Program::new(ground.at.clone()), Gate::default());
        let waits = gate.clone();
        program
            .linker
            .subscribe(key::<Numbered>())
            .handler(move || {
                let gate = waits.clone();
                async move { gate.pass().await }
            })
            .expect("there is no limit");
        program.emit(0..5).await;
        let worker = Work::start(program.worker().lease(LONG).grace(LONG).timeout(None));
        gate.reached_by(5).await;
        worker.handle.stop();
        let summary = worker.end().await;
        // What was handed back may have come once more before the worker stopped receiving.
        assert!(summary.released >= 5 && summary.received == summary.released, "{summary}");
        let left = program.at.exactly("next", 5).await;
        assert!(left.iter().all(|delivery| delivery.deaths == 0));
    });
}
