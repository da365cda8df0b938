//! How fast events are handed out and handled.

use std::time::{Duration, Instant};

use pyventus::queue::{Broker, Delivery, Settled, Settlement};

use crate::sample::Contender;

use super::lab::Lab;
use super::parcel::{LEASE, Seen, join, subscription};
use super::publishing::from_tasks;
use super::store::{Drain, Emitted, Published, Store};
use super::{AT_A_TIME, CONCURRENCY, Ground, TASKS, TOGETHER};

/// The least: events that are there are taken away; events are taken away while they come.
pub(super) fn floors<G, S, O>(lab: &Lab<G>, drain: &str, flow: &str, open: O) -> Vec<Contender>
where
    G: Ground,
    S: Drain,
    O: AsyncFn(&G) -> S + Copy + 'static,
{
    let filled = async move |ground: &G, events| {
        let store = open(ground).await;
        fill(&store, events).await;
        store
    };
    let drained = |store: S, times| async move {
        let since = Instant::now();
        store.drain(times * TOGETHER).await;
        since.elapsed()
    };
    let flows = |store: S, times| async move {
        let (since, draining) = (Instant::now(), store.clone());
        let drained = tokio::spawn(async move { draining.drain(times * TASKS).await });
        from_tasks(&store, TASKS, times).await;
        drained.await.expect("the task does not panic");
        since.elapsed()
    };
    vec![
        lab.contender((lab.named(drain), AT_A_TIME), TOGETHER, filled, drained),
        lab.contender((lab.named(flow), TASKS), TASKS, async move |ground: &G, _| open(ground).await, flows),
    ]
}

/// How many events are on their way at a time: each makes a floor of its own.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// How many are received at a time.
    pub(super) at_a_time: usize,
    /// How many a worker handles at a time.
    pub(super) concurrency: usize,
    /// How many tasks emit.
    pub(super) tasks: usize,
}

/// What a service does that has enough to do.
pub(super) const USUAL: Load = Load { at_a_time: AT_A_TIME, concurrency: CONCURRENCY, tasks: TASKS };

/// What a disk wants that is waited for: as many as make a transaction worth it.
pub(super) const LARGE: Load = Load { at_a_time: TOGETHER, concurrency: TOGETHER, tasks: TOGETHER };

/// A broker of which events are received and settled; a worker that handles those that are there; a worker that handles
/// events while they are emitted.
pub(super) fn contenders<G: Ground>(
    lab: &Lab<G>,
    load: Load,
    drain: (&str, usize),
    flow: (&str, usize),
) -> Vec<Contender> {
    let Load { at_a_time, concurrency, tasks } = load;
    let filled = async |ground: &G, events| {
        let broker = ground.open().await;
        fill(&Published::to(broker.clone()).await, events).await;
        broker
    };
    let settles = move |broker: G::Broker, times| settle_all(broker, at_a_time, times * TOGETHER);
    let works = move |broker: G::Broker, times| work(broker, concurrency, times * TOGETHER);
    let opened = async |ground: &G, _| {
        let broker = ground.open().await;
        join(&broker).await;
        broker
    };
    let through = move |broker: G::Broker, times| end_to_end(broker, load, times);
    let over = |contender: Contender, (floor, n)| contender.over_size(lab.named(floor), n);
    vec![
        over(lab.contender((lab.named("settle"), at_a_time), TOGETHER, filled, settles), drain),
        over(lab.contender((lab.named("worker"), concurrency), TOGETHER, filled, works), drain),
        over(lab.contender((lab.named("end_to_end"), tasks), tasks, opened, through), flow),
    ]
}

/// Stores so many events.
pub(super) async fn fill(store: &impl Store, events: usize) {
    for _ in 0..events / TOGETHER {
        store.add(TOGETHER).await;
    }
}

async fn settle_all<B: Broker>(broker: B, at_a_time: usize, events: usize) -> Duration {
    let (subscription, since, mut left) = (subscription(), Instant::now(), events);
    while left > 0 {
        let received = broker.receive(&subscription, at_a_time, LEASE, Duration::from_secs(1)).await;
        let deliveries = received.expect("the broker is there");
        let done = |delivery: Delivery| Settlement::done(delivery.receipt);
        let settled = broker.settle(deliveries.into_iter().map(done).collect()).await;
        let settled = settled.expect("the broker is there");
        assert!(settled.iter().all(|settled| *settled == Settled::Applied), "the lease is long");
        left -= settled.len();
    }
    since.elapsed()
}

/// A worker handles what is there.
async fn work<B: Broker>(broker: B, concurrency: usize, events: usize) -> Duration {
    let (seen, since) = (Seen::count(events), Instant::now());
    let worker = seen.worker(broker.clone(), concurrency);
    tokio::select! {
        ended = worker.run_until(std::future::pending::<()>()) => panic!("nobody ends the worker: {ended:?}"),
        () = seen.everything(&broker) => since.elapsed(),
    }
}

/// A worker handles what many tasks emit.
async fn end_to_end<B: Broker>(broker: B, Load { concurrency, tasks, .. }: Load, times: usize) -> Duration {
    // The emitter has emitted one event to begin with.
    let seen = Seen::count(times * tasks + 1);
    let running =
        tokio::spawn(seen.worker(broker.clone(), concurrency).run_until(std::future::pending::<()>()));
    let emitted = Emitted::to(broker.clone()).await;
    let since = Instant::now();
    from_tasks(&emitted, tasks, times).await;
    seen.everything(&broker).await;
    let took = since.elapsed();
    running.abort();
    took
}
