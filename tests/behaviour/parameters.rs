//! What the parameters of a handler receive.

use std::sync::Arc;

use pyventus::{BindError, Context, Event, EventEmitter, FromEmission, InlineBackend, State, args, on};
use serde::Deserialize;

use crate::{Recorder, emitter};

#[derive(Debug, Deserialize)]
struct Address {
    city: String,
}

static MIXED: Recorder = Recorder::new();

#[on("parameters.mixed")]
fn mixed(first: &str, count: u32, address: Address, #[cfg(any())] gone: Never, maybe: Option<&str>) {
    MIXED.push(format!("{first} {count} {} {maybe:?}", address.city));
}

// E2
#[test]
fn arguments_are_bound_by_name_and_then_by_position() {
    let address = serde_json::json!({ "city": "Lausanne" });
    emitter().emit_with("parameters.mixed", args!["a", 2, &address]);
    assert_eq!(MIXED.take(), ["a 2 Lausanne None"]);
    emitter().emit_with("parameters.mixed", args![address = &address, maybe = "m", first = "b", 3]);
    assert_eq!(MIXED.take(), ["b 3 Lausanne Some(\"m\")"]);
    // One that does not name them is not troubled by further arguments.
    emitter().emit_with("parameters.mixed", args!["c", 4, &address, "n", 5, other = 6]);
    assert_eq!(MIXED.take(), ["c 4 Lausanne Some(\"n\")"]);
}

#[derive(Event)]
struct Greeted {
    name: &'static str,
}

static GREETED: Recorder = Recorder::new();

#[on(Greeted)]
fn with_arguments(event: &Greeted, formal: bool, shared: Arc<Greeted>, times: u8) {
    assert!(std::ptr::eq(event, &raw const *shared));
    GREETED.push(format!("{} {formal} {times}", event.name));
}

// E7
#[test]
fn the_object_comes_first_and_the_arguments_of_the_emission_follow_it() {
    emitter().emit_with(Greeted { name: "Ada" }, args![true, 2]);
    assert_eq!(GREETED.take(), ["Ada true 2"]);
}

struct Tenant(String);

impl FromEmission for Tenant {
    fn from_emission(context: &Context) -> Result<Self, BindError> {
        match context.args().named("tenant").and_then(|tenant| tenant.as_str()) {
            Some(tenant) => Ok(Self(tenant.to_owned())),
            None => Err(BindError::new("an argument `tenant`", "none")),
        }
    }
}

static OWN: Recorder = Recorder::new();

#[on("parameters.own")]
async fn own_type(Tenant(tenant): Tenant, State(prefix): State<&'static str>, object: Option<Arc<Greeted>>) {
    OWN.push(format!("{prefix}{tenant} {}", object.is_none()));
}

#[on("parameters.own")]
fn beside() {
    OWN.push("beside");
}

#[test]
fn a_type_of_ones_own_and_state_are_bound_by_what_they_say() {
    let emitter = EventEmitter::builder(InlineBackend::new()).state("t-").build();
    emitter.emit_with("parameters.own", args![tenant = "ada"]);
    assert_eq!(OWN.take(), ["t-ada true", "beside"]);

    // H17: what cannot be bound fails its own handler and no other.
    let report = emitter.emit("parameters.own").wait().unwrap();
    assert_eq!((report.succeeded(), report.failed()), (1, 1));
    assert_eq!(OWN.take(), ["beside"]);
    let without_state = self::emitter().emit_with("parameters.own", args![tenant = "ada"]).wait().unwrap();
    let error = without_state.outcomes()[0].error().unwrap().to_string();
    assert!(error.contains("`&str`") && error.contains(".state(..)"), "{error}");
    OWN.take();
}

static WRONG: Recorder = Recorder::new();

#[on("parameters.wrong")]
fn wants_a_number(amount: u32) {
    WRONG.push(amount.to_string());
}

// H17
#[test]
fn an_argument_of_the_wrong_kind_is_an_error_that_names_what_was_wanted_and_found() {
    let message = |args| {
        let report = emitter().emit_with("parameters.wrong", args).wait().unwrap();
        let error = report.outcomes()[0].error().unwrap().to_string();
        assert!(report.outcomes()[0].error().unwrap().is::<BindError>());
        error
    };
    let error = message(args!["many"]);
    for part in ["`amount`", "wants_a_number", "parameters.rs:", "`u32`", "a text"] {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(message(args![]).contains("neither an argument of that name nor a further positional one"));
    assert!(message(args![-1]).contains("a number"));
    emitter().emit_with("parameters.wrong", args![amount = 7]);
    assert_eq!(WRONG.take(), ["7"]);
}

static REFUSED: Recorder = Recorder::new();

#[on("parameters.refused")]
fn never_called() {
    REFUSED.push("called");
}

#[test]
fn an_argument_that_serde_refuses_is_an_error_and_nothing_runs() {
    let unsendable = std::collections::BTreeMap::from([(vec![1], 1)]);
    let error = emitter().emit_with("parameters.refused", args![1, map = unsendable]).wait().unwrap_err();
    let message = error.to_string();
    assert!(message.contains("parameters.refused") && message.contains("argument `map`"), "{message}");
    assert!(REFUSED.take().is_empty());
}
