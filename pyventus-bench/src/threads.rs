//! Two threads that emit the same event at once, each pinned to a core; the time of the processor
//! counts, so that waiting for one another shows and waiting for a core does not.

use std::hint::{black_box, spin_loop};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use pyventus::key;

use crate::event::{OrderPlaced, answer_here};
use crate::floors::Handler;
use crate::inline::emitter;
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// How often a thread does its work before it is timed.
const WARM_UP: u64 = 200;

/// How often a run is repeated in which a thread lost its core to somebody else.
const TRIES: usize = 5;

/// One race for each number of handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[1, 10, 100], &[1, 10]);
    sizes.into_iter().map(|n| Race::new("two threads at once, inline", move || contenders(n))).collect()
}

fn contenders(n: usize) -> Vec<Contender> {
    #[cfg_attr(not(feature = "peers"), expect(unused_mut, reason = "peers are added"))]
    let mut contenders = vec![
        on_threads(1, "one_thread_loop", n, loop_of),
        on_threads(2, "two_threads_loop", n, loop_of).over("one_thread_loop"),
        on_threads(1, "one_thread", n, emit).over("one_thread_loop"),
        on_threads(2, "two_threads", n, emit).over("one_thread"),
    ];
    #[cfg(feature = "peers")]
    contenders.push(
        on_threads(2, "peer_signals2_two_threads", n, crate::peers::signals2_on_threads)
            .over("one_thread_loop")
            .beside("two_threads"),
    );
    contenders
}

/// A list of closures, called with an event of the thread's own.
fn loop_of(n: usize) -> impl Fn(&Arc<OrderPlaced>) + Sync {
    let handlers: Vec<Handler> = (0..n).map(|_| Box::new(answer_here) as _).collect();
    move |event| {
        for handler in black_box(&handlers) {
            handler(event);
        }
    }
}

/// One emitter for all threads; each emits an event of its own.
fn emit(n: usize) -> impl Fn(&Arc<OrderPlaced>) + Sync {
    let emitter = emitter(|linker| {
        for _ in 0..n {
            linker.subscribe(key::<OrderPlaced>()).handler(answer_here).expect("the handler is linked");
        }
    });
    move |event| drop(emitter.emit(Arc::clone(event)))
}

/// A contender that lets so many threads do the same at once; timed is what one of them takes.
fn on_threads<O: Fn(&Arc<OrderPlaced>) + Sync + 'static>(
    threads: usize,
    case: &str,
    n: usize,
    prepare: impl FnOnce(usize) -> O + 'static,
) -> Contender {
    Contender::timed(case, n, move || {
        let once = prepare(n);
        move |times| {
            let mut runs = (0..TRIES).map(|_| at_once(threads, times, &once));
            let undisturbed = runs.find(|run| run.iter().all(Took::is_undisturbed));
            let run = undisturbed.unwrap_or_else(|| at_once(threads, times, &once));
            let elapsed: Duration = run.iter().map(|took| took.processor).sum();
            elapsed / u32::try_from(threads).expect("there are few threads")
        }
    })
}

/// How long a thread took.
struct Took {
    processor: Duration,
    wall: Duration,
}

impl Took {
    /// Whether the thread had its core nearly all of the time: otherwise the others ran alone.
    fn is_undisturbed(&self) -> bool {
        self.wall < self.processor.mul_f64(1.1)
    }
}

/// Lets so many threads do the same at once.
fn at_once(threads: usize, times: u64, once: &(impl Fn(&Arc<OrderPlaced>) + Sync)) -> Vec<Took> {
    let waiting = AtomicUsize::new(threads);
    let of_thread = |index| pinned(index, &waiting, times, once);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|index| scope.spawn(move || of_thread(index))).collect();
        running.into_iter().map(|thread| thread.join().expect("the thread ends")).collect()
    })
}

/// Waits for the other threads, then does the work.
fn pinned(core: usize, waiting: &AtomicUsize, times: u64, once: impl Fn(&Arc<OrderPlaced>)) -> Took {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    // Where threads cannot be pinned, the figures are less sharp and no less true.
    if let Some(core) = cores.get(core) {
        core_affinity::set_for_current(*core);
    }
    let event = OrderPlaced::shared();
    for _ in 0..WARM_UP {
        once(&event);
    }
    waiting.fetch_sub(1, Ordering::AcqRel);
    while waiting.load(Ordering::Acquire) > 0 {
        spin_loop();
    }
    let (wall, processor) = (Instant::now(), ThreadTime::now());
    for _ in 0..times {
        once(&event);
    }
    Took { processor: processor.elapsed(), wall: wall.elapsed() }
}
