//! How handlers end, and what runs then.

use std::io;

use pyventus::{EventLinker, HandlerPanic, on, on_failure, on_success};

use crate::{Recorder, emitter, emitter_of};

#[derive(Debug, thiserror::Error)]
#[error("smtp {0}")]
struct SmtpError(u16);

static TYPED: Recorder = Recorder::new();

#[on("outcomes.typed")]
fn fails(kind: &str) -> anyhow::Result<()> {
    match kind {
        "smtp" => Err(SmtpError(550).into()),
        "context" => Err(anyhow::Error::from(SmtpError(451)).context("sending")),
        "panic" => panic!("boom {}", 1),
        _ => Err(io::Error::other("disk").into()),
    }
}

#[on_failure(fails)]
fn smtp(error: &SmtpError) {
    TYPED.push(format!("smtp {}", error.0));
}

#[on_failure(fails)]
fn panicked(panic: &HandlerPanic) {
    TYPED.push(format!("panic {}", panic.message()));
}

#[on_failure(fails)]
async fn any(error: &anyhow::Error) {
    TYPED.push(format!("any {error}"));
}

// H11 H22
#[test]
fn a_typed_failure_callback_answers_its_type_only_also_behind_context_and_panics() {
    let seen = |kind: &str| {
        let report = emitter().emit_with("outcomes.typed", pyventus::args![kind]).wait().unwrap();
        assert_eq!(report.failed(), 1);
        TYPED.take()
    };
    assert_eq!(seen("smtp"), ["smtp 550", "any smtp 550"]);
    assert_eq!(seen("context"), ["smtp 451", "any sending"]);
    assert_eq!(seen("panic"), ["panic boom 1", "any the handler panicked: boom 1"]);
    assert_eq!(seen("other"), ["any disk"]);
}

type Hidden = Result<u8, io::Error>;

static HIDDEN: Recorder = Recorder::new();

#[on("outcomes.hidden")]
fn hidden(fails: bool) -> Hidden {
    if fails { Err(io::Error::other("hidden")) } else { Ok(8) }
}

#[on_success(hidden)]
fn hidden_success(value: u8) {
    HIDDEN.push(format!("success {value}"));
}

#[on_failure(hidden)]
fn hidden_failure(error: &io::Error) {
    HIDDEN.push(format!("failure {error}"));
}

#[test]
fn a_result_behind_an_alias_is_not_taken_for_a_success() {
    emitter().emit_with("outcomes.hidden", pyventus::args![true]);
    assert_eq!(HIDDEN.take(), ["failure hidden"]);
    emitter().emit_with("outcomes.hidden", pyventus::args![false]);
    assert_eq!(HIDDEN.take(), ["success 8"]);
}

static FALSY: Recorder = Recorder::new();

#[on("outcomes.falsy")]
fn nothing_much() -> Option<u8> {
    None
}

#[on_success(nothing_much)]
fn without_value() {
    FALSY.push("without");
}

#[on_success(nothing_much)]
fn with_value(value: Option<u8>) {
    FALSY.push(format!("{value:?}"));
}

#[on_success(nothing_much)]
fn with_reference(value: &Option<u8>) {
    FALSY.push(format!("&{value:?}"));
}

// H14
#[test]
fn the_value_is_always_passed_and_the_callback_that_takes_it_away_runs_last() {
    emitter().emit("outcomes.falsy");
    assert_eq!(FALSY.take(), ["without", "&None", "None"]);
}

// M11 M21 H22
#[test]
fn neither_errors_nor_panics_stop_other_handlers_or_reach_the_caller() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| -> () { panic!("first") }).unwrap();
    linker.subscribe("e").handler(|| async { Err::<(), _>(io::Error::other("second")) }).unwrap();
    linker.subscribe("e").handler(async || panic_soon().await).unwrap();
    linker.subscribe("e").handler(|| RAN.push("last")).unwrap();
    let report = emitter_of(&linker).emit("e").wait().unwrap();
    assert_eq!((report.succeeded(), report.failed()), (1, 3));
    assert_eq!(RAN.take(), ["last"]);
    let outcomes = report.outcomes();
    assert!(outcomes[0].error().unwrap().is::<HandlerPanic>());
    assert!(outcomes[1].error().unwrap().is::<io::Error>());
    assert!(outcomes[2].error().unwrap().is::<HandlerPanic>());
    assert!(outcomes[3].is_success() && outcomes[3].attempts() == 1);
    assert!(outcomes[3].handler().file().ends_with("outcomes.rs"));
}

async fn panic_soon() {
    tokio::task::yield_now().await;
    panic!("third");
}

// H16
#[test]
fn a_panic_in_a_callback_is_contained_and_the_next_callback_still_runs() {
    static RAN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .on_failure(|_: &anyhow::Error| -> () { panic!("in a callback") })
        .on_failure(|error: &io::Error| {
            let error = error.to_string();
            async move { RAN.push(error) }
        })
        .handler(|| Err::<(), _>(io::Error::other("disk")))
        .unwrap();
    assert_eq!(emitter_of(&linker).emit("e").wait().unwrap().failed(), 1);
    assert_eq!(RAN.take(), ["disk"]);
}

/// Panics when it is dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "a failing drop");
    }
}

impl pyventus::Event for Grenade {
    const NAME: &'static str = "outcomes.grenade";
}

#[test]
fn a_payload_whose_drop_panics_harms_nobody() {
    let linker = EventLinker::new();
    assert!(emitter_of(&linker).emit(Grenade).wait().unwrap().outcomes().is_empty());
    linker.subscribe(pyventus::key::<Grenade>()).handler(|_: &Grenade| ()).unwrap();
    assert_eq!(emitter_of(&linker).emit(Grenade).wait().unwrap().succeeded(), 1);
}
