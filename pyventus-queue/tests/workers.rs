//! What workers promise beyond the laws: handlers that block, spans, one-time handlers, and what is kept of failures.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pyventus_core::{Context, Event, EventEmitter, EventLinker, Retry, anyhow, args, key};
use pyventus_queue::conformance::{Fault, Faulty, Operation, PATIENCE};
use pyventus_queue::{
    Broker, Bytes, ConsumerName, Counts, DeadLetter, DeadReason, GroupName, Letter, MemoryBroker, Message,
    MessageId, Page, QueueBackend, QueueName, Settled, Settlement, Subscription, Summary, TraceParent,
    Worker, WorkerError, WorkerHandle,
};
use serde::{Deserialize, Deserializer, Serialize};
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

const SOON: Duration = Duration::from_millis(10);

/// A program with a broker in memory and a linker of its own.
struct Program {
    broker: MemoryBroker,
    linker: EventLinker,
}

impl Program {
    fn new() -> Self {
        Self { broker: MemoryBroker::new(10_000), linker: EventLinker::new() }
    }

    fn emitter(&self) -> EventEmitter {
        EventEmitter::builder(QueueBackend::new(self.broker.clone())).linker(&self.linker).build()
    }

    fn worker(&self) -> Worker<MemoryBroker> {
        Worker::new(self.broker.clone())
            .emitter(self.emitter())
            .poll(SOON)
            .retry(Retry::new(3).first(SOON).factor(1))
    }

    async fn counts(&self) -> Counts {
        self.broker.counts(&QueueName::default(), &GroupName::default()).await.unwrap()
    }

    async fn letters(&self) -> Vec<DeadLetter> {
        self.broker.letters(&QueueName::default(), &GroupName::default(), Page::first(100)).await.unwrap()
    }

    /// Waits until nothing is left to do.
    async fn settled(&self) -> Counts {
        let mut counts = self.counts().await;
        let deadline = Instant::now() + PATIENCE;
        while counts.pending > 0 {
            assert!(Instant::now() < deadline, "the counts stay at {counts}");
            sleep(Duration::from_millis(1)).await;
            counts = self.counts().await;
        }
        counts
    }

    /// Runs a worker until nothing is left to do.
    async fn work(&self, worker: Worker<MemoryBroker>) -> (Counts, Summary) {
        let (counts, done) = (Mutex::new(Counts::default()), worker);
        let summary = done.run_until(async { *counts.lock().unwrap() = self.settled().await }).await.unwrap();
        (counts.into_inner().unwrap(), summary)
    }
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn subscription() -> Subscription {
    Subscription::new(QueueName::default(), GroupName::default(), ConsumerName::new("test").unwrap())
}

/// A worker on a runtime of its own, of one thread.
fn elsewhere(worker: Worker<MemoryBroker>) -> (WorkerHandle, thread::JoinHandle<Summary>) {
    let handle = worker.handle();
    (handle, thread::spawn(|| one_thread().block_on(worker.run_until(pending::<()>())).unwrap()))
}

#[test]
fn handlers_that_hold_up_every_thread_lose_no_lease() {
    let program = Program::new();
    let ran = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&ran);
    let handler = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(150));
    };
    program.linker.subscribe("e").handler(handler).unwrap();
    for _ in 0..4 {
        program.emitter().emit("e").wait().unwrap();
    }
    let worker = || program.worker().lease(Duration::from_millis(60)).concurrency(2);
    let workers = [elsewhere(worker()), elsewhere(worker())];
    let counts = one_thread().block_on(program.settled());
    assert_eq!(counts.succeeded, 4, "{counts}");
    for (handle, thread) in workers {
        handle.stop();
        assert_eq!(thread.join().unwrap().lost, 0);
    }
    assert_eq!(ran.load(Ordering::Relaxed), 4);
}

#[test]
fn a_handler_that_nobody_can_stop_loses_its_lease_in_the_end() {
    let program = Program::new();
    let (runs, over) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (counted, waits) = (Arc::clone(&runs), Arc::clone(&over));
    let handler = move || {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            while waits.load(Ordering::SeqCst) == 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
    };
    program.linker.subscribe("e").handler(handler).unwrap();
    program.emitter().emit("e").wait().unwrap();
    let worker = || program.worker().lease(Duration::from_millis(60)).timeout(SOON);
    let (stuck, stuck_thread) = elsewhere(worker());
    while runs.load(Ordering::SeqCst) == 0 {
        thread::yield_now();
    }
    let (other, other_thread) = elsewhere(worker());
    let counts = one_thread().block_on(program.settled());
    assert_eq!((counts.succeeded, runs.load(Ordering::SeqCst)), (1, 2));
    over.store(1, Ordering::SeqCst);
    stuck.stop();
    other.stop();
    assert_eq!(stuck_thread.join().unwrap().lost, 1);
    assert_eq!(other_thread.join().unwrap().done, 1);
}

#[test]
fn a_blocking_handler_has_a_thread_of_its_own() {
    let program = Program::new();
    let (tell, told) = std::sync::mpsc::channel();
    let told = Mutex::new(told);
    let blocks = move || {
        // The other handler is run meanwhile, by the only thread of the runtime.
        told.lock().unwrap().recv_timeout(PATIENCE).unwrap();
    };
    program.linker.subscribe("e").blocking().handler(blocks).unwrap();
    program.linker.subscribe("e").handler(move || tell.send(()).unwrap()).unwrap();
    program.emitter().emit("e").wait().unwrap();
    let (counts, summary) = one_thread().block_on(program.work(program.worker()));
    assert_eq!((counts.succeeded, summary.succeeded), (1, 2), "{summary}");
}

#[tokio::test]
async fn a_one_time_handler_is_tried_again_where_it_was_claimed() {
    let program = Program::new();
    let attempts = Arc::new(Mutex::new(Vec::new()));
    let counted = Arc::clone(&attempts);
    let handler = move |context: Context| {
        counted.lock().unwrap().push(context.attempt());
        anyhow::ensure!(context.attempt() == 3, "not yet");
        Ok(())
    };
    program.linker.subscribe("e").once().handler(handler).unwrap();
    program.emitter().emit("e").await.unwrap();
    program.emitter().emit("e").await.unwrap();
    let (counts, summary) = program.work(program.worker()).await;
    assert_eq!((counts.succeeded, summary.letters), (2, 0), "{summary}");
    assert_eq!(*attempts.lock().unwrap(), [1, 2, 3]);
    assert!(program.linker.is_empty());
}

#[tokio::test]
async fn an_event_that_is_tried_again_claims_no_one_time_handler_that_came_later() {
    let program = Program::new();
    let linker = program.linker.clone();
    let later = Arc::new(Mutex::new(None));
    let links = Arc::clone(&later);
    let handler = move |context: Context| {
        if context.attempt() == 1 {
            *links.lock().unwrap() = Some(linker.subscribe("e").once().handler(|| ()).unwrap());
        }
        anyhow::ensure!(context.attempt() == 2, "not yet");
        Ok(())
    };
    program.linker.subscribe("e").handler(handler).unwrap();
    program.emitter().emit("e").await.unwrap();
    let (_, summary) = program.work(program.worker()).await;
    assert_eq!((summary.failed, summary.succeeded), (1, 1), "{summary}");
    assert!(later.lock().unwrap().as_ref().unwrap().is_subscribed());
}

#[tokio::test]
async fn what_a_handler_emits_is_a_part_of_the_same_span() {
    const SPAN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let program = Program::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = |name: &'static str| {
        let seen = Arc::clone(&seen);
        move || seen.lock().unwrap().push((name, TraceParent::current().map(|span| span.to_string())))
    };
    let first = record("async");
    program
        .linker
        .subscribe("first")
        .handler(move |context: Context| {
            first();
            async move { context.emitter().emit("second").await.map(drop) }
        })
        .unwrap();
    program.linker.subscribe("second").blocking().handler(record("blocking")).unwrap();
    program.linker.subscribe("plain").handler(record("none")).unwrap();
    let traced =
        QueueBackend::new(program.broker.clone()).trace_parent(|| Some(TraceParent::new(SPAN).unwrap()));
    EventEmitter::builder(traced).linker(&program.linker).build().emit("first").await.unwrap();
    program.emitter().emit("plain").await.unwrap();
    let linked = Arc::new(Mutex::new(Vec::new()));
    let links = Arc::clone(&linked);
    let worker = program.worker().link_spans(move |_, span| links.lock().unwrap().push(span.to_string()));
    let (counts, _) = program.work(worker).await;
    assert_eq!(counts.succeeded, 3, "{counts}");
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    let span = || Some(SPAN.to_owned());
    assert_eq!(seen, [("async", span()), ("blocking", span()), ("none", None)]);
    assert_eq!(*linked.lock().unwrap(), [SPAN, SPAN]);
    assert!(TraceParent::current().is_none());
}

#[tokio::test]
async fn the_handlers_of_one_event_start_in_their_order() {
    let program = Program::new();
    let started = Arc::new(Mutex::new(Vec::new()));
    for number in 0..10 {
        let starts = Arc::clone(&started);
        let subscribe = program.linker.subscribe("e");
        if number % 2 == 0 {
            subscribe.handler(move || starts.lock().unwrap().push(number)).unwrap();
        } else {
            let handler = move || {
                let starts = Arc::clone(&starts);
                async move {
                    starts.lock().unwrap().push(number);
                    // The next one does not wait for its end.
                    tokio::task::yield_now().await;
                }
            };
            subscribe.handler(handler).unwrap();
        }
    }
    program.emitter().emit("e").await.unwrap();
    program.work(program.worker()).await;
    assert!(started.lock().unwrap().iter().copied().eq(0..10));
}

#[tokio::test]
async fn a_handler_fails_with_what_it_emits_and_awaits() {
    let program = Program::new();
    let refusing = Faulty::new(program.broker.clone(), |operation| match operation {
        Operation::Publish { .. } => Fault::Before,
        _ => Fault::None,
    });
    let handler = |context: Context| async move { context.emitter().emit("further").await.map(drop) };
    program.linker.subscribe("e").retry(Retry::NEVER).handler(handler).unwrap();
    program.emitter().emit("e").await.unwrap();
    let refused = EventEmitter::builder(QueueBackend::new(refusing)).linker(&program.linker).build();
    let (counts, summary) = program.work(program.worker().emitter(refused)).await;
    assert_eq!((counts.dead, summary.failed), (1, 1), "{summary}");
    assert!(program.letters().await[0].letter.history[0].error.contains("it was told to fail"));
}

/// An error whose text cannot be had.
#[derive(Debug)]
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("nobody may know")
    }
}

impl std::error::Error for Unspeakable {}

#[tokio::test]
async fn of_many_failures_the_last_ones_are_kept_and_of_long_texts_the_beginning() {
    let program = Program::new();
    let handler = |context: Context| -> anyhow::Result<()> {
        match context.attempt() {
            19 => Err(Unspeakable.into()),
            20 => Err(anyhow::anyhow!("{}", "ä".repeat(5_000)).context("too long")),
            attempt => Err(anyhow::anyhow!("attempt {attempt}")),
        }
    };
    let soon = Retry::new(20).first(Duration::from_millis(1)).factor(1);
    program.linker.subscribe("e").retry(soon).handler(handler).unwrap();
    program.emitter().emit("e").await.unwrap();
    program.work(program.worker()).await;
    let letters = program.letters().await;
    let letter = &letters[0].letter;
    assert_eq!((letter.attempts, letter.history.len()), (20, 10));
    assert_eq!(letter.history[0].error, "attempt 11");
    assert!(letter.history[8].error.contains("cannot be shown"), "{:?}", letter.history[8]);
    let long = &letter.history[9].error;
    assert!(long.starts_with("too long: ää") && long.ends_with(" ..") && long.len() < 5_000);
    assert!(letter.history.is_sorted_by_key(|attempt| attempt.at));
}

/// An event that nobody can decode without a panic.
#[derive(Serialize)]
struct Trap;

impl<'de> Deserialize<'de> for Trap {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("it was a trap")
    }
}

impl Event for Trap {
    const NAME: &'static str = "trap";
}

#[tokio::test]
async fn a_decoder_that_panics_makes_an_event_one_that_cannot_be_read() {
    let program = Program::new();
    let backend = QueueBackend::new(program.broker.clone()).event::<Trap>();
    EventEmitter::builder(backend).linker(&program.linker).build().emit(Trap).await.unwrap();
    program.linker.subscribe(key::<Trap>()).handler(|| ()).unwrap();
    let (counts, _) = program.work(program.worker().event::<Trap>()).await;
    assert_eq!(counts.dead, 1);
    let letters = program.letters().await;
    assert_eq!(letters[0].letter.reason, DeadReason::Undecodable);
    assert!(letters[0].letter.history[0].error.contains("panicked"));
}

#[tokio::test]
async fn progress_that_cannot_be_read_is_not_replayed() {
    let program = Program::new();
    let ran = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&ran);
    let handler = move || {
        counted.fetch_add(1, Ordering::Relaxed);
    };
    program.linker.subscribe("e").handler(handler).unwrap();
    program.emitter().emit("e").await.unwrap();
    let received = program.broker.receive(&subscription(), 1, PATIENCE, PATIENCE).await.unwrap();
    let again = Settlement::again(
        received[0].receipt.clone(),
        std::time::SystemTime::now(),
        Some(Bytes::from_static(b"progress of another version")),
    );
    assert_eq!(program.broker.settle(vec![again]).await.unwrap(), [Settled::Applied]);
    program.work(program.worker()).await;
    let letters = program.letters().await;
    assert_eq!(letters[0].letter.reason, DeadReason::Undecodable);
    assert_eq!(ran.load(Ordering::Relaxed), 0);
    program.broker.replay(letters[0].id).await.unwrap();
    let (counts, _) = program.work(program.worker()).await;
    assert_eq!((counts.succeeded, ran.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn a_parameter_that_cannot_be_bound_is_not_tried_again() {
    let program = Program::new();
    program.linker.subscribe(key::<Trap>()).handler(|_: &Trap| ()).unwrap();
    program.linker.subscribe("trap").handler(|_: &Trap| ()).unwrap();
    // The bare text of the type, without the object.
    program.emitter().emit_with("trap", args![1]).await.unwrap();
    let (counts, summary) = program.work(program.worker()).await;
    assert_eq!((counts.dead, summary.failed, summary.letters), (1, 2, 2), "{summary}");
    assert!(program.letters().await.iter().all(|dead| dead.letter.reason == DeadReason::Permanent));
}

#[tokio::test]
async fn no_more_is_fetched_than_can_be_begun_soon() {
    let program = Program::new();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let waits = Arc::clone(&gate);
    program
        .linker
        .subscribe("e")
        .handler(move || {
            let gate = Arc::clone(&waits);
            async move { drop(gate.acquire().await) }
        })
        .unwrap();
    let emitter = program.emitter();
    for _ in 0..20 {
        emitter.emit("e").await.unwrap();
    }
    let workers = [program.worker().concurrency(2), program.worker().concurrency(3)];
    let handles = workers.each_ref().map(Worker::handle);
    let tasks = workers.map(|worker| tokio::spawn(worker.run_until(pending::<()>())));
    let received = || handles.iter().map(|handle| handle.summary().received).sum::<u64>();
    let deadline = Instant::now() + PATIENCE;
    while received() < 5 {
        assert!(Instant::now() < deadline, "the workers have received {}", received());
        sleep(Duration::from_millis(1)).await;
    }
    // Whoever comes now finds the rest.
    let rest = program.broker.receive(&subscription(), 100, PATIENCE, Duration::ZERO).await.unwrap();
    assert_eq!(rest.len(), 15);
    for delivery in rest {
        assert_eq!(
            program.broker.settle(vec![Settlement::done(delivery.receipt)]).await.unwrap(),
            [Settled::Applied]
        );
    }
    gate.add_permits(1_000);
    program.settled().await;
    for (handle, task) in handles.iter().zip(tasks) {
        handle.stop();
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_worker_that_is_dropped_leaves_no_thread_behind() {
    let (held, program) = (Arc::new(()), Program::new());
    let kept = Arc::clone(&held);
    let broker = Faulty::new(program.broker.clone(), move |_| {
        assert!(Arc::strong_count(&kept) > 1);
        Fault::None
    });
    let worker = Worker::new(broker).poll(SOON);
    let handle = worker.handle();
    let task = tokio::spawn(worker.run_until(pending::<()>()));
    sleep(SOON).await;
    task.abort();
    assert!(task.await.is_err() && !handle.is_stopping());
    let deadline = Instant::now() + PATIENCE;
    while Arc::strong_count(&held) > 1 {
        assert!(Instant::now() < deadline, "the broker is still held");
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_name_that_brokers_would_not_take_is_an_error() {
    let worker = || Worker::new(MemoryBroker::new(1));
    for worker in [worker().queue(""), worker().group("a group"), worker().consumer("a/b")] {
        let result = worker.run_until(async {}).await;
        assert!(matches!(result, Err(WorkerError::Name(_))), "{result:?}");
    }
    assert_eq!(worker().run_until(async {}).await.unwrap(), Summary::default());
}

#[tokio::test]
async fn a_letter_of_the_whole_event_is_replayed_as_far_as_it_had_come() {
    let program = Program::new();
    let ran = Arc::new(Mutex::new(Vec::new()));
    let mut keys = Vec::new();
    for name in ["first", "second"] {
        let counted = Arc::clone(&ran);
        program.linker.subscribe("e").handler(move || counted.lock().unwrap().push(name)).unwrap();
        let event = pyventus_core::RemoteEvent::text(
            "e",
            pyventus_core::EmissionId::from_bytes([7; 16]),
            std::time::SystemTime::now(),
        );
        let emission = program.emitter().receive(event.unwrap());
        keys = emission.handlers().iter().map(|handler| handler.key.clone()).collect();
    }
    program.emitter().emit("e").await.unwrap();
    let received = program.broker.receive(&subscription(), 1, PATIENCE, PATIENCE).await.unwrap();
    let left = pyventus_queue::Progress::new(vec![pyventus_queue::HandlerProgress::fresh(&*keys[1])]);
    let mut letter = Letter::of_event(DeadReason::Poisonous, "three workers died");
    letter.resume = Some(left.encode().unwrap());
    let settlement = Settlement::done(received[0].receipt.clone()).with_letter(letter);
    assert_eq!(program.broker.settle(vec![settlement]).await.unwrap(), [Settled::Applied]);
    program.broker.replay(program.letters().await[0].id).await.unwrap();
    program.work(program.worker()).await;
    assert_eq!(*ran.lock().unwrap(), ["second"]);
}

#[test]
fn the_numbers_of_a_worker_are_one_line() {
    let summary = Summary::default();
    assert_eq!(
        summary.to_string(),
        "received=0 done=0 again=0 released=0 lost=0 letters=0 succeeded=0 failed=0"
    );
    let message = Message::new(MessageId::new(), "never shown");
    assert!(!format!("{:?} {message:?}", Worker::new(MemoryBroker::new(1))).contains("never shown"));
}
