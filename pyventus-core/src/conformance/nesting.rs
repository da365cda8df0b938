//! What handlers emit.

use std::sync::mpsc;

use crate::{Capability, Context, EmitError, args};

use super::ground::Ground;
use super::tally::Tally;
use super::{Fixture, PATIENCE};

/// How long the cascade is.
const CASCADE: u64 = 20_000;

/// How deep emissions that are awaited stand within one another.
const DEPTH: u64 = 100;

/// What handlers emit, and what the handlers of that emit, runs once, though nobody awaits it.
///
/// # Panics
///
/// The backend breaks the law.
pub fn what_a_handler_emits_runs_once<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    let tallies: [Tally; 3] = Default::default();
    let events = ["outer", "middle", "inner", "nobody answers"];
    for (tally, pair) in tallies.iter().zip(events.windows(2)) {
        let (tally, event, next) = (tally.clone(), pair[0], pair[1]);
        ground
            .linker
            .subscribe(event)
            .handler(move |context: Context| {
                for _ in 0..10 {
                    context.emitter().emit(next);
                }
                tally.add();
            })
            .expect("the linker has no limit");
    }
    ground.emit(|emitter| drop(emitter.emit("outer")));
    ground.fixture.settle();
    for (tally, count) in tallies.iter().zip([1, 10, 100]) {
        tally.wait_for(count);
    }
    // Whatever ran twice has done so by the time that another emission has ended.
    ground.report("outer");
    for (tally, count) in tallies.iter().zip([2, 20, 200]) {
        tally.wait_for(count);
        assert_eq!(tally.get(), count);
    }
}

/// A handler awaits what it emitted: it gets the report; or, unless the backend declares
/// [`Capability::AwaitsNested`], an error that names both events, where that has not ended already.
///
/// # Panics
///
/// The backend breaks the law.
pub fn a_nested_emission_is_awaited_or_refused<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    let (tell, told) = mpsc::channel();
    ground
        .linker
        .subscribe("outer")
        .handler(move |context: Context| {
            let tell = tell.clone();
            async move { tell.send(context.emitter().emit_with("inner", args![0]).await) }
        })
        .expect("the linker has no limit");
    ground
        .linker
        .subscribe("inner")
        .handler(|context: Context| async move {
            let depth = context.args().positional()[0].as_u64().unwrap_or(DEPTH);
            if depth < DEPTH && context.emitter().capabilities().has(Capability::AwaitsNested) {
                let report = context.emitter().emit_with("inner", args![depth + 1]).await?;
                anyhow::ensure!(report.succeeded() == 1, "{report:?}");
            }
            Ok(())
        })
        .expect("the linker has no limit");
    let emitted = ground.emit(|emitter| emitter.emit("outer"));
    ground.settling(|| {
        let result = told.recv_timeout(PATIENCE).expect("the backend is stuck: a handler waits for ever");
        match result {
            Ok(report) => assert_eq!(report.succeeded(), 1),
            refused if ground.has(Capability::AwaitsNested) => panic!("it is awaited: {refused:?}"),
            refused => assert_deadlock(refused),
        }
    });
    drop(emitted);
}

/// A handler blocks its thread until what it emitted has ended: it gets the report, or an error that
/// names both events.
///
/// # Panics
///
/// The backend breaks the law.
pub fn a_thread_is_not_blocked_for_ever<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    let (tell, told) = mpsc::channel();
    ground
        .linker
        .subscribe("outer")
        .handler(move |context: Context| tell.send(context.emitter().emit("inner").wait()))
        .expect("the linker has no limit");
    ground.linker.subscribe("inner").handler(|| async {}).expect("the linker has no limit");
    let emitted = ground.emit(|emitter| emitter.emit("outer"));
    ground.settling(|| {
        match told.recv_timeout(PATIENCE).expect("the backend is stuck: a handler blocks its thread") {
            Ok(report) => assert_eq!(report.succeeded(), 1),
            refused => assert_deadlock(refused),
        }
    });
    drop(emitted);
}

#[track_caller]
fn assert_deadlock(result: Result<crate::EmissionReport, EmitError>) {
    match result {
        Err(EmitError::WouldDeadlock { event, within, .. }) => {
            assert_eq!((&*event, &*within), ("inner", "outer"));
        }
        other => panic!("neither a report nor an error that names the events: {other:?}"),
    }
}

/// A cascade of 20,000 emissions, each emitted by the handler of the one before, ends.
///
/// # Panics
///
/// The backend breaks the law.
pub fn a_cascade_ends<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    let tally = Tally::default();
    let counted = tally.clone();
    ground
        .linker
        .subscribe("step")
        .handler(move |context: Context| {
            let step = context.args().positional()[0].as_u64().unwrap_or(CASCADE);
            if step < CASCADE {
                context.emitter().emit_with("step", args![step + 1]);
            }
            counted.add();
        })
        .expect("the linker has no limit");
    ground.emit(|emitter| drop(emitter.emit_with("step", args![1])));
    ground.fixture.settle();
    tally.wait_for(usize::try_from(CASCADE).unwrap_or(usize::MAX));
}
