//! Events that another program emitted, whose handlers are run one by one.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pyventus::{
    BlockingJob, Context, EmissionId, Event, EventCodec, EventEmitter, EventLinker, HandlerTimedOut, Offload,
    Permanent, RemoteEmission, RemoteEvent, RemoteOutcome, RemoteRun, Retry, Timeout, args, key, on,
};
use serde::{Deserialize, Serialize};

use crate::{Recorder, emitter, emitter_of};

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "parcel.arrived")]
struct ParcelArrived {
    id: u64,
}

const ID: EmissionId = EmissionId::from_bytes([7; 16]);

fn text(name: &str) -> RemoteEvent {
    RemoteEvent::text(name, ID, SystemTime::UNIX_EPOCH).unwrap()
}

/// Runs blocking handlers where they are.
struct Here;

impl Offload for Here {
    fn offload(&self, job: BlockingJob) {
        job();
    }

    fn is_in_place(&self) -> bool {
        true
    }
}

/// One run of a handler that is not timed.
fn attempt(emission: &RemoteEmission, handler: usize, attempt: u32, is_last: bool) -> RemoteOutcome {
    let run = RemoteRun { attempt, timeout: None, is_last: &move |_| is_last, offload: Arc::new(Here) };
    futures::executor::block_on(emission.run(handler, run))
}

#[test]
fn handlers_are_chosen_at_once_and_run_when_they_are_told_to() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker.subscribe("arrived").handler(|| RAN.push("first")).unwrap();
    linker.subscribe("arrived").handler(|| async { RAN.push("second") }).unwrap();
    let emission = emitter_of(&linker).receive(text("arrived"));
    assert!(RAN.take().is_empty());
    assert_eq!((emission.handlers().len(), emission.event_name(), emission.id()), (2, "arrived", ID));
    for (handler, ran) in [(1, "second"), (0, "first"), (1, "second")] {
        assert!(attempt(&emission, handler, 1, true).outcome.is_success());
        assert_eq!(RAN.take(), [ran]);
    }
}

#[test]
fn the_context_is_that_of_the_program_which_emitted() {
    let linker = EventLinker::new();
    linker
        .subscribe("arrived")
        .handler(|context: Context| {
            assert_eq!(
                (context.id(), context.timestamp(), context.attempt()),
                (ID, SystemTime::UNIX_EPOCH, 3)
            );
            assert_eq!(context.args().named("count"), Some(&2.into()));
        })
        .unwrap();
    let args = args!["first"].with_named(String::from("count"), 2);
    let emission = emitter_of(&linker).receive(text("arrived").with_args(args));
    let outcome = attempt(&emission, 0, 3, true).outcome;
    assert!(outcome.is_success(), "{outcome:?}");
    assert_eq!(outcome.attempts(), 3);
    assert!(outcome.elapsed().is_some());
}

#[test]
fn an_object_is_decoded_and_reaches_handlers_by_type_and_by_name() {
    let linker = EventLinker::new();
    linker
        .subscribe(key::<ParcelArrived>())
        .handler(|parcel: &ParcelArrived| assert_eq!(parcel.id, 7))
        .unwrap();
    linker
        .subscribe("parcel.arrived")
        .handler(|parcel: Arc<ParcelArrived>| assert_eq!(parcel.id, 7))
        .unwrap();
    let codec = EventCodec::named("parcel.arrived").unwrap();
    let event = RemoteEvent::typed(codec, r#"{"id":7}"#, ID, SystemTime::now()).unwrap();
    let emission = emitter_of(&linker).receive(event);
    assert_eq!(emission.handlers().len(), 2);
    for handler in 0..2 {
        let outcome = attempt(&emission, handler, 1, true).outcome;
        assert!(outcome.is_success(), "{outcome:?}");
    }
    let error = RemoteEvent::typed(codec, r#"{"id":"seven"}"#, ID, SystemTime::now()).unwrap_err();
    assert!(std::error::Error::source(&error).is_some(), "{error}");
}

#[test]
fn only_the_last_failure_is_answered() {
    static ANSWERED: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("arrived")
        .on_failure(|error: &anyhow::Error| ANSWERED.push(error.to_string()))
        .handler(|context: Context| -> Result<(), std::io::Error> {
            Err(std::io::Error::other(format!("attempt {}", context.attempt())))
        })
        .unwrap();
    let emission = emitter_of(&linker).receive(text("arrived"));
    let early = attempt(&emission, 0, 1, false);
    assert!(early.outcome.is_failure() && !early.gave_up);
    assert!(ANSWERED.take().is_empty());
    let last = attempt(&emission, 0, 2, true);
    assert!(last.outcome.is_failure() && last.gave_up);
    assert_eq!(ANSWERED.take(), ["attempt 2"]);
}

#[test]
fn a_handler_that_takes_too_long_is_dropped_and_its_failure_is_answered() {
    static SEEN: Recorder = Recorder::new();

    struct Dropped;

    impl Drop for Dropped {
        fn drop(&mut self) {
            SEEN.push("dropped");
        }
    }

    let linker = EventLinker::new();
    linker
        .subscribe("arrived")
        .timeout(Duration::from_secs(5))
        .on_failure(|error: &HandlerTimedOut| SEEN.push(error.to_string()))
        .handler(|| async {
            let _held = Dropped;
            std::future::pending::<()>().await;
        })
        .unwrap();
    let emission = emitter_of(&linker).receive(text("arrived"));
    let limit = emission.handlers()[0].timeout.unwrap();
    let over: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(std::future::ready(()));
    let run = RemoteRun {
        attempt: 1,
        timeout: Some(Timeout { limit, over }),
        is_last: &|_| true,
        offload: Arc::new(Here),
    };
    let outcome = futures::executor::block_on(emission.run(0, run));
    assert!(outcome.gave_up);
    assert!(outcome.outcome.error().unwrap().is::<HandlerTimedOut>());
    assert_eq!(SEEN.take(), ["dropped", "the handler did not end within 5s"]);
}

#[test]
fn a_panic_is_a_failure_like_others_and_a_permanent_one_is_told_apart() {
    let linker = EventLinker::new();
    linker.subscribe("arrived").handler(|| -> () { panic!("no more coffee") }).unwrap();
    linker
        .subscribe("arrived")
        .handler(|| Err::<(), _>(Permanent::new(std::io::Error::other("no such parcel"))))
        .unwrap();
    let emission = emitter_of(&linker).receive(text("arrived"));
    assert!(attempt(&emission, 0, 1, true).outcome.error().unwrap().is::<pyventus::HandlerPanic>());
    let permanent = attempt(&emission, 1, 1, true).outcome;
    assert!(permanent.error().unwrap().is::<Permanent>());
    assert_eq!(permanent.error().unwrap().to_string(), "no such parcel");
}

#[test]
fn a_one_time_handler_is_claimed_by_the_event() {
    let linker = EventLinker::new();
    linker.subscribe("arrived").once().handler(|| ()).unwrap();
    let emitter = emitter_of(&linker);
    let emission = emitter.receive(text("arrived"));
    assert!(emission.handlers()[0].once && linker.is_empty());
    assert!(emitter.receive(text("arrived")).handlers().is_empty());
    assert!(attempt(&emission, 0, 1, true).outcome.is_success());
}

#[test]
fn an_event_that_comes_again_claims_the_one_time_handlers_that_are_wanted_again() {
    let linker = EventLinker::new();
    let wanted = linker.subscribe("arrived").once().handler(|| ()).unwrap();
    let other = linker.subscribe("arrived").once().handler(|| ()).unwrap();
    let emitter = emitter_of(&linker);
    let again = |key: &str| {
        let emission = emitter.receive_again(text("arrived"), |handler| handler == key);
        emission.handlers().iter().map(|handler| handler.key.clone()).collect::<Vec<_>>()
    };
    let keys = again("neither of them");
    assert_eq!(keys.len(), 2);
    assert!(wanted.is_subscribed() && other.is_subscribed());
    assert_eq!(again(&keys[0]), keys);
    assert!(!wanted.is_subscribed() && other.is_subscribed());
}

#[test]
fn handlers_of_one_path_have_keys_of_their_own_in_the_order_they_start() {
    let linker = EventLinker::new();
    let link = || linker.subscribe("arrived").handler(|| ()).unwrap();
    let _links = (link(), link(), link());
    let emission = emitter_of(&linker).receive(text("arrived"));
    let keys: Vec<&str> = emission.handlers().iter().map(|handler| &*handler.key).collect();
    let path = keys[0];
    assert!(path.contains("handlers_of_one_path"), "{path}");
    assert_eq!(keys[1..], [format!("{path}#2"), format!("{path}#3")]);
}

#[on("remote.declared", retry(attempts = 5, first = "200ms", max = "1m", factor = 3), timeout = "5s")]
fn patient() {}

#[on("remote.declared", retry(2))]
fn twice() {}

#[on("remote.declared")]
fn once_only() {}

#[test]
fn what_an_attribute_says_of_attempts_and_time_is_known_of_the_handler() {
    let emission = emitter().receive(text("remote.declared"));
    let options: Vec<_> =
        emission.handlers().iter().map(|handler| (handler.retry, handler.timeout)).collect();
    let retry = Retry::new(5).first(Duration::from_millis(200)).max(Duration::from_mins(1)).factor(3);
    assert_eq!(
        options,
        [(Some(retry), Some(Duration::from_secs(5))), (Some(Retry::new(2)), None), (None, None)]
    );
    let key = &emission.handlers()[0].key;
    assert_eq!(key, "behaviour::remote::patient");
}

#[test]
fn pauses_grow_up_to_their_bound() {
    let retry = Retry::new(6).first(Duration::from_secs(1)).max(Duration::from_secs(5)).factor(2);
    let bounds: Vec<_> = (1..=6).map(|attempt| retry.bound(attempt).map(|bound| bound.as_secs())).collect();
    assert_eq!(bounds, [Some(1), Some(2), Some(4), Some(5), Some(5), None]);
    assert_eq!(Retry::new(0).attempts(), 1);
    assert_eq!(Retry::new(u32::MAX).factor(u32::MAX).bound(u32::MAX - 1), Some(Duration::from_mins(5)));
}

#[test]
fn an_empty_text_is_no_event() {
    assert!(RemoteEvent::text("", ID, SystemTime::now()).is_err());
}

#[test]
fn a_handler_emits_on_the_backend_of_the_emitter_that_received() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("arrived")
        .handler(|context: Context| async move {
            assert_eq!(context.emitter().emit("further").await.unwrap().succeeded(), 1);
        })
        .unwrap();
    linker.subscribe("further").handler(|| RAN.push("further")).unwrap();
    let emission: RemoteEmission = EventEmitter::receive(&emitter_of(&linker), text("arrived"));
    let outcome = attempt(&emission, 0, 1, true).outcome;
    assert!(outcome.is_success(), "{outcome:?}");
    assert_eq!(RAN.take(), ["further"]);
}
