//! Every handler runs once for every emission.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::thread;

use crate::{Context, EmitError, EventEmitter, args};

use super::Fixture;
use super::ground::{Ground, pause, wait};

/// How many threads emit at once.
const THREADS: usize = 8;

/// How many emissions are under way at most, for each thread.
const WINDOW: usize = 1_000;

/// 10,000 emissions by eight threads: each has run each of its handlers and callbacks once, and its
/// report says so.
///
/// # Panics
///
/// The backend breaks the law.
pub fn every_handler_runs_once_for_every_emission<F: Fixture>(open: impl FnOnce() -> F) {
    let emissions = 10_000;
    let stress = stress(open(), emissions, THREADS);
    assert_eq!(stress, Stress { submitted: emissions, ran: emissions, returned: 0, cancelled: 0 });
}

/// What became of many emissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stress {
    /// How many were emitted.
    pub submitted: usize,
    /// How many came to a report, with an outcome of every handler.
    pub ran: usize,
    /// How many the backend did not take, and gave back.
    pub returned: usize,
    /// How many were cancelled.
    pub cancelled: usize,
}

impl Stress {
    /// Returns whether every emission ended in one of the ways there are.
    #[must_use]
    pub fn is_conserved(&self) -> bool {
        self.submitted == self.ran + self.returned + self.cancelled
    }

    fn add(&mut self, result: &Result<(), EmitError>) {
        match result {
            Ok(()) => self.ran += 1,
            Err(EmitError::Submit(_)) => self.returned += 1,
            Err(_) => self.cancelled += 1,
        }
    }
}

/// Emits many events from several threads to a synchronous handler, an asynchronous one, and one with
/// a callback, and says what became of them.
///
/// # Panics
///
/// A handler did not run exactly once for an emission that came to a report, ran for one that was
/// given back, or ran twice for one that was cancelled.
pub fn stress<F: Fixture>(fixture: F, emissions: usize, threads: usize) -> Stress {
    let ground = Ground::new(fixture);
    let counts = link_handlers(&ground, emissions);
    let emitted = AtomicUsize::new(0);
    let totals = thread::scope(|scope| {
        let emitters: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut total = Stress::default();
                    loop {
                        let first = emitted.fetch_add(WINDOW, Ordering::Relaxed);
                        if first >= emissions {
                            return total;
                        }
                        let numbers = first..emissions.min(first + WINDOW);
                        total.submitted += numbers.len();
                        for (number, result) in emit_all(&ground, numbers) {
                            for count in &counts {
                                let ran = count[number].load(Ordering::Relaxed);
                                assert!(
                                    may_have_run(&result).contains(&ran),
                                    "emission {number}: {ran} times"
                                );
                            }
                            total.add(&result);
                        }
                    }
                })
            })
            .collect();
        emitters.into_iter().map(|emitter| emitter.join().expect("it holds")).collect::<Vec<_>>()
    });
    totals.into_iter().fold(Stress::default(), |sum, total| Stress {
        submitted: sum.submitted + total.submitted,
        ran: sum.ran + total.ran,
        returned: sum.returned + total.returned,
        cancelled: sum.cancelled + total.cancelled,
    })
}

/// How often a handler may have run for an emission that ended so.
fn may_have_run(result: &Result<(), EmitError>) -> RangeInclusive<u8> {
    match result {
        Ok(()) => 1..=1,
        // What was cancelled may have begun.
        Err(EmitError::Cancelled) => 0..=1,
        Err(_) => 0..=0,
    }
}

type Counts = Arc<Vec<AtomicU8>>;

/// Links three handlers, and returns how often each ran, by the number of the emission.
fn link_handlers<F: Fixture>(ground: &Ground<F>, emissions: usize) -> [Counts; 3] {
    let counts: [Counts; 3] =
        std::array::from_fn(|_| Arc::new((0..emissions).map(|_| AtomicU8::new(0)).collect()));
    let [sync, asynchronous, answered] = counts.clone();
    let linked = [
        ground.linker.subscribe("stress").handler(move |context: Context| count(&sync, number(&context))),
        ground.linker.subscribe("stress").handler(move |context: Context| {
            let counts = Arc::clone(&asynchronous);
            async move {
                pause().await;
                count(&counts, number(&context));
            }
        }),
        ground
            .linker
            .subscribe("stress")
            .on_success(move |number: usize| count(&answered, number))
            .handler(|context: Context| number(&context)),
    ];
    assert!(linked.iter().all(Result::is_ok), "the linker has no limit");
    counts
}

fn count(counts: &Counts, number: usize) {
    counts[number].fetch_add(1, Ordering::Relaxed);
}

fn number(context: &Context) -> usize {
    context.args().positional()[0]
        .as_u64()
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or(usize::MAX)
}

/// Emits and waits for the reports.
fn emit_all<F: Fixture>(
    ground: &Ground<F>,
    numbers: std::ops::Range<usize>,
) -> Vec<(usize, Result<(), EmitError>)> {
    let emit = |emitter: &EventEmitter| {
        numbers.map(|number| (number, emitter.emit_with("stress", args![number]))).collect::<Vec<_>>()
    };
    let handles = ground.emit(emit);
    ground.fixture.settle();
    let ended = handles.into_iter().map(|(number, handle)| {
        let result = wait(handle);
        (number, result.map(|report| assert_eq!(report.succeeded(), 3, "{report:?}")))
    });
    ended.collect()
}
