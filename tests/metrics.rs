//! What is measured: `cargo test -p pyventus --features metrics --test metrics`.
//!
//! Recorders are those of a thread, so that tests do not count for one another.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::future::pending;
use std::io;
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use pyventus::queue::{MemoryBroker, QueueBackend, Worker};
use pyventus::{
    Event, EventEmitter, EventLinker, HandlerTimedOut, InlineBackend, Permanent, Retry, State,
    ThreadPoolBackend, TokioBackend,
};
use tokio::runtime::Builder;

const SOON: Duration = Duration::from_millis(1);

/// What was recorded, by name and labels; of a histogram, how many values.
#[derive(Debug)]
struct Numbers(BTreeMap<String, i64>);

impl Numbers {
    /// Takes what was recorded since it was taken before: gauges begin at zero again, too.
    fn take(snapshotter: &Snapshotter) -> Self {
        let mut numbers = BTreeMap::new();
        for (key, _, _, value) in snapshotter.snapshot().into_vec() {
            let key = key.key();
            let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value()));
            let value = match value {
                DebugValue::Counter(count) => i64::try_from(count).unwrap(),
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "what is measured here are whole numbers"
                )]
                DebugValue::Gauge(value) => value.0 as i64,
                DebugValue::Histogram(values) => {
                    assert!(values.iter().all(|seconds| (0.0..60.0).contains(&seconds.0)), "{values:?}");
                    i64::try_from(values.len()).unwrap()
                }
            };
            let labels: Vec<_> = labels.collect();
            numbers.insert(format!("{}{{{}}}", key.name(), labels.join(",")), value);
        }
        Self(numbers)
    }

    /// Those of a name, each with its labels.
    fn of(&self, name: &str) -> Vec<(&str, i64)> {
        let of_name = |(key, value)| {
            let labels = str::strip_prefix(key, name)?.strip_prefix('{')?.strip_suffix('}')?;
            Some((labels, value))
        };
        self.0.iter().map(|(key, value)| (&**key, *value)).filter_map(of_name).collect()
    }

    fn one(&self, name: &str) -> i64 {
        let [(_, value)] = self.of(name)[..] else { panic!("{name} in {self:#?}") };
        value
    }
}

/// What a piece of code records on this thread.
fn recorded(code: impl FnOnce(&Snapshotter)) -> Numbers {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || code(&snapshotter));
    Numbers::take(&snapshotter)
}

fn block_on(future: impl Future<Output = ()>) {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future);
}

#[derive(Event)]
#[event(name = "order.placed")]
struct OrderPlaced;

#[derive(Event)]
struct Unseen;

mod handlers {
    use super::{HandlerTimedOut, State, io};

    pub(crate) fn succeeds() {}

    pub(crate) fn fails() -> Result<(), io::Error> {
        Err(io::Error::other("disk"))
    }

    pub(crate) fn panics() {
        panic!("no more coffee")
    }

    pub(crate) fn lacks(_: State<u8>) {}

    pub(crate) async fn is_late() -> Result<(), HandlerTimedOut> {
        Err(HandlerTimedOut::new(super::SOON))
    }
}

fn shop() -> EventLinker {
    let linker = EventLinker::new();
    let key = pyventus::key::<OrderPlaced>;
    linker.subscribe(key()).handler(handlers::succeeds).unwrap();
    linker.subscribe(key()).handler(handlers::fails).unwrap();
    linker.subscribe(key()).handler(handlers::panics).unwrap();
    linker.subscribe(key()).handler(handlers::lacks).unwrap();
    linker.subscribe(key()).handler(handlers::is_late).unwrap();
    linker
}

#[test]
fn emissions_and_handlers_are_counted_by_how_they_end() {
    let linker = shop();
    let numbers = recorded(|_| {
        let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
        emitter.emit(OrderPlaced);
        emitter.emit(OrderPlaced);
        emitter.emit(Unseen);
    });
    assert_eq!(
        numbers.of("pyventus_emitted_total"),
        [("event=Unseen,backend=InlineBackend", 1), ("event=order.placed,backend=InlineBackend", 2)]
    );
    assert_eq!(numbers.of("pyventus_unanswered_total"), [("event=Unseen", 1)]);
    assert_eq!(numbers.of("pyventus_ended_total"), [("backend=InlineBackend,outcome=failure", 2)]);
    assert_eq!(numbers.of("pyventus_emissions_in_flight"), [("backend=InlineBackend", 0)]);
    let handled: Vec<_> = numbers.of("pyventus_handled_total");
    let expected = ["fails,outcome=failure", "is_late,outcome=timeout", "lacks,outcome=bind_error"];
    let expected = expected.into_iter().chain(["panics,outcome=panic", "succeeds,outcome=success"]);
    let expected: Vec<_> = expected.map(|rest| (format!("handler=metrics::handlers::{rest}"), 2)).collect();
    let handled: Vec<_> = handled.into_iter().map(|(labels, count)| (labels.to_owned(), count)).collect();
    assert_eq!(handled, expected);
    let durations = numbers.of("pyventus_handler_duration_seconds");
    assert_eq!(durations.len(), 5);
    assert!(durations.iter().all(|(_, values)| *values == 2), "{durations:?}");
}

#[test]
fn what_runs_is_in_flight_until_it_has_ended_or_was_cancelled() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(pending::<()>).unwrap();
    let numbers = recorded(|snapshotter| {
        block_on(async {
            let backend = TokioBackend::new();
            let emitter = EventEmitter::builder(backend.clone()).linker(&linker).build();
            emitter.emit("e");
            emitter.emit("e");
            tokio::task::yield_now().await;
            assert_eq!(Numbers::take(snapshotter).one("pyventus_emissions_in_flight"), 2);
            backend.close(Duration::ZERO).await.unwrap();
        });
    });
    // Two less than before.
    assert_eq!(numbers.one("pyventus_emissions_in_flight"), -2);
    assert_eq!(numbers.of("pyventus_ended_total"), [("backend=TokioBackend,outcome=cancelled", 2)]);
    let [(handled, 2)] = numbers.of("pyventus_handled_total")[..] else { panic!("{numbers:#?}") };
    assert!(handled.ends_with(",outcome=cancelled"), "{handled}");
}

#[test]
fn what_a_backend_refuses_is_counted() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| ()).unwrap();
    let numbers = recorded(|_| {
        let pool = ThreadPoolBackend::new(1).unwrap();
        pool.close().unwrap();
        assert!(EventEmitter::builder(pool).linker(&linker).build().emit("e").wait().is_err());
    });
    assert_eq!(numbers.of("pyventus_ended_total"), [("backend=ThreadPoolBackend,outcome=refused", 1)]);
}

#[test]
fn what_a_broker_accepts_and_what_it_does_not_is_counted() {
    let numbers = recorded(|_| {
        let emitter = EventEmitter::new(QueueBackend::new(MemoryBroker::new(1)));
        emitter.emit("e").wait().unwrap();
        assert!(emitter.emit("e").wait().is_err());
    });
    assert_eq!(
        numbers.of("pyventus_ended_total"),
        [("backend=QueueBackend,outcome=accepted", 1), ("backend=QueueBackend,outcome=refused", 1)]
    );
}

#[test]
fn only_so_many_texts_are_told_apart() {
    let numbers = recorded(|_| {
        let emitter = EventEmitter::builder(InlineBackend::new()).linker(&EventLinker::new()).build();
        for number in 0..3000 {
            emitter.emit(format!("user {number} was seen"));
        }
    });
    let emitted = numbers.of("pyventus_emitted_total");
    let others = emitted.iter().find(|(labels, _)| labels.contains("event=(other)")).unwrap();
    // Other tests have texts, too.
    assert!((2000..2100).contains(&others.1), "{others:?}");
    assert_eq!(emitted.iter().map(|(_, count)| count).sum::<i64>(), 3000);
    assert!(emitted.len() <= 1001, "{}", emitted.len());
}

#[test]
fn a_worker_counts_deliveries_retries_and_dead_letters() {
    let linker = EventLinker::new();
    let numbers = recorded(|_| {
        block_on(async {
            let broker = MemoryBroker::new(100);
            let backend = QueueBackend::new(broker.clone()).queue("orders").unwrap();
            let emitter = EventEmitter::builder(backend).linker(&linker).build();
            emitter.emit("e").await.unwrap();
            let worker = Worker::new(broker).queue("orders").group("billing").emitter(emitter).poll(SOON);
            let worker = worker.retry(Retry::new(2).first(SOON));
            let stop = worker.handle();
            linker.subscribe("e").handler(handlers::succeeds).unwrap();
            linker
                .subscribe("e")
                .on_failure(move |_: &anyhow::Error| stop.stop())
                .handler(handlers::fails)
                .unwrap();
            let never = || Err::<(), _>(Permanent::new(io::Error::other("never")));
            linker.subscribe("e").handler(never).unwrap();
            worker.run_until(pending::<()>()).await.unwrap();
        });
    });
    let of_group = |rest: &str| format!("queue=orders,group=billing{rest}");
    let expect = |name, expected: &[(&str, i64)]| {
        let expected: Vec<_> = expected.iter().map(|(rest, value)| (of_group(rest), *value)).collect();
        let found: Vec<_> = numbers.of(name).into_iter().map(|(labels, v)| (labels.to_owned(), v)).collect();
        assert_eq!(found, expected, "{name}");
    };
    expect("pyventus_deliveries_total", &[(",outcome=again", 1), (",outcome=done", 1)]);
    expect("pyventus_deliveries_in_flight", &[("", 0)]);
    expect("pyventus_retries_total", &[(",handler=metrics::handlers::fails", 1)]);
    expect("pyventus_dead_letters_total", &[(",reason=exhausted", 1), (",reason=permanent", 1)]);
    assert_eq!(numbers.of("pyventus_emissions_in_flight"), [("backend=QueueBackend", 0)]);
    let handled = numbers.of("pyventus_handled_total");
    let runs = |labels| handled.iter().find(|(found, _)| *found == labels).map(|(_, count)| *count);
    assert_eq!(runs("handler=metrics::handlers::succeeds,outcome=success"), Some(1));
    assert_eq!(runs("handler=metrics::handlers::fails,outcome=failure"), Some(2));
}

#[test]
fn a_worker_measures_how_many_events_wait() {
    let linker = EventLinker::new();
    let mut waiting = None;
    let numbers = recorded(|snapshotter| {
        block_on(async {
            let broker = MemoryBroker::new(100);
            let emitter = EventEmitter::builder(QueueBackend::new(broker.clone())).linker(&linker).build();
            for _ in 0..3 {
                emitter.emit("e").await.unwrap();
            }
            linker.subscribe("e").handler(pending::<()>).unwrap();
            let worker = Worker::new(broker).emitter(emitter).poll(SOON).grace(Duration::ZERO);
            let measured = async {
                while waiting.is_none() {
                    tokio::task::yield_now().await;
                    let numbers = Numbers::take(snapshotter);
                    waiting = numbers.of("pyventus_queue_pending").first().map(|(_, count)| *count);
                }
            };
            worker.counts_every(SOON).run_until(measured).await.unwrap();
        });
    });
    assert_eq!(waiting, Some(3));
    assert_eq!(numbers.of("pyventus_queue_dead"), [("queue=events,group=default", 0)]);
}
