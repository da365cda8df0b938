//! What is emitted is published: from synchronous and from asynchronous code, as it was, and never silently lost.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use pyventus_core::{EmissionHandle, EmitError, Event, EventEmitter, EventLinker, args};
use pyventus_queue::conformance::{Fault, Faulty, Operation, PATIENCE};
use pyventus_queue::{
    Broker, BrokerError, ConsumerName, Delivery, Envelope, EnvelopeError, GroupName, KeyId, Keyring,
    MemoryBroker, OutboxError, Payload, PublishError, QueueBackend, QueueName, Seal, Settlement, Source,
    Subscription, TraceParent,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct OrderPlaced {
    id: u64,
}

impl Event for OrderPlaced {
    const NAME: &'static str = "order.placed";
}

fn emitter<B: Broker>(backend: &QueueBackend<B>) -> EventEmitter {
    EventEmitter::builder(backend.clone()).linker(&EventLinker::new()).build()
}

async fn receive<B: Broker>(broker: &B) -> Vec<Delivery> {
    let names = (QueueName::default(), GroupName::default(), ConsumerName::new("test").unwrap());
    let subscription = Subscription::new(names.0, names.1, names.2);
    broker.receive(&subscription, 10_000, PATIENCE, Duration::ZERO).await.unwrap()
}

async fn published<B: Broker>(broker: &B, seal: &Seal) -> Vec<Envelope> {
    let open = |delivery: Delivery| seal.open(delivery.message.body(), &QueueName::default()).unwrap();
    receive(broker).await.into_iter().map(open).collect()
}

async fn accepted(broker: &impl Broker) -> u64 {
    broker.counts(&QueueName::default(), &GroupName::default()).await.unwrap().accepted
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Why an emission was not taken, and whether it was given back.
fn refusal(handle: EmissionHandle) -> (anyhow::Error, bool) {
    match handle.wait() {
        Err(EmitError::Submit(error)) => {
            let reason = anyhow::anyhow!("{:#}", error.reason());
            (reason, error.into_emission().is_some())
        }
        other => panic!("it was not refused: {other:?}"),
    }
}

// Q3, Q9
#[tokio::test]
async fn an_emission_resolves_when_the_broker_has_accepted_the_event() {
    let broker = MemoryBroker::new(100);
    let backend = QueueBackend::new(broker.clone()).event::<OrderPlaced>().source(Source::of_name("a shop"));
    let emitter = emitter(&backend);
    let before = SystemTime::now();
    let report = emitter.emit_with("greet", args!["Pyventus", formal = true]).await.unwrap();
    assert!(report.outcomes().is_empty(), "handlers run elsewhere");
    emitter.emit(OrderPlaced { id: 7 }).await.unwrap();

    let envelopes = published(&broker, &Seal::default()).await;
    let [text, object] = &envelopes[..] else { panic!("{envelopes:?}") };
    assert_eq!((text.event(), text.payload()), ("greet", &Payload::Text));
    let arguments = text.arguments().unwrap();
    assert_eq!(arguments.positional, ["Pyventus"]);
    assert_eq!(arguments.named["formal"], true);
    assert_eq!(object.event(), "order.placed");
    let Payload::Event(data) = object.payload() else { panic!("{object:?}") };
    assert_eq!(data.decode::<OrderPlaced>().unwrap(), OrderPlaced { id: 7 });
    for envelope in [text, object] {
        assert_eq!(envelope.source().as_str(), "a%20shop");
        assert!((before..=SystemTime::now()).contains(&envelope.time()));
        assert!(envelope.trace_parent().is_none());
    }
    assert_ne!(text.id(), object.id());
}

#[test]
fn in_synchronous_code_an_event_is_stored_when_emit_returns() {
    let broker = MemoryBroker::new(100);
    let backend = QueueBackend::new(broker.clone());
    let emitter = emitter(&backend);
    for stored in 1..=5 {
        drop(emitter.emit("e"));
        assert_eq!(block_on(accepted(&broker)), stored);
    }
    assert!(emitter.emit("e").wait().unwrap().outcomes().is_empty());
}

#[test]
fn a_thread_of_a_runtime_that_may_block_waits_for_what_it_emits() {
    let broker = MemoryBroker::new(100);
    let backend = QueueBackend::new(broker.clone());
    let emitter = emitter(&backend);
    block_on(async {
        let waited = tokio::task::spawn_blocking(move || emitter.emit("e").wait()).await;
        assert!(waited.unwrap().is_ok());
        assert_eq!(accepted(&broker).await, 1);
    });
}

#[test]
fn the_runtime_that_emits_need_not_go_on() {
    // The only thread of the runtime is blocked by the very wait.
    let broker = MemoryBroker::new(100);
    let backend = QueueBackend::new(broker.clone());
    block_on(async { emitter(&backend).emit("e").wait().unwrap() });
    assert_eq!(block_on(accepted(&broker)), 1);
}

// Q6, K19
#[test]
fn what_cannot_travel_is_refused_before_anything_is_sent_and_given_back() {
    #[derive(Debug)]
    struct NotForOthers;

    impl Event for NotForOthers {
        const NAME: &'static str = "NotForOthers";
    }

    #[derive(Serialize, Deserialize)]
    struct NoJson(std::collections::HashMap<(u8, u8), u8>);

    impl Event for NoJson {
        const NAME: &'static str = "NoJson";
    }

    let broker = MemoryBroker::new(100);
    let backend = QueueBackend::new(broker.clone()).event::<NoJson>();
    let linker = EventLinker::new();
    let once = linker.subscribe("NotForOthers").once().handler(|| ()).unwrap();
    let emitter = EventEmitter::builder(backend).linker(&linker).build();
    let refused = |handle: EmissionHandle| match handle.wait() {
        Err(EmitError::Submit(error)) => {
            let text = error.reason().to_string();
            let is_envelope = error.reason().is::<EnvelopeError>();
            assert!(is_envelope, "{error:?}");
            assert!(error.into_emission().is_some(), "it is given back");
            text
        }
        other => panic!("{other:?}"),
    };
    let text = refused(emitter.emit(NotForOthers));
    assert!(text.contains("NotForOthers") && text.contains("serde::Serialize"), "{text}");
    let text = refused(emitter.emit_error(std::io::Error::other("the disk is full")));
    assert!(text.contains("errors do not travel"), "{text}");
    let text = refused(emitter.emit(NoJson([((1, 2), 3)].into())));
    assert!(text.contains("NoJson"), "{text}");
    assert_eq!(block_on(accepted(&broker)), 0);
    assert!(once.is_subscribed(), "no handler is claimed by who emits");
}

#[test]
fn an_event_beyond_the_limits_of_the_broker_is_refused_with_the_limit() {
    let broker = MemoryBroker::new(100).max_payload(1_000);
    let backend = QueueBackend::new(broker.clone());
    let (reason, given_back) = refusal(emitter(&backend).emit("e".repeat(2_000)));
    assert!(reason.to_string().contains("at most 1000"), "{reason:#}");
    assert!(given_back);
    assert_eq!(block_on(accepted(&broker)), 0);
}

// Q11
#[test]
fn a_broker_that_fails_is_an_error_of_the_emission() {
    let broker = Faulty::new(MemoryBroker::new(100), |operation| match operation {
        Operation::Publish { .. } => Fault::Before,
        _ => Fault::None,
    });
    let backend = QueueBackend::new(broker);
    let emitter = emitter(&backend);
    let is_broker = |result: Result<_, EmitError>| match result {
        Err(EmitError::Submit(error)) => {
            let reason = error.reason().downcast_ref::<PublishError>();
            assert!(matches!(reason, Some(PublishError::Broker(_))), "{error:?}");
            error.into_emission().is_some()
        }
        other => panic!("{other:?}"),
    };
    assert!(is_broker(emitter.emit("e").wait()), "in synchronous code it is given back");
    // In asynchronous code, the handle hears of it; it is one failure for all.
    let results = block_on(async {
        let handles: Vec<_> = (0..50).map(|_| emitter.emit("e")).collect();
        let mut results = Vec::new();
        for handle in handles {
            results.push(handle.await);
        }
        results
    });
    assert!(results.into_iter().all(|result| !is_broker(result)));
}

/// A broker that panics when it is asked to publish.
#[test]
fn a_broker_that_panics_is_one_that_fails() {
    let broker = Faulty::new(MemoryBroker::new(100), |_| panic!("no more coffee"));
    let backend = QueueBackend::new(broker);
    let emitter = emitter(&backend);
    for _ in 0..2 {
        let Err(EmitError::Submit(error)) = emitter.emit("e").wait() else { panic!("it was accepted") };
        assert!(error.reason().is::<PublishError>());
    }
}

#[tokio::test]
async fn what_many_tasks_emit_is_published_together_in_order() {
    const EVENTS: usize = 2_000;
    let calls = Arc::new(Mutex::new(Vec::new()));
    let counted = Arc::clone(&calls);
    let broker = MemoryBroker::new(EVENTS);
    let counting = Faulty::new(broker.clone(), move |operation| {
        if let Operation::Publish { messages, .. } = operation {
            counted.lock().unwrap().push(messages);
            // Others are emitted meanwhile.
            thread::sleep(Duration::from_millis(5));
        }
        Fault::None
    });
    let backend = QueueBackend::new(counting);
    let emitter = emitter(&backend);
    let handles: Vec<_> = (0..EVENTS).map(|number| emitter.emit_with("e", args![number = number])).collect();
    for handle in handles {
        handle.await.unwrap();
    }
    let calls = calls.lock().unwrap().clone();
    assert_eq!(calls.iter().sum::<usize>(), EVENTS);
    assert!(calls.len() < EVENTS / 10, "{} calls for {EVENTS} events", calls.len());
    let envelopes = published(&broker, &Seal::default()).await;
    let numbers =
        envelopes.iter().map(|envelope| envelope.arguments().unwrap().named["number"].as_u64().unwrap());
    assert!(numbers.eq(0..EVENTS as u64));
}

#[tokio::test]
async fn of_a_batch_that_the_broker_has_no_space_for_the_first_events_are_accepted() {
    let broker = MemoryBroker::new(5);
    let backend = QueueBackend::new(broker.clone());
    let emitter = emitter(&backend);
    let handles: Vec<_> = (0..20).map(|_| emitter.emit("e")).collect();
    let mut results = Vec::new();
    for handle in handles {
        results.push(handle.await.is_ok());
    }
    assert_eq!(results.iter().filter(|accepted| **accepted).count(), 5, "{results:?}");
    assert_eq!(accepted(&broker).await, 5);
}

/// Makes space for one further event.
async fn make_space(broker: &MemoryBroker) {
    for delivery in receive(broker).await {
        let settled = broker.settle(vec![Settlement::done(delivery.receipt)]).await.unwrap();
        assert_eq!(settled, [pyventus_queue::Settled::Applied]);
    }
}

#[tokio::test]
async fn where_the_broker_is_slower_than_who_emits_no_more_than_the_capacity_waits() {
    let broker = MemoryBroker::new(1).waits_for_space();
    let backend = QueueBackend::new(broker.clone()).capacity(3);
    let emitter = emitter(&backend);
    emitter.emit("stored").await.unwrap();
    let waiting: Vec<_> = (0..3).map(|_| emitter.emit("waits")).collect();
    match emitter.emit("too much").await {
        Err(EmitError::Submit(error)) => {
            let reason = error.reason().downcast_ref::<OutboxError>();
            assert!(matches!(reason, Some(OutboxError::Full { capacity: 3, .. })), "{error:?}");
            assert!(error.into_emission().is_some());
        }
        other => panic!("{other:?}"),
    }
    // A thread that may block waits for its turn.
    let blocked = thread::spawn({
        let emitter = emitter.clone();
        move || emitter.emit("waits, too").wait()
    });
    while !blocked.is_finished() {
        make_space(&broker).await;
        tokio::task::yield_now().await;
    }
    assert!(blocked.join().unwrap().is_ok());
    for handle in waiting {
        handle.await.unwrap();
    }
}

#[tokio::test]
async fn a_flush_waits_for_all_that_was_emitted_and_a_closed_backend_takes_nothing() {
    let broker = MemoryBroker::new(1_000);
    let backend = QueueBackend::new(broker.clone());
    let emitter = emitter(&backend);
    for _ in 0..500 {
        drop(emitter.emit("e"));
    }
    backend.flush().await;
    assert_eq!(accepted(&broker).await, 500);
    drop(emitter.emit("e"));
    assert_eq!(backend.close(PATIENCE).await, 0);
    assert_eq!(accepted(&broker).await, 501);
    let Err(EmitError::Submit(error)) = emitter.emit("e").await else { panic!("it was taken") };
    assert!(matches!(error.reason().downcast_ref(), Some(OutboxError::Closed)), "{error:?}");
    assert!(error.into_emission().is_some());
    assert_eq!(backend.close(PATIENCE).await, 0);
}

#[tokio::test]
async fn a_closing_that_takes_too_long_says_what_is_left() {
    let broker = MemoryBroker::new(1).waits_for_space();
    let backend = QueueBackend::new(broker.clone());
    let emitter = emitter(&backend);
    let handles: Vec<_> = (0..3).map(|_| emitter.emit("e")).collect();
    assert_eq!(backend.close(Duration::from_millis(20)).await, 2);
    // They are not lost.
    let mut ended = tokio::task::JoinSet::new();
    for handle in handles {
        ended.spawn(handle);
    }
    while !ended.is_empty() {
        make_space(&broker).await;
        if let Ok(Some(result)) = tokio::time::timeout(Duration::from_millis(1), ended.join_next()).await {
            assert!(result.unwrap().is_ok());
        }
    }
}

#[test]
fn a_runtime_that_ends_waits_until_everything_was_published() {
    const EVENTS: u64 = 1_000;
    for runtime in [
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ] {
        // Slow enough for the end of the runtime to come first.
        let broker = MemoryBroker::new(2_000);
        let slow = Faulty::new(broker.clone(), |_| {
            thread::sleep(Duration::from_millis(20));
            Fault::None
        });
        runtime.block_on(async {
            let emitter = EventEmitter::builder(QueueBackend::new(slow)).linker(&EventLinker::new()).build();
            for _ in 0..EVENTS {
                drop(emitter.emit("nobody waits"));
            }
        });
        drop(runtime);
        assert_eq!(block_on(accepted(&broker)), EVENTS);
    }
}

#[test]
fn the_thread_that_publishes_ends_with_the_last_clone() {
    let held = Arc::new(());
    let kept = Arc::clone(&held);
    let broker = Faulty::new(MemoryBroker::new(10), move |_| {
        assert!(Arc::strong_count(&kept) > 1);
        Fault::None
    });
    let backend = QueueBackend::new(broker);
    let emitter = emitter(&backend);
    emitter.emit("e").wait().unwrap();
    drop((backend, emitter));
    let deadline = Instant::now() + PATIENCE;
    while Arc::strong_count(&held) > 1 {
        assert!(Instant::now() < deadline, "the broker is still held");
        thread::yield_now();
    }
}

#[test]
fn what_many_threads_emit_is_stored_once_each() {
    let broker = MemoryBroker::new(10_000);
    let backend = QueueBackend::new(broker.clone());
    thread::scope(|scope| {
        for thread in 0..8_u64 {
            let emitter = emitter(&backend);
            scope.spawn(move || {
                for number in 0..100 {
                    emitter.emit_with("e", args![number = thread * 100 + number]).wait().unwrap();
                }
            });
        }
    });
    let envelopes = block_on(published(&broker, &Seal::default()));
    let numbers: HashSet<_> =
        envelopes.iter().map(|envelope| envelope.arguments().unwrap().named["number"].as_u64()).collect();
    assert_eq!((envelopes.len(), numbers.len()), (800, 800));
}

#[tokio::test]
async fn clones_publish_into_queues_of_their_own_now_and_later() {
    let broker = MemoryBroker::new(100);
    let now = QueueBackend::new(broker.clone());
    let elsewhere = now.clone().queue("elsewhere").unwrap();
    let later = now.clone().delayed(Duration::from_hours(1));
    for backend in [&now, &elsewhere, &later] {
        emitter(backend).emit("e").await.unwrap();
    }
    assert_eq!(accepted(&broker).await, 2);
    assert_eq!(receive(&broker).await.len(), 1, "one of them is for later");
    let elsewhere =
        broker.counts(&QueueName::new("elsewhere").unwrap(), &GroupName::default()).await.unwrap();
    assert_eq!(elsewhere.accepted, 1);
    assert!(now.queue("no name at all").is_err());
}

#[tokio::test]
async fn envelopes_are_signed_where_there_are_keys() {
    let keyring = || Keyring::new(KeyId::new("2026-01").unwrap(), "a secret").unwrap();
    let broker = MemoryBroker::new(100);
    let backend = QueueBackend::new(broker.clone()).keyring(keyring());
    emitter(&backend).emit("e").await.unwrap();
    let envelopes = published(&broker, &Seal::default().with_keyring(keyring())).await;
    assert_eq!(envelopes.len(), 1);
    assert!(!format!("{backend:?}").contains("a secret"));
}

#[tokio::test]
async fn an_emission_is_a_part_of_the_span_that_the_program_says() {
    const SPAN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let broker = MemoryBroker::new(100);
    let backend = QueueBackend::new(broker.clone()).trace_parent(move || {
        (counted.fetch_add(1, Ordering::Relaxed) == 0).then(|| TraceParent::new(SPAN).unwrap())
    });
    let emitter = emitter(&backend);
    emitter.emit("e").await.unwrap();
    emitter.emit("e").await.unwrap();
    let envelopes = published(&broker, &Seal::default()).await;
    let spans: Vec<_> =
        envelopes.iter().map(|envelope| envelope.trace_parent().map(TraceParent::as_str)).collect();
    assert_eq!(spans, [Some(SPAN), None]);
}

#[test]
fn a_failure_of_a_broker_is_one_for_many_events() {
    let error = BrokerError::new("publish", "the disk is full");
    assert_eq!(error.clone().to_string(), error.to_string());
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the disk is full");
}
