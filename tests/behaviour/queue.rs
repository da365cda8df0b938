//! The same annotated functions run in place, as tasks, on threads, and in workers.

use std::sync::Arc;
use std::time::Duration;

use pyventus::queue::{Broker, GroupName, MemoryBroker, QueueBackend, QueueName, Worker};
use pyventus::{
    Backend, Context, EmitError, Event, EventEmitter, EventLinker, InlineBackend, Retry, State,
    ThreadPoolBackend, TokioBackend, args, on, on_failure, once,
};
use serde::{Deserialize, Serialize};

use crate::Recorder;

static LINKER: EventLinker = EventLinker::namespace("the same everywhere");
static RAN: Recorder = Recorder::new();

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "parcel.weighed")]
struct ParcelWeighed {
    id: u64,
    weight: f64,
}

/// What a program keeps beside its handlers.
struct Scales(&'static str);

#[on(ParcelWeighed, linker = LINKER)]
fn by_type(parcel: &ParcelWeighed, State(scales): State<Scales>) {
    RAN.push(format!("{}: parcel {} of {}", scales.0, parcel.id, parcel.weight));
}

#[on("parcel.weighed", linker = LINKER)]
async fn by_name(parcel: Arc<ParcelWeighed>, context: Context) -> Result<u64, EmitError> {
    context.emitter().emit_with("parcel.noted", args!["a note", id = parcel.id]).await?;
    Ok(parcel.id)
}

#[on("parcel.noted", linker = LINKER, blocking)]
fn note(text: &str, id: u64, urgent: Option<bool>) {
    RAN.push(format!("{text} on parcel {id}, {urgent:?}"));
}

#[on("parcel.noted", linker = LINKER, timeout = "5s")]
mod shelve {
    use super::RAN;

    #[on_event]
    fn shelve(id: u64) -> Result<u64, std::io::Error> {
        if id == 7 { Ok(id * 2) } else { Err(std::io::Error::other("no shelf")) }
    }

    #[on_success]
    fn shelved(shelf: u64) {
        RAN.push(format!("on shelf {shelf}"));
    }
}

#[on("parcel.noted", linker = LINKER, retry(1))]
fn lose(text: &str) -> anyhow::Result<()> {
    anyhow::bail!("{text} was lost")
}

#[on_failure(lose)]
async fn lost(error: &anyhow::Error) {
    RAN.push(error.to_string());
}

/// The same on every backend, in any order.
const WANTED: [&str; 4] =
    ["a note on parcel 7, None", "a note was lost", "on shelf 14", "scales: parcel 7 of 0.5"];

fn emitter(backend: impl Backend) -> EventEmitter {
    EventEmitter::builder(backend).linker(&LINKER).state(Scales("scales")).build()
}

fn ran() -> Vec<String> {
    let mut ran = RAN.take();
    ran.sort();
    ran
}

// Q3, Q7
#[test]
fn the_same_functions_answer_in_place_as_tasks_on_threads_and_in_workers() {
    let event = || ParcelWeighed { id: 7, weight: 0.5 };
    let pool = ThreadPoolBackend::new(2).unwrap();
    emitter(InlineBackend::new()).emit(event()).wait().unwrap();
    assert_eq!(ran(), WANTED);
    emitter(TokioBackend::new()).emit(event());
    assert_eq!(ran(), WANTED);
    emitter(pool.clone()).emit(event()).wait().unwrap();
    assert_eq!(ran(), WANTED);

    let broker = MemoryBroker::new(100);
    let queued = emitter(QueueBackend::new(broker.clone()));
    let report = queued.emit(event()).wait().unwrap();
    assert!(report.outcomes().is_empty() && ran().is_empty(), "handlers run elsewhere");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let summary = runtime.block_on(async {
        let (queue, group) = (QueueName::default(), GroupName::new("shelves").unwrap());
        let settled = async {
            loop {
                let counts = broker.counts(&queue, &group).await.unwrap();
                if counts.accepted == 2 && counts.pending == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let worker =
            Worker::new(broker.clone()).group("shelves").emitter(queued).poll(Duration::from_millis(10));
        worker.run_until(settled).await.unwrap()
    });
    assert_eq!(ran(), WANTED);
    assert_eq!((summary.succeeded, summary.failed, summary.letters), (4, 1, 1), "{summary}");
}

static ONCE: EventLinker = EventLinker::namespace("once behind a queue");

#[once("queue.once", linker = ONCE)]
fn only_once() {
    RAN.push("once");
}

// Q4, Q5, Q10, K20
#[test]
fn who_emits_claims_no_handlers_and_the_worker_has_its_own() {
    let broker = MemoryBroker::new(100);
    let worker_linker = EventLinker::new();
    let emitter = EventEmitter::builder(QueueBackend::new(broker.clone())).linker(&ONCE).build();
    emitter.emit("queue.once").wait().unwrap();
    assert_eq!(ONCE.handlers().len(), 1, "it is claimed where it runs");
    let (tell, told) = std::sync::mpsc::channel();
    worker_linker.subscribe("queue.once").handler(move || tell.send(()).unwrap()).unwrap();
    // What is linked where the event was emitted makes no difference.
    assert!(ONCE.clear());
    let handlers = EventEmitter::builder(InlineBackend::new()).linker(&worker_linker).build();
    let worker = Worker::new(broker).emitter(handlers).retry(Retry::NEVER).poll(Duration::from_millis(10));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let done = async move { tokio::task::spawn_blocking(move || told.recv().unwrap()).await.unwrap() };
    let summary = runtime.block_on(worker.run_until(done)).unwrap();
    assert_eq!((summary.done, summary.succeeded), (1, 1), "{summary}");
}
