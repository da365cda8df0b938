//! What is left when the server dies, again and again, while programs emit and workers handle.
//!
//! `PYVENTUS_FAULTS_PERCENT` makes the run longer: with `1000`, there are ten times as many deaths.

use std::collections::HashSet;
use std::future::pending;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pyventus_core::{Context, EventEmitter, EventLinker, Retry, args};
use pyventus_queue::{Broker, Counts, GroupName, QueueBackend, QueueName, Worker};
use pyventus_redis::RedisBroker;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::Server;

/// How long something may take before it is taken to be stuck.
const PATIENCE: Duration = Duration::from_mins(2);

/// How soon workers go on once the server answers again.
const SOON: Duration = Duration::from_secs(5);

fn deaths() -> u64 {
    let percent =
        std::env::var("PYVENTUS_FAULTS_PERCENT").ok().and_then(|percent| percent.parse::<u64>().ok());
    (10 * percent.unwrap_or(100) / 100).max(2)
}

/// The numbers of events.
#[derive(Default)]
struct Numbers(Mutex<HashSet<u64>>);

impl Numbers {
    fn add(&self, number: u64) {
        self.0.lock().expect("nobody panics").insert(number);
    }

    fn take(&self) -> HashSet<u64> {
        std::mem::take(&mut self.0.lock().expect("nobody panics"))
    }
}

/// The server is killed, or ended, while four tasks emit and two workers handle, of which one handler of twenty fails
/// first: no event that was accepted is lost, and workers go on by themselves, soon after the server is there again.
#[test]
fn no_event_is_lost_however_often_the_server_dies_and_workers_go_on_soon() {
    let Some(server) = Server::start(&["--appendfsync", "always"]) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("the system gives threads").block_on(survive(&server));
}

async fn survive(server: &Server) {
    let (linker, seen, newest) =
        (EventLinker::new(), Arc::new(Numbers::default()), Arc::new(AtomicU64::new(0)));
    let (counted, latest) = (Arc::clone(&seen), Arc::clone(&newest));
    let handler = move |context: Context| {
        let number =
            context.args().named("number").and_then(serde_json::Value::as_u64).expect("it has a number");
        if number.is_multiple_of(20) && context.attempt() == 1 {
            return Err(std::io::Error::other("not yet"));
        }
        counted.add(number);
        latest.fetch_max(number, Ordering::SeqCst);
        Ok(())
    };
    let soon = Retry::new(5).first(Duration::from_millis(50));
    linker.subscribe("e").retry(soon).handler(handler).expect("there is no limit");
    let connect = async || RedisBroker::connect(server.url()).await.expect("the server is there");

    let mut workers = JoinSet::new();
    let mut controls = Vec::new();
    for _ in 0..2 {
        let broker = connect().await;
        let emitter = EventEmitter::builder(QueueBackend::new(broker.clone())).linker(&linker).build();
        // Leases end while the server is away; nobody has died of that.
        let worker = Worker::new(broker).emitter(emitter).lease(Duration::from_secs(1)).max_deaths(u32::MAX);
        controls.push(worker.handle());
        workers.spawn(worker.run_until(pending::<()>()));
    }
    let (accepted, next, over) =
        (Arc::new(Numbers::default()), Arc::new(AtomicU64::new(1)), Arc::new(AtomicBool::new(false)));
    let mut producers = JoinSet::new();
    for _ in 0..4 {
        let emitter =
            EventEmitter::builder(QueueBackend::new(connect().await)).linker(&EventLinker::new()).build();
        let (accepted, next, over) = (Arc::clone(&accepted), Arc::clone(&next), Arc::clone(&over));
        producers.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if emitter.emit_with("e", args![number = number]).await.is_ok() {
                    accepted.add(number);
                }
                sleep(Duration::from_millis(1)).await;
            }
        });
    }
    let (dice, mut slowest) = (RandomState::new(), Duration::ZERO);
    for death in 0..deaths() {
        sleep(Duration::from_millis(dice.hash_one(death) % 300)).await;
        if death % 3 == 2 {
            server.stop();
        } else {
            server.kill();
        }
        // Those who emit are refused meanwhile.
        let back = tokio::task::block_in_place(|| {
            server.start_again();
            Instant::now()
        });
        let first = next.load(Ordering::SeqCst);
        while newest.load(Ordering::SeqCst) < first {
            assert!(back.elapsed() < SOON, "workers do not go on after the death {death}");
            sleep(Duration::from_millis(5)).await;
        }
        slowest = slowest.max(back.elapsed());
    }
    over.store(true, Ordering::Relaxed);
    while producers.join_next().await.is_some() {}
    let broker = connect().await;
    let counts = until_done(&broker).await;
    for control in controls {
        control.stop();
    }
    while let Some(worker) = workers.join_next().await {
        worker.expect("a worker does not panic").expect("its names are such");
    }
    let (accepted, seen) = (accepted.take(), seen.take());
    assert!(accepted.len() > 100, "only {} events were accepted", accepted.len());
    assert_eq!(accepted.difference(&seen).count(), 0, "events that were accepted were not handled; {counts}");
    assert!(counts.accepted >= accepted.len() as u64 && counts.dead == 0, "{counts}");
    assert!(slowest < SOON);
}

/// Waits until nothing is left to do.
async fn until_done(broker: &RedisBroker) -> Counts {
    let since = Instant::now();
    loop {
        let counts = broker.counts(&QueueName::default(), &GroupName::default()).await.expect("it is there");
        assert!(counts.is_conserved(), "{counts}");
        if counts.pending == 0 {
            return counts;
        }
        assert!(since.elapsed() < PATIENCE, "the workers are stuck: {counts}");
        sleep(Duration::from_millis(10)).await;
    }
}
