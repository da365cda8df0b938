//! What tests of programs stand on: backends that record, and run emissions when they are told to.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use futures::FutureExt as _;
use pyventus::testing::{Probe, Record, RecordingBackend};
use pyventus::{
    Backend, Capability, Context, EmissionId, EmitError, Event, EventEmission, EventEmitter, EventKey,
    EventLinker, InlineBackend, SubmitError, TokioBackend, args,
};

use crate::Recorder;

#[derive(Debug, Event, PartialEq)]
#[event(name = "order.placed")]
pub(crate) struct OrderPlaced {
    pub(crate) id: u64,
}

pub(crate) const LONG: Duration = Duration::from_mins(1);
pub(crate) const SHORT: Duration = Duration::from_millis(20);

/// A backend that runs nothing by itself, and an emitter for the handlers of one linker.
pub(crate) fn recording(linker: &EventLinker) -> (RecordingBackend, EventEmitter) {
    let backend = RecordingBackend::new();
    let emitter = EventEmitter::builder(backend.clone()).linker(linker).build();
    (backend, emitter)
}

/// A probe before a backend, and an emitter for the handlers of one linker.
pub(crate) fn probing(backend: impl Backend, linker: &EventLinker) -> (Probe, EventEmitter) {
    let probe = Probe::new(backend);
    let emitter = EventEmitter::builder(probe.clone()).linker(linker).build();
    (probe, emitter)
}

/// Links handlers by which `a` emits `b` twice, and `b` emits `c`.
fn link_cascade(linker: &EventLinker) {
    linker.subscribe("c").handler(|| ()).unwrap();
    linker.subscribe("b").handler(|context: Context| drop(context.emitter().emit("c"))).unwrap();
    linker
        .subscribe("a")
        .handler(|context: Context| {
            context.emitter().emit("b");
            context.emitter().emit("b");
        })
        .unwrap();
}

fn names(records: &[Record]) -> Vec<&str> {
    records.iter().map(Record::event_name).collect()
}

/// For each record, the place of the one that it was emitted within.
fn parents(records: &[Record]) -> Vec<Option<usize>> {
    let place = |id: EmissionId| records.iter().position(|record| record.id() == Some(id)).unwrap();
    records.iter().map(|record| record.parent().map(place)).collect()
}

#[test]
fn nothing_runs_before_a_step_and_a_step_runs_the_oldest_emission_to_its_end() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker.subscribe(("a", "b")).handler(|context: Context| RAN.push(context.event_name())).unwrap();
    linker.subscribe("a").handler(|| async { RAN.push("async") }).unwrap();
    let (backend, emitter) = recording(&linker);
    for event in ["a", "b", "a"] {
        emitter.emit(event);
    }
    assert_eq!((backend.pending(), RAN.take().len()), (3, 0));
    assert!(!backend.records()[0].has_ended() && backend.records()[0].outcomes().is_empty());

    let first = backend.step().wait().unwrap();
    assert_eq!((RAN.take(), backend.pending()), (vec!["a".into(), "async".into()], 2));
    assert_eq!((first.event_name(), first.has_ended(), first.outcomes().len()), ("a", true, 2));
    assert_eq!(backend.step().wait().unwrap().event_name(), "b");
    assert_eq!(backend.clone().step().wait().unwrap().event_name(), "a");
    assert_eq!(RAN.take(), ["b", "a", "async"]);
    assert!(backend.step().wait().is_none(), "nothing is left");
}

#[test]
fn what_handlers_emit_waits_behind_everything_that_was_emitted_before() {
    let linker = EventLinker::new();
    link_cascade(&linker);
    let (backend, emitter) = recording(&linker);
    emitter.emit("a");
    emitter.emit("c");
    let mut ran = Vec::new();
    while let Some(record) = backend.step().wait() {
        ran.push(record);
    }
    assert_eq!(names(&ran), ["a", "c", "b", "b", "c", "c"]);
    assert_eq!(names(&backend.records()), names(&ran), "they run in the order they were emitted");
    assert_eq!(parents(&ran), [None, None, Some(0), Some(0), Some(2), Some(3)]);

    emitter.emit("a");
    assert_eq!(backend.run_all().wait(), 5);
    assert_eq!((backend.run_all().wait(), backend.pending()), (0, 0));
}

#[tokio::test]
async fn handlers_that_need_a_runtime_run_where_the_test_awaits_the_step() {
    let linker = EventLinker::new();
    let timer = |context: Context| async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        if context.event_name() == "a" {
            context.emitter().emit("b");
        }
    };
    linker.subscribe(("a", "b")).handler(timer).unwrap();
    let (backend, emitter) = recording(&linker);
    emitter.emit("a");
    assert_eq!(backend.step().await.unwrap().outcomes().len(), 1);
    assert_eq!(backend.run_all().await, 1);

    // Code that awaits what it emits goes on while the test runs it.
    let code = async { emitter.emit("b").await };
    let (report, ran) = tokio::join!(code, backend.run_all());
    assert_eq!((report.unwrap().succeeded(), ran), (1, 1));
}

#[test]
fn a_handler_awaits_what_it_emits_only_where_that_runs_as_a_part_of_its_step() {
    let linker = EventLinker::new();
    linker.subscribe("inner").handler(|| async { 7 }).unwrap();
    linker
        .subscribe("outer")
        .handler(async |context: Context| context.emitter().emit("inner").await.map(drop))
        .unwrap();
    let (backend, emitter) = recording(&linker);
    let handle = emitter.emit("outer");
    backend.run_all().wait();
    let error = handle.wait().unwrap().outcomes()[0].error().unwrap().to_string();
    assert!(error.contains("cannot wait here") && error.contains("AwaitsNested"), "{error}");
    assert!(!backend.capabilities().has(Capability::AwaitsNested));

    let backend = RecordingBackend::new().nesting();
    let emitter = EventEmitter::builder(backend.clone()).linker(&linker).build();
    assert!(backend.capabilities().has(Capability::AwaitsNested));
    emitter.emit("outer");
    emitter.emit("inner");
    assert_eq!(backend.step().wait().unwrap().event_name(), "outer");
    assert_eq!(names(&backend.records()), ["outer", "inner", "inner"]);
    assert_eq!(parents(&backend.records()), [None, None, Some(0)]);
    assert_eq!(backend.pending(), 1, "what was emitted within ran within");
    assert_eq!(backend.run_all().wait(), 1);
    backend.assert_all_ran();
    backend.assert_no_failures();
}

#[test]
fn handlers_run_on_the_thread_of_the_test_also_those_that_block() {
    let linker = EventLinker::new();
    let here = thread::current().id();
    let is_here = move || assert_eq!(thread::current().id(), here);
    linker.subscribe("e").handler(is_here).unwrap();
    linker.subscribe("e").blocking().handler(is_here).unwrap();
    let (backend, emitter) = recording(&linker);
    emitter.emit("e");
    assert_eq!(backend.step().wait().unwrap().outcomes().len(), 2);
    backend.assert_no_failures();
}

#[test]
fn failures_are_recorded_with_their_text_and_end_neither_the_step_nor_the_test() {
    #[derive(Debug)]
    struct Unprintable;
    impl std::fmt::Display for Unprintable {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no text")
        }
    }
    impl std::error::Error for Unprintable {}

    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .handler(|| anyhow::Context::context(Err::<(), _>(io::Error::other("disk")), "write"))
        .unwrap();
    linker.subscribe("e").handler(|| -> () { panic!("boom") }).unwrap();
    linker.subscribe("e").handler(|| Err::<(), _>(Unprintable)).unwrap();
    linker.subscribe("e").handler(|| ()).unwrap();
    let (backend, emitter) = recording(&linker);
    emitter.emit("e");
    let record = backend.step().wait().unwrap();
    let failures: Vec<_> = record.outcomes().iter().map(|outcome| outcome.failure()).collect();
    assert_eq!(failures[..2], [Some("write: disk"), Some("the handler panicked: boom")]);
    assert!(failures[2].unwrap().contains("cannot be shown"), "{failures:?}");
    assert_eq!(failures[3], None);
    assert!(record.outcomes()[2].is_failure() && record.outcomes()[3].is_success());
    assert!(record.outcomes()[0].handler().file().ends_with("testing.rs"));
}

#[test]
fn a_step_that_is_dropped_cancels_its_emission_and_leaves_the_others() {
    let linker = EventLinker::new();
    linker.subscribe("waits").handler(pending::<()>).unwrap();
    linker.subscribe("e").handler(|| ()).unwrap();
    let (backend, emitter) = recording(&linker);
    let handle = emitter.emit("waits");
    emitter.emit("e");
    drop(backend.run_all());
    assert_eq!(backend.pending(), 2, "nothing has begun");
    assert!(backend.run_all().now_or_never().is_none());
    assert!(matches!(handle.wait(), Err(EmitError::Cancelled)));
    assert!(backend.records()[0].to_string().ends_with("it was cancelled"));
    assert_eq!(backend.run_all().wait(), 1);
}

#[test]
fn what_waits_is_cancelled_where_the_test_says_so() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| ()).unwrap();
    let (state, backend) = (Arc::new(()), RecordingBackend::new());
    let emitter = EventEmitter::builder(backend.clone()).linker(&linker).state(Arc::clone(&state)).build();
    let handles = [emitter.emit("e"), emitter.emit("e")];
    assert_eq!((backend.cancel_all(), backend.cancel_all(), backend.pending()), (2, 0, 0));
    for handle in handles {
        assert!(matches!(handle.wait(), Err(EmitError::Cancelled)));
    }
    assert!(backend.records().iter().all(|record| record.to_string() == "\"e\": it was cancelled"));
    drop(emitter);
    assert_eq!(Arc::strong_count(&state), 1, "the emitter is not kept any longer");
}

#[test]
fn a_record_has_what_was_emitted() {
    let linker = EventLinker::new();
    let ids = Arc::new(std::sync::Mutex::new(Vec::new()));
    let handled = Arc::clone(&ids);
    linker
        .subscribe(EventKey::ANY)
        .handler(move |context: Context| handled.lock().unwrap().push(context.id()))
        .unwrap();
    let (backend, emitter) = recording(&linker);
    let order = Arc::new(OrderPlaced { id: 7 });
    emitter.emit(Arc::clone(&order));
    emitter.emit_with("greet", args!["Pyventus", formal = true]);
    emitter.emit_error(io::Error::other("disk"));
    backend.run_all().wait();

    let [placed, greet, failed] = &backend.records()[..] else { panic!("three events were emitted") };
    assert_eq!(names(&backend.records()), ["order.placed", "greet", "Error"]);
    assert!(Arc::ptr_eq(&placed.shared_object::<OrderPlaced>().unwrap(), &order));
    assert_eq!((placed.object::<OrderPlaced>(), placed.object::<u8>()), (Some(&*order), None));
    assert!(placed.args().is_empty() && placed.error().is_none() && placed.is_answered());
    assert_eq!(greet.args().positional(), ["Pyventus"]);
    assert_eq!(greet.args().named("formal"), Some(&true.into()));
    assert!(greet.object::<OrderPlaced>().is_none());
    assert_eq!(failed.error().unwrap().to_string(), "disk");
    assert!(failed.object::<io::Error>().is_some());
    let recorded: Vec<_> = backend.records().iter().filter_map(Record::id).collect();
    assert_eq!(recorded, *ids.lock().unwrap());
}

#[test]
fn an_event_that_nobody_answers_is_recorded_and_has_nothing_to_run() {
    let linker = EventLinker::new();
    let stepped = RecordingBackend::new();
    let (probe, emitter) = probing(stepped.clone(), &linker);
    let report = emitter.emit_with("nobody", args![7]).wait().unwrap();
    assert!(report.outcomes().is_empty(), "the handle says what it says without a test");
    emitter.emit(OrderPlaced { id: 7 });
    emitter.emit_error(io::Error::other("disk"));
    for recording in [&*probe, &*stepped] {
        let records = recording.records();
        assert_eq!(names(&records), ["nobody", "order.placed", "Error"]);
        assert!(records.iter().all(|record| !record.is_answered() && record.id().is_none()));
        assert_eq!(records[0].args().positional(), [7]);
        assert!(records[0].to_string().ends_with("no handler answers it"));
        recording.assert_emitted::<OrderPlaced>(|order| order.id == 7);
        recording.assert_all_ran();
    }
    assert_eq!(stepped.pending(), 0);

    // What is refused before it is looked up is on the handle.
    assert!(emitter.emit("").wait().is_err());
    assert_eq!(probe.records().len(), 3);
}

#[test]
fn an_event_that_nobody_answers_is_known_with_the_emission_that_emitted_it() {
    let linker = EventLinker::new();
    linker.subscribe("a").handler(|context: Context| drop(context.emitter().emit("nobody"))).unwrap();
    let (backend, emitter) = recording(&linker);
    let (probe, probed) = probing(InlineBackend::new(), &linker);
    emitter.emit("a");
    backend.run_all().wait();
    probed.emit("a");
    for records in [backend.records(), probe.records()] {
        assert_eq!((names(&records), parents(&records)), (vec!["a", "nobody"], vec![None, Some(0)]));
    }
}

#[test]
fn a_recording_keeps_no_emitter_alive() {
    let (state, alive) = (Arc::new(()), EventLinker::new());
    link_cascade(&alive);
    let backend = RecordingBackend::new();
    let emitter = EventEmitter::builder(backend.clone()).linker(&alive).state(Arc::clone(&state)).build();
    emitter.emit("a");
    backend.run_all().wait();
    drop(emitter);
    assert_eq!((Arc::strong_count(&state), backend.records().len()), (1, 5));
}

#[test]
fn a_probe_is_the_backend_that_it_stands_before() {
    let linker = EventLinker::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    linker.subscribe("e").handler(move || counted.fetch_add(1, Ordering::Relaxed)).unwrap();
    let (probe, emitter) = probing(InlineBackend::new(), &linker);
    assert_eq!(
        (emitter.backend_name(), emitter.capabilities()),
        ("InlineBackend", InlineBackend::new().capabilities())
    );
    let report = emitter.emit("e").wait().unwrap();
    assert_eq!((report.succeeded(), runs.load(Ordering::Relaxed)), (1, 1));
    assert!(probe.records()[0].has_ended());

    let backend = TokioBackend::new();
    let (probe, _emitter) = probing(backend.clone(), &linker);
    assert_eq!(probe.id(), backend.id());
}

#[test]
fn a_probe_knows_what_was_emitted_within_what_on_every_backend_that_says_so() {
    fn assert_parents(backend: impl Backend, order: &[&str], within: &[Option<usize>]) {
        let linker = EventLinker::new();
        link_cascade(&linker);
        let (probe, emitter) = probing(backend, &linker);
        emitter.emit("a");
        let records = probe.records();
        assert_eq!((names(&records), parents(&records)), (order.to_vec(), within.to_vec()));
    }
    let depth_first = (["a", "b", "c", "b", "c"], [None, Some(0), Some(1), Some(0), Some(3)]);
    assert_parents(InlineBackend::new(), &depth_first.0, &depth_first.1);
    // One after the other, on the runtime of the thread.
    let in_turn = (["a", "b", "b", "c", "c"], [None, Some(0), Some(0), Some(1), Some(2)]);
    assert_parents(TokioBackend::new(), &in_turn.0, &in_turn.1);
}

#[tokio::test]
async fn what_a_blocking_handler_emits_on_its_thread_was_emitted_within_its_emission() {
    let linker = EventLinker::new();
    linker.subscribe("a").blocking().handler(|context: Context| drop(context.emitter().emit("b"))).unwrap();
    linker.subscribe("b").handler(|| ()).unwrap();
    let (probe, emitter) = probing(TokioBackend::new(), &linker);
    emitter.emit("a");
    probe.settled(LONG).await.unwrap();
    assert_eq!(parents(&probe.records()), [None, Some(0)]);
}

#[test]
fn what_a_callback_emits_was_emitted_within_the_emission_of_its_handler() {
    let linker = EventLinker::new();
    linker
        .subscribe("a")
        .on_failure(|_: &anyhow::Error, context: Context| drop(context.emitter().emit("b")))
        .handler(|| Err::<(), _>(io::Error::other("disk")))
        .unwrap();
    let (backend, emitter) = recording(&linker);
    emitter.emit("a");
    backend.run_all().wait();
    assert_eq!(parents(&backend.records()), [None, Some(0)]);
}

#[test]
fn a_probe_records_what_its_backend_refuses_and_what_becomes_of_it_elsewhere() {
    struct Refusing;
    impl Backend for Refusing {
        fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
            if emission.event_name() == "lost" {
                drop(emission);
                return Err(SubmitError::lost(io::Error::other("gone")));
            }
            Err(SubmitError::refused(emission, io::Error::other("full")))
        }
    }
    let linker = EventLinker::new();
    linker.subscribe(("e", "lost")).handler(|| ()).unwrap();
    let (probe, emitter) = probing(Refusing, &linker);
    let Err(EmitError::Submit(refused)) = emitter.emit("e").wait() else { panic!("it was refused") };
    drop(emitter.emit("lost"));
    let lines = |probe: &Probe| probe.records().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        lines(&probe),
        ["\"e\": the backend did not take it: full", "\"lost\": the backend did not take it: gone"]
    );
    futures::executor::block_on(refused.into_emission().unwrap().run());
    assert!(probe.records()[0].has_ended(), "{:?}", lines(&probe));
}

#[tokio::test]
async fn a_probe_settles_when_all_that_was_emitted_has_ended() {
    let linker = EventLinker::new();
    link_cascade(&linker);
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let released = released.shared();
    linker.subscribe("waits").handler(move || released.clone()).unwrap();
    let (probe, emitter) = probing(TokioBackend::new(), &linker);
    probe.settled(SHORT).await.unwrap();
    emitter.emit("a");
    probe.settled(LONG).await.unwrap();
    assert_eq!(probe.records().len(), 5);
    probe.assert_all_ran();

    emitter.emit("waits");
    let late = probe.settled(SHORT).await.unwrap_err();
    assert_eq!(late.seen().len(), 6);
    let text = late.to_string();
    assert!(text.starts_with("an emission has not ended within 20ms; what was emitted, in order:"), "{text}");
    assert!(text.ends_with("6. \"waits\": it has not ended") && format!("{late:?}") == text, "{text}");
    release.send(()).unwrap();
    probe.settled(LONG).await.unwrap();
}

// N10
#[test]
fn nothing_that_is_recorded_prints_a_payload() {
    #[derive(Debug, Event)]
    struct Password(#[expect(dead_code, reason = "it is not to be read")] &'static str);

    let linker = EventLinker::new();
    linker.subscribe(EventKey::ANY_EVENT).handler(|| ()).unwrap();
    let (backend, emitter) = recording(&linker);
    let (probe, _emitter) = probing(backend.clone(), &linker);
    emitter.emit(Password("a secret"));
    emitter.emit_with("e", args!["a secret", password = "a secret"]);
    emitter.emit_error(io::Error::other("a secret"));
    let step = backend.step();
    let printed = format!("{backend:?} {probe:?} {step:?} {:?}", backend.records());
    step.wait();
    let printed = format!("{printed} {:?} {}", backend.records(), backend.records()[1]);
    assert!(!printed.contains("a secret"), "{printed}");
    assert!(
        printed.contains("Password: handled by") && printed.contains("\"e\" with 2 arguments"),
        "{printed}"
    );
}
