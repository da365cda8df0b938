//! A peer: apalis keeps jobs in Redis, and has workers too.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ::apalis::prelude::{TaskSink as _, WorkerBuilder, WorkerBuilderExt as _};
use apalis_redis::{Config, RedisStorage};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::sample::Contender;

use super::lab::Lab;
use super::redis::Redis;
use super::{AT_A_TIME, CONCURRENCY, TOGETHER};

/// The job, which says as much as the event does.
#[derive(Debug, Serialize, Deserialize)]
struct SendParcel {
    number: u64,
    at: u64,
    customer: String,
}

impl SendParcel {
    fn new() -> Self {
        Self { number: 7, at: 1 << 40, customer: "a customer".to_owned() }
    }
}

/// Jobs that are stored one by one.
pub(super) fn push(lab: &Lab<Redis>) -> Contender {
    let open = async |ground: &Redis, _| storage(ground, Config::default()).await;
    let work = |mut storage: RedisStorage<SendParcel>, times| async move {
        let since = Instant::now();
        for _ in 0..times {
            storage.push(SendParcel::new()).await.expect("the server is there");
        }
        since.elapsed()
    };
    let contender = lab.contender((lab.named("peer_apalis_push"), 1), 1, open, work);
    contender.over(lab.named("xadd")).beside(lab.named("emit"))
}

/// A worker that takes a hundred jobs at a time, as it is if nothing is said; and one that does without locks, results and
/// events, which are most of what it costs.
pub(super) fn workers(lab: &Lab<Redis>) -> [Contender; 2] {
    let lean = |config: Config| config.lock_tasks(false).persist_results(false).emit_events(false);
    [worker(lab, "peer_apalis", |config| config), worker(lab, "peer_apalis_lean", lean)]
}

fn worker(lab: &Lab<Redis>, case: &str, set: impl Fn(Config) -> Config + 'static) -> Contender {
    let open = async move |ground: &Redis, jobs| {
        let mut storage = storage(ground, set(Config::default().batch_size(AT_A_TIME))).await;
        for _ in 0..jobs / TOGETHER {
            let jobs = (0..TOGETHER).map(|_| SendParcel::new()).collect();
            storage.push_bulk(jobs).await.expect("the server is there");
        }
        storage
    };
    let work = |storage, times| work(storage, times * TOGETHER);
    // With many more jobs, a script of the library fails: it unpacks more of them than Lua can.
    let contender = lab.contender((lab.named(case), CONCURRENCY), TOGETHER, open, work).at_most(5);
    contender.over_size(lab.named("drain"), AT_A_TIME).beside(lab.named("worker"))
}

async fn storage(ground: &Redis, config: Config) -> RedisStorage<SendParcel> {
    let connection = apalis_redis::connect(ground.emptied().await).await.expect("the server is there");
    RedisStorage::new(connection).with_config(config.queue("jobs"))
}

/// A worker has begun every job; that all of them are done is not waited for.
async fn work(storage: RedisStorage<SendParcel>, jobs: usize) -> Duration {
    let (count, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let told = Arc::clone(&all);
    let handler = move |_: SendParcel| {
        if count.fetch_add(1, Ordering::AcqRel) + 1 == jobs {
            told.notify_one();
        }
        async {}
    };
    let since = Instant::now();
    let worker = WorkerBuilder::new("bench").backend(storage).concurrency(CONCURRENCY).build(handler);
    tokio::select! {
        ended = worker.run() => panic!("nobody ends the worker: {ended:?}"),
        () = all.notified() => since.elapsed(),
    }
}
