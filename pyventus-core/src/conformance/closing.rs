//! What a closed backend has done with what it took, and does with what comes.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::{Capability, Context, EmitError, EventEmitter};

use super::Fixture;
use super::ground::{Ground, pause, run_elsewhere, wait};
use super::tally::Tally;
use super::waiting::Gate;

/// Closing waits for what runs and for what waits for its turn, and for what they emit.
///
/// Holds for backends that can be closed.
///
/// # Panics
///
/// The backend breaks the law.
pub fn closing_finishes_what_was_taken<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    let tally = Tally::default();
    for (event, nested) in [("e", Some("nested")), ("nested", None)] {
        let counted = tally.clone();
        ground
            .linker
            .subscribe(event)
            .handler(move |context: Context| {
                let tally = counted.clone();
                async move {
                    for _ in 0..5 {
                        pause().await;
                    }
                    if let Some(nested) = nested {
                        context.emitter().emit(nested);
                    }
                    tally.add();
                }
            })
            .expect("the linker has no limit");
    }
    let handles = ground.emit(|emitter| (0..100).map(|_| emitter.emit("e")).collect::<Vec<_>>());
    if !ground.fixture.close() {
        return;
    }
    assert_eq!(tally.get(), 200, "the backend was closed before its handlers, or what they emit, had ended");
    for handle in handles {
        assert_eq!(wait(handle).expect("it was taken").succeeded(), 1);
    }
}

/// A closed backend takes nothing: an emission is given back, runs elsewhere, and has not run before.
///
/// Holds for backends that can be closed.
///
/// # Panics
///
/// The backend breaks the law.
pub fn what_is_emitted_after_a_close_is_given_back<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    let tally = Tally::default();
    let counted = tally.clone();
    ground.linker.subscribe("e").handler(move || counted.add()).expect("the linker has no limit");
    if !ground.fixture.close() {
        return;
    }
    match wait(ground.emit(|emitter| emitter.emit("e"))) {
        Err(EmitError::Submit(error)) => {
            assert_eq!(tally.get(), 0, "it was refused and has run");
            run_elsewhere(error.into_emission().expect("a refused emission is given back"));
            assert_eq!(tally.get(), 1);
        }
        other => panic!("a closed backend has taken an emission: {other:?}"),
    }
}

/// Ten threads close the backend while a handler waits; all of them return when it has ended.
///
/// Holds for backends that can be closed and have [`Capability::Isolated`].
///
/// # Panics
///
/// The backend breaks the law.
pub fn closing_many_times_at_once_does_no_harm<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    if !ground.has(Capability::Isolated) {
        return;
    }
    let gate = Gate::link(&ground);
    let (all_close, ended) = (Barrier::new(11), AtomicBool::new(false));
    thread::scope(|scope| {
        let held_up = scope.spawn(|| wait(ground.emit(|emitter| emitter.emit("waits"))));
        gate.wait_until_reached();
        for _ in 0..10 {
            scope.spawn(|| {
                all_close.wait();
                if ground.fixture.close() {
                    assert!(ended.load(Ordering::SeqCst), "closed before the handler had ended");
                }
            });
        }
        all_close.wait();
        ended.store(true, Ordering::SeqCst);
        gate.open();
        let report = held_up.join().expect("it holds").expect("it was taken");
        assert_eq!(report.succeeded(), 1);
    });
    // Once more, after all.
    ground.fixture.close();
}

/// A backend that is cut while four threads emit: each emission has run, was given back, or was
/// cancelled, and its handle says which.
///
/// Holds for backends that can be cut.
///
/// # Panics
///
/// The backend breaks the law.
pub fn nothing_is_lost_by_a_cut<F: Fixture>(open: impl FnOnce() -> F) {
    const EMISSIONS: usize = 2_000;
    let ground = Ground::new(open());
    let (started, ended) = (Tally::default(), Tally::default());
    let tallies = (started.clone(), ended.clone());
    ground
        .linker
        .subscribe("e")
        .handler(move |_: Context| {
            let (started, ended) = tallies.clone();
            async move {
                started.add();
                pause().await;
                ended.add();
            }
        })
        .expect("the linker has no limit");
    let (results, returned) = thread::scope(|scope| {
        let emitters: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let emit = |emitter: &EventEmitter| {
                        let emit = |_| emitter.emit("e");
                        (0..EMISSIONS / 4).map(emit).collect::<Vec<_>>()
                    };
                    ground.emit(emit)
                })
            })
            .collect();
        // Something has run by then, whoever emits first, and whether or not it has to be settled.
        let mut handles = vec![ground.emit(|emitter| emitter.emit("e"))];
        ground.fixture.settle();
        started.wait_for(1);
        let returned = ground.fixture.cut();
        handles.extend(emitters.into_iter().flat_map(|emitter| emitter.join().expect("it holds")));
        (handles, returned)
    });
    let Some(returned) = returned else { return };
    let never_ran = returned.len();
    drop(returned);
    let (mut ran, mut refused, mut cancelled) = (0, 0, 0);
    for handle in results {
        match wait(handle) {
            Ok(report) => {
                assert_eq!(report.succeeded(), 1, "{report:?}");
                ran += 1;
            }
            Err(EmitError::Submit(error)) => {
                assert!(error.into_emission().is_some(), "a refused emission is given back");
                refused += 1;
            }
            Err(EmitError::Cancelled) => cancelled += 1,
            Err(other) => panic!("an emission ends in no other way: {other}"),
        }
    }
    assert_eq!(ran + refused + cancelled, EMISSIONS + 1);
    assert!(cancelled >= never_ran, "what was given back has run all the same");
    assert_eq!(ended.get(), ran, "a handler has run for an emission that did not, or not for one that did");
    assert!(started.get() <= ran + cancelled, "a handler has started for an emission that was refused");
}
