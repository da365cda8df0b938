//! How fast events are stored.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::sample::Contender;

use super::lab::Lab;
use super::store::{Emitted, Published, Store};
use super::{Ground, TASKS, TOGETHER};

/// A broker, by itself and behind an emitter, over floors for one event, for those of many tasks, and for many together.
pub(super) fn contenders<G: Ground>(
    lab: &Lab<G>,
    floor: &str,
    floor_of_tasks: (&str, usize),
) -> Vec<Contender> {
    let (publish, emit, floor) = (lab.named("publish"), lab.named("emit"), lab.named(floor));
    let (of_tasks, in_flight) = (lab.named(floor_of_tasks.0), floor_of_tasks.1);
    let published = async |ground: &G| Published::to(ground.open().await).await;
    let emitted = async |ground: &G| Emitted::to(ground.open().await).await;
    vec![
        one_by_one(lab, &publish, published).over(&floor),
        one_by_one(lab, &emit, emitted).over(&floor),
        by_tasks(lab, &publish, published).over_size(&of_tasks, in_flight),
        by_tasks(lab, &emit, emitted).over_size(&of_tasks, in_flight),
        together(lab, &publish, TOGETHER, published).over(&floor),
        together(lab, &emit, TOGETHER, emitted).over(&floor),
    ]
}

/// Each event is stored before the next one is sent.
pub(super) fn one_by_one<G, S, O>(lab: &Lab<G>, case: &str, open: O) -> Contender
where
    G: Ground,
    S: Store,
    O: AsyncFn(&G) -> S + 'static,
{
    together(lab, case, 1, open)
}

/// So many are stored before the next ones are sent.
pub(super) fn together<G, S, O>(lab: &Lab<G>, case: &str, events: usize, open: O) -> Contender
where
    G: Ground,
    S: Store,
    O: AsyncFn(&G) -> S + 'static,
{
    let work = move |store: S, times| async move {
        let since = Instant::now();
        for _ in 0..times {
            store.add(events).await;
        }
        since.elapsed()
    };
    lab.contender((case, events), events, async move |ground: &G, _| open(ground).await, work)
}

/// Many tasks do so at the same time.
pub(super) fn by_tasks<G, S, O>(lab: &Lab<G>, case: &str, open: O) -> Contender
where
    G: Ground,
    S: Store,
    O: AsyncFn(&G) -> S + 'static,
{
    let work = |store: S, times| async move { from_tasks(&store, TASKS, times).await };
    lab.contender((case, TASKS), TASKS, async move |ground: &G, _| open(ground).await, work)
}

/// Lets each of some tasks store so many events, one by one, and returns how long all of them took.
pub(super) async fn from_tasks<S: Store>(store: &S, tasks: usize, times: usize) -> Duration {
    let (since, mut storing) = (Instant::now(), JoinSet::new());
    for _ in 0..tasks {
        let store = store.clone();
        storing.spawn(async move {
            for _ in 0..times {
                store.add(1).await;
            }
        });
    }
    while let Some(ended) = storing.join_next().await {
        ended.expect("the task does not panic");
    }
    since.elapsed()
}
