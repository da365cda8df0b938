//! The programs that the documentation of Pyventus shows.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use pyventus::{
    Backend, Context, Event, EventEmission, EventEmitter, EventLinker, InlineBackend, SubmitError,
    TokioBackend, on,
};

use crate::{Recorder, logging};

static W1: Recorder = Recorder::new();

#[on("mission.w1")]
fn w1_callback() {
    W1.push("Hello, World!");
}

// W1 E1 C1 A1
#[test]
fn a_sync_handler_has_run_once_when_a_sync_emit_returns() {
    EventEmitter::new(TokioBackend::new()).emit("mission.w1");
    assert_eq!(W1.take(), ["Hello, World!"]);
}

static W2: Recorder = Recorder::new();

#[on("mission.w2")]
async fn w2_callback() {
    tokio::task::yield_now().await;
    W2.push("Hello, World!");
}

// W2 H1 A1
#[test]
fn an_async_handler_has_run_once_when_a_sync_emit_returns() {
    EventEmitter::new(TokioBackend::new()).emit("mission.w2");
    assert_eq!(W2.take(), ["Hello, World!"]);
}

static W3: Recorder = Recorder::new();

#[derive(Debug, Event)]
struct PasswordResetRequested {
    email: &'static str,
}

#[derive(Debug, thiserror::Error)]
#[error("no route to the mail server")]
struct SmtpError;

// A linker of its own: a handler of every event would answer the other tests too.
static RESET: EventLinker = EventLinker::namespace("mission.w3");

#[on("PasswordResetRequested", linker = RESET)]
fn by_name(event: Arc<PasswordResetRequested>) {
    W3.push(format!("name {:p}", &raw const *event));
}

#[on(PasswordResetRequested, linker = RESET)]
mod password_reset {
    use super::{PasswordResetRequested, SmtpError, W3};

    #[on_event]
    async fn send_email(event: &PasswordResetRequested) -> Result<(), SmtpError> {
        W3.push(format!("type {:p}", &raw const *event));
        Err(SmtpError)
    }

    #[on_failure]
    fn failed(error: &SmtpError) {
        W3.push(format!("failure {error}"));
    }
}

#[on(event(..), linker = RESET)]
fn every_event(context: Context) {
    if let Some(event) = context.object::<PasswordResetRequested>() {
        W3.push(format!("global {:p} {} arguments", &raw const *event, context.args().len()));
    }
}

// W3 E6 E7 E10 E27 E36 H11 H12
#[test]
fn all_handlers_of_a_password_reset_get_the_same_object_and_the_failure_its_own_error() {
    let event = Arc::new(PasswordResetRequested { email: "user@example.org" });
    assert_eq!(event.email, "user@example.org");
    let place = format!("{:p}", Arc::as_ptr(&event));
    let log = logging::of(|| {
        EventEmitter::builder(TokioBackend::new()).linker(&RESET).build().emit(event);
    });
    let mut recorded = W3.take();
    recorded.sort();
    assert_eq!(
        recorded,
        [
            String::from("failure no route to the mail server"),
            format!("global {place} 0 arguments"),
            format!("name {place}"),
            format!("type {place}"),
        ]
    );
    assert_eq!(log.matches(" ERROR ").count(), 1, "{log}");
    assert!(log.contains("[EventHandler] Exception: no route to the mail server"), "{log}");
}

static W4: Recorder = Recorder::new();

#[on("mission.w4")]
fn w4_sync() {
    W4.push("sync");
}

#[on("mission.w4")]
async fn w4_async() {
    W4.push("async");
}

// W4 H1 M19
#[test]
fn a_sync_and_an_async_handler_of_one_event_both_run() {
    EventEmitter::new(TokioBackend::new()).emit("mission.w4");
    assert_eq!(W4.take(), ["sync", "async"]);
}

static W5: Recorder = Recorder::new();

#[on("mission.w5")]
async fn w5_callback() {
    W5.push("handled");
}

fn emit_w5(emitter: &EventEmitter) -> pyventus::EmissionHandle {
    emitter.emit("mission.w5")
}

// W5 A1 A2 M10
#[test]
fn the_same_emit_works_in_sync_and_async_functions_and_does_not_block_the_async_one() {
    let emitter = EventEmitter::new(TokioBackend::new());
    emit_w5(&emitter);
    assert_eq!(W5.take(), ["handled"]);

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let handle = emit_w5(&emitter);
        assert!(W5.take().is_empty(), "no handler has run when emit returns");
        handle.await.unwrap();
        assert_eq!(W5.take(), ["handled"]);
    });
}

static W6: Recorder = Recorder::new();

#[derive(Default)]
struct RequestBackground {
    tasks: Mutex<Vec<BoxFuture<'static, ()>>>,
}

impl RequestBackground {
    async fn finish(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
        for task in tasks {
            task.await;
        }
    }
}

impl Backend for RequestBackground {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.tasks.lock().unwrap().push(emission.run().boxed());
        Ok(())
    }
}

#[on("mission.w6")]
fn w6_callback(emitter: &str) {
    W6.push(emitter);
}

fn print(emitter: &EventEmitter) {
    emitter.emit_with("mission.w6", pyventus::args![emitter.backend_name()]);
}

// W6 M22 M23 M30 P6 F2 F9
#[test]
fn a_function_that_knows_only_the_emitter_works_with_a_backend_of_ones_own_and_with_tokio() {
    let background = Arc::new(RequestBackground::default());
    print(&EventEmitter::new(Arc::clone(&background)));
    assert!(W6.take().is_empty(), "nothing runs before the response");

    print(&EventEmitter::new(TokioBackend::new()));
    assert_eq!(W6.take(), ["TokioBackend"]);

    background.finish().now_or_never().unwrap();
    assert_eq!(W6.take(), ["RequestBackground"]);
}

static W7: Recorder = Recorder::new();

#[on("mission.w7")]
mod string_event {
    use super::W7;

    #[on_event]
    fn event_callback(fails: bool) -> anyhow::Result<String> {
        W7.push("event");
        anyhow::ensure!(!fails, "Event failed!");
        Ok("Event succeeded!".into())
    }

    #[on_success]
    fn success(message: String) {
        W7.push(message);
    }

    #[on_failure]
    async fn failure(error: &anyhow::Error) {
        W7.push(format!("failure: {error}"));
    }
}

// W7 H10 C2
#[test]
fn the_success_callback_gets_what_the_handler_returns_and_the_failure_callback_stays_silent() {
    EventEmitter::new(InlineBackend::new()).emit_with("mission.w7", pyventus::args![false]);
    assert_eq!(W7.take(), ["event", "Event succeeded!"]);
    w8();
}

// W8 H11 H12 G4. One test with W7: they share the recorder.
fn w8() {
    let log = logging::of(|| {
        EventEmitter::new(InlineBackend::new()).emit_with("mission.w7", pyventus::args![true]);
    });
    assert_eq!(W7.take(), ["event", "failure: Event failed!"]);
    logging::assert_layout(&log, "ERROR", "EventHandler", "Exception: Event failed!");
}
