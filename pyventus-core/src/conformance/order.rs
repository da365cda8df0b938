//! In which order handlers and emissions run.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{Capability, Context, EventEmitter, args};

use super::Fixture;
use super::ground::{Ground, pause, wait};

const EMISSIONS: u64 = 200;

type Log = Arc<Mutex<Vec<(u64, usize)>>>;

fn log(log: &Log, context: &Context, step: usize) {
    let number = context.args().positional()[0].as_u64().unwrap_or(u64::MAX);
    log.lock().unwrap_or_else(PoisonError::into_inner).push((number, step));
}

/// The handlers of an emission start in their order, and none waits for those before it to end.
///
/// # Panics
///
/// The backend breaks the law.
pub fn handlers_start_in_order<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    let started = Log::default();
    for step in 0..5 {
        let started = Arc::clone(&started);
        ground
            .linker
            .subscribe("e")
            .handler(move |context: Context| {
                log(&started, &context, step);
                async move {
                    pause().await;
                }
            })
            .expect("the linker has no limit");
    }
    emit_numbered(&ground);
    let started = started.lock().unwrap_or_else(PoisonError::into_inner);
    for number in 0..EMISSIONS {
        let steps: Vec<_> = started.iter().filter(|(of, _)| *of == number).map(|(_, step)| *step).collect();
        assert_eq!(steps, [0, 1, 2, 3, 4], "emission {number}");
    }
}

/// An ordered backend ends an emission before it starts the next, in the order they were submitted.
///
/// Holds for backends with [`Capability::Ordered`].
///
/// # Panics
///
/// The backend breaks the law.
pub fn emissions_run_in_the_order_they_were_submitted<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    if !ground.has(Capability::Ordered) {
        return;
    }
    let steps = Log::default();
    let handled = Arc::clone(&steps);
    ground
        .linker
        .subscribe("e")
        .handler(move |context: Context| {
            let steps = Arc::clone(&handled);
            async move {
                for step in 0..3 {
                    log(&steps, &context, step);
                    pause().await;
                }
            }
        })
        .expect("the linker has no limit");
    emit_numbered(&ground);
    let expected: Vec<_> = (0..EMISSIONS).flat_map(|number| (0..3).map(move |step| (number, step))).collect();
    assert_eq!(*steps.lock().unwrap_or_else(PoisonError::into_inner), expected);
}

/// Emits numbers, all at once, and waits for them.
fn emit_numbered<F: Fixture>(ground: &Ground<F>) {
    let handles = ground.emit(|emitter: &EventEmitter| {
        (0..EMISSIONS).map(|number| emitter.emit_with("e", args![number])).collect::<Vec<_>>()
    });
    ground.fixture.settle();
    for handle in handles {
        wait(handle).expect("nothing is refused");
    }
}
