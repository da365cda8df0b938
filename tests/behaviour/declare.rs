//! An attribute is enough to be called.

use std::sync::Arc;

use pyventus::{Context, Event, EventEmitter, InlineBackend, State, args, on, on_failure, on_success};

use crate::{Recorder, emitter};

static TEXT: Recorder = Recorder::new();

#[on("declare.text")]
fn a_text_handler() {
    TEXT.push("called");
}

// C1
#[test]
fn an_attribute_is_enough_to_be_called_and_the_function_stays_callable() {
    emitter().emit("declare.text");
    assert_eq!(TEXT.take(), ["called"]);
    a_text_handler();
    assert_eq!(TEXT.take(), ["called"]);
}

#[derive(Debug, Event)]
struct Placed {
    id: u64,
}

static PLACED: Recorder = Recorder::new();

#[on(Placed)]
fn by_reference(event: &Placed) {
    PLACED.push(format!("reference {}", event.id));
}

#[on(Placed)]
async fn by_arc(event: Arc<Placed>, context: Context) {
    PLACED.push(format!("arc {} {}", event.id, context.event_name()));
}

#[on("Placed")]
fn by_name(event: &Placed) {
    PLACED.push(format!("name {}", event.id));
}

// E6 E10
#[test]
fn a_typed_event_reaches_handlers_by_type_and_by_name() {
    let report = emitter().emit(Placed { id: 7 }).wait().unwrap();
    assert_eq!(report.succeeded(), 3);
    assert_eq!(PLACED.take(), ["reference 7", "arc 7 Placed", "name 7"]);
}

static FLOW: Recorder = Recorder::new();

#[derive(Debug, thiserror::Error)]
#[error("smtp is down")]
struct SmtpError;

#[derive(Event)]
struct Requested {
    fails: bool,
}

#[on(Requested, priority = 3)]
mod flow {
    use super::{FLOW, Requested, SmtpError};

    #[on_event]
    async fn handle(event: &Requested) -> Result<String, SmtpError> {
        if event.fails { Err(SmtpError) } else { Ok("sent".into()) }
    }

    #[on_success]
    fn success(receipt: String) {
        FLOW.push(format!("success {receipt}"));
    }

    #[on_failure]
    async fn failure(error: &SmtpError) {
        FLOW.push(format!("failure {error}"));
    }
}

// C2 H10 H11
#[test]
fn a_flow_runs_the_callback_of_its_outcome() {
    emitter().emit(Requested { fails: false });
    assert_eq!(FLOW.take(), ["success sent"]);
    emitter().emit(Requested { fails: true });
    assert_eq!(FLOW.take(), ["failure smtp is down"]);
}

static STAND_ALONE: Recorder = Recorder::new();

#[on("declare.standalone")]
fn answer(n: u32, word: &str, maybe: Option<u8>, pool: State<String>) -> anyhow::Result<u32> {
    anyhow::ensure!(n < 10, "too big: {n}");
    STAND_ALONE.push(format!("{n} {word} {maybe:?} {}", *pool));
    Ok(n * 2)
}

#[on_success(answer)]
fn look(value: &u32) {
    STAND_ALONE.push(format!("look {value}"));
}

#[on_success(answer)]
async fn take(value: u32, context: Context) {
    STAND_ALONE.push(format!("take {value} {}", context.event_name()));
}

#[on_failure(answer)]
fn failed(error: &anyhow::Error, context: Context) {
    STAND_ALONE.push(format!("failed {error} {}", context.attempt()));
}

// H1 H10 H11
#[test]
fn callbacks_attach_from_anywhere() {
    let emitter = EventEmitter::builder(InlineBackend::new()).state(String::from("pool")).build();
    emitter.emit_with("declare.standalone", args!["word", n = 3]);
    assert_eq!(STAND_ALONE.take(), ["3 word None pool", "look 6", "take 6 declare.standalone"]);
    emitter.emit_with("declare.standalone", args![30, "word", 1]);
    assert_eq!(STAND_ALONE.take(), ["failed too big: 30 1"]);
}
