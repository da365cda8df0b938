//! Emissions on a pool of one thread, handed over a hundred at a time and waited for: handed over
//! one by one, the wakes of the thread would be all that is seen.

use std::sync::Arc;
use std::thread;

use crossbeam_channel::Receiver;
use futures::executor::block_on;
use pyventus::{EventEmitter, EventLinker, ThreadPoolBackend};
use tokio::sync::oneshot;

use crate::event::OrderPlaced;
use crate::floors::{handlers, run};
use crate::inline::link_typed;
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// How many events are handed over before the first one is waited for.
const BATCH: usize = 100;

/// One race for each number of handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[1, 10, 100], &[1, 10]);
    let contenders = |n| vec![channel_loop(n), thread_pool(n)];
    sizes
        .into_iter()
        .map(|n| Race::new("sync handlers, a pool of one thread", move || contenders(n)))
        .collect()
}

/// An event, and whom to tell that its handlers have run.
type Job = (Arc<OrderPlaced>, oneshot::Sender<()>);

/// A thread that runs a list of closures for every event that it gets from a channel, and says so.
fn channel_loop(n: usize) -> Contender {
    Contender::new("channel_loop", n, move || {
        let (sender, jobs) = crossbeam_channel::unbounded();
        thread::spawn(move || run_all(n, &jobs));
        let event = OrderPlaced::shared();
        move || {
            let hand_over = || {
                let (done, ended) = oneshot::channel();
                sender.send((Arc::clone(&event), done)).expect("the thread is there");
                ended
            };
            let handed_over: Vec<_> = (0..BATCH).map(|_| hand_over()).collect();
            for ended in handed_over {
                block_on(ended).expect("the handlers run");
            }
        }
    })
    .of(BATCH)
}

fn run_all(n: usize, jobs: &Receiver<Job>) {
    let handlers = handlers(n);
    for (event, done) in jobs {
        run(&handlers, &event);
        done.send(()).expect("it is waited for");
    }
}

fn thread_pool(n: usize) -> Contender {
    Contender::new("thread_pool", n, move || {
        let linker = EventLinker::new();
        link_typed(&linker, n);
        let backend = ThreadPoolBackend::new(1).expect("a thread can be started");
        let pool = EventEmitter::builder(backend).linker(&linker).build();
        let event = OrderPlaced::shared();
        move || {
            let emitted: Vec<_> = (0..BATCH).map(|_| pool.emit(Arc::clone(&event))).collect();
            for emission in emitted {
                emission.wait().expect("the emission ends");
            }
        }
    })
    .over("channel_loop")
    .of(BATCH)
}
