//! The AsyncAPI document of a program.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "events are described, not emitted")]

use pyventus::asyncapi::AsyncApi;
use pyventus::{Event, on};
use schemars::JsonSchema;
use serde_json::{Value, json};

/// An order was placed.
#[derive(Event, JsonSchema)]
struct OrderPlaced {
    id: u64,
    /// What was ordered.
    lines: Vec<Line>,
    note: Option<String>,
}

#[derive(JsonSchema)]
struct Line {
    article: String,
    /// A line may stand for others.
    parts: Vec<Line>,
}

#[derive(Event, JsonSchema)]
#[event(name = "customer/was seen")]
enum Seen {
    InPerson,
    OnVideo { minutes: u32 },
}

#[derive(Event)]
struct WithoutSchema;

mod old {
    #[derive(pyventus::Event, schemars::JsonSchema)]
    #[event(name = "two.of.a.name")]
    pub(crate) struct One {
        id: u8,
    }
}

#[derive(Event, JsonSchema)]
#[event(name = "two.of.a.name")]
struct Other {
    id: u16,
}

#[on(OrderPlaced, "order.cancelled")]
fn bill() {}

#[on(Seen)]
fn greet() {}

#[on(..)]
fn audit() {}

#[on(error(std::io::Error))]
fn apologise() {}

fn document() -> Value {
    AsyncApi::new("Orders", "1.2.0").description("What happens to an *order*.").to_json()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_document_is_valid_by_the_official_schema() {
    let schema: Value = serde_json::from_str(include_str!("asyncapi/schema-3.0.0.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = document();
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");

    // The schema does refuse.
    let mut wrong = document;
    wrong["operations"]["asyncapi.bill.OrderPlaced"]["action"] = "ignore".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn every_event_and_every_text_is_a_channel_of_its_name() {
    let document = document();
    assert_eq!(
        keys(&document["channels"]),
        ["OrderPlaced", "WithoutSchema", "customer_was_seen", "order.cancelled", "two.of.a.name"]
    );
    assert_eq!(document["channels"]["customer_was_seen"]["address"], "customer/was seen");
    assert_eq!(keys(&document["channels"]), keys(&document["components"]["messages"]));
}

#[test]
fn a_payload_is_the_schema_of_its_type_and_types_of_one_name_are_alternatives() {
    let document = document();
    let messages = &document["components"]["messages"];
    assert_eq!(messages["OrderPlaced"]["payload"], json!({ "$ref": "#/components/schemas/OrderPlaced" }));
    assert_eq!(messages["WithoutSchema"].get("payload"), None);
    assert_eq!(messages["two.of.a.name"]["payload"]["oneOf"].as_array().unwrap().len(), 2);
    let order = &document["components"]["schemas"]["OrderPlaced"];
    assert_eq!(order["description"], "An order was placed.");
    assert_eq!(keys(&order["properties"]), ["id", "lines", "note"]);
    let line = &document["components"]["schemas"]["Line"]["properties"];
    assert_eq!(line["parts"]["items"], json!({ "$ref": "#/components/schemas/Line" }));
}

#[test]
fn a_handler_is_an_operation_for_each_channel_it_receives_from() {
    let document = document();
    let operations = keys(&document["operations"]);
    let of = |handler: &str| operations.iter().filter(|key| key.contains(handler)).count();
    assert_eq!((of("bill"), of("greet"), of("audit"), of("apologise")), (2, 1, 5, 0));
    let bill = &document["operations"]["asyncapi.bill.order.cancelled"];
    assert_eq!(bill["action"], "receive");
    assert_eq!(bill["channel"]["$ref"], "#/channels/order.cancelled");
    assert!(bill["summary"].as_str().unwrap().starts_with("tests/asyncapi.rs:"), "{bill}");
}

#[test]
fn the_document_is_the_same_each_time() {
    assert_eq!(document(), document());
}
