//! What a program is told about its declarations. A process of its own: the findings and the graph
//! are those of the whole program.

use pyventus::{Event, EventLinker, Finding, Severity, on, on_failure, on_success, once};

#[derive(Event)]
struct OrderPlaced {
    id: u64,
}

#[derive(Event)]
#[event(name = "user.created")]
struct UserCreated;

#[derive(Event)]
struct NobodyAnswers;

mod other {
    #[derive(pyventus::Event)]
    pub(crate) struct OrderPlaced;
}

#[on(OrderPlaced)]
fn ship(order: &OrderPlaced) -> u64 {
    order.id
}

#[on_success(ship)]
fn takes(id: u64) {
    drop(id.to_string());
}

#[on_success(ship)]
fn takes_too(id: u64) {
    drop(id.to_string());
}

#[on_failure(ship)]
fn failed(_: &anyhow::Error) {}

#[on("OrderPlacd")]
fn misspelt() {}

#[on("a text of its own")]
fn plain() {}

#[on("user.created")]
fn wrong_object(order: &OrderPlaced) {
    drop(order.id.to_string());
}

#[on("user.created", "OrderPlaced")]
fn right_object(order: &OrderPlaced) {
    drop(order.id.to_string());
}

#[on("cycle", before(second))]
fn first() {}

#[on("cycle", before(third))]
fn second() {}

#[on("cycle", before(first))]
fn third() {}

static FULL: EventLinker = EventLinker::namespace("full").max_handlers(1);

#[once("full", linker = FULL)]
mod fits {
    #[on_event]
    pub(crate) fn handle() {}

    #[on_failure]
    fn failed() {}
}

#[on("full", error(std::io::Error), linker = FULL)]
fn left_out() {}

fn findings(of: impl Fn(&Finding) -> bool) -> Vec<String> {
    let place = format!("{}:", file!());
    EventLinker::verify()
        .into_iter()
        .filter(of)
        .map(|finding| finding.to_string())
        .inspect(|line| assert!(line.contains(&place), "{line}"))
        .collect()
}

#[test]
fn a_misspelt_text_is_told_with_the_name_that_was_meant_and_a_text_of_its_own_is_noted() {
    let texts = findings(|finding| matches!(finding, Finding::UndeclaredText { .. }));
    let of = |handler: &str| texts.iter().find(|line| line.contains(handler)).cloned().unwrap_or_default();
    assert!(of("verify::misspelt").ends_with("did you mean \"OrderPlaced\"?"), "{texts:?}");
    assert!(of("verify::plain").ends_with("which no declared event bears"), "{texts:?}");
    assert!(of("verify::right_object").is_empty());
}

#[test]
fn an_object_that_no_text_of_the_handler_brings_is_an_error() {
    let lines = findings(|finding| matches!(finding, Finding::NeverReceives { .. }));
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in ["verify::wrong_object", "&verify::OrderPlaced", "user.created"] {
        assert!(lines[0].contains(part), "{lines:?}");
    }
}

#[test]
fn types_of_one_name_a_cycle_a_full_key_and_a_value_taken_twice_are_told() {
    let one = |of: fn(&Finding) -> bool, parts: &[&str]| {
        let lines = findings(of);
        assert_eq!(lines.len(), 1, "{lines:?}");
        for part in parts {
            assert!(lines[0].contains(part), "{part} in {lines:?}");
        }
    };
    one(
        |finding| matches!(finding, Finding::SharedName { .. }),
        &["verify::OrderPlaced (", "verify::other::OrderPlaced ("],
    );
    one(
        |finding| matches!(finding, Finding::Cycle { .. }),
        &["verify::first (", "verify::second (", "verify::third ("],
    );
    one(
        |finding| matches!(finding, Finding::LeftOut { .. }),
        &["verify::left_out (", "\"full\" has reached the limit of 1 handlers in the linker `full`"],
    );
    one(
        |finding| matches!(finding, Finding::ValueTakenTwice { .. }),
        &["verify::takes (", "verify::takes_too ("],
    );
}

#[test]
fn events_that_nobody_answers_are_noted() {
    let lines = findings(|finding| matches!(finding, Finding::Unanswered { .. }));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("\"NobodyAnswers\""), "{lines:?}");
}

#[test]
fn the_worst_comes_first() {
    let severities: Vec<_> = EventLinker::verify().iter().map(Finding::severity).collect();
    assert!(severities.is_sorted_by(|a, b| a >= b), "{severities:?}");
    assert_eq!((severities[0], severities[severities.len() - 1]), (Severity::Error, Severity::Note));
}

#[test]
fn the_graph_shows_linkers_events_handlers_and_callbacks() {
    let topology = EventLinker::topology();
    let mermaid = topology.to_mermaid();
    for line in [
        "subgraph l0[\"full\"]",
        "l0e0([\"#quot;full#quot;\"])",
        "l0h0[\"verify::fits::handle\"]",
        "l0e0 -- once --> l0h0",
        "l0h0 -. failure .-> l0h0c0",
        "l0e1([\"error(Error)\"])",
        "[\"verify::takes_too\"]",
    ] {
        assert!(mermaid.contains(line), "{line} in\n{mermaid}");
    }
    let dot = topology.to_dot();
    for line in [
        "digraph pyventus {",
        "label=\"\\\"full\\\"\"",
        "l0e0 -> l0h0 [label=once];",
        "label=\"verify::fits::handle\", tooltip=\"tests/verify.rs:",
        "[style=dashed, label=success]",
    ] {
        assert!(dot.contains(line), "{line} in\n{dot}");
    }
    let json = topology.to_json();
    let full = &json["linkers"][0];
    assert_eq!(full["linker"], "full");
    assert_eq!(full["handlers"][0]["once"], true);
    assert_eq!(full["handlers"][0]["events"][0]["name"], "full");
    assert_eq!(full["handlers"][0]["callbacks"][0]["outcome"], "failure");
    assert_eq!(full["handlers"][0]["file"], file!());
}

mod stored {
    #[derive(serde::Serialize, serde::Deserialize, pyventus::Event)]
    pub(crate) struct Stored;

    #[pyventus::on(Stored, "stored as text")]
    fn store() {}

    pub(crate) mod below {
        #[pyventus::on(super::Stored)]
        fn archive() {}
    }
}

#[test]
fn a_part_of_the_graph_is_what_stands_in_one_module() {
    let handlers = |module: &str| {
        let part = EventLinker::topology().within(module).to_json();
        let linkers = part["linkers"].as_array().expect("linkers are a list").clone();
        let handlers = linkers.iter().flat_map(|linker| linker["handlers"].as_array().expect("a list"));
        handlers.map(|handler| handler["handler"].as_str().expect("a path").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(handlers("verify::stored"), ["verify::stored::store", "verify::stored::below::archive"]);
    assert_eq!(handlers("verify::stored::below"), ["verify::stored::below::archive"]);
    assert_eq!(handlers("verify::store"), [""; 0]);

    let whole = EventLinker::topology();
    assert_eq!(whole.clone().within("verify"), whole);
    let below = whole.within("verify::stored::below").to_json();
    assert_eq!(below["events"][0]["type"], "verify::stored::Stored");
    assert_eq!(below["linkers"][0]["handlers"][0]["events"][0]["name"], "Stored");
}

#[test]
fn an_event_that_can_leave_the_program_is_drawn_with_a_double_line() {
    let part = EventLinker::topology().within("verify::stored");
    let (dot, mermaid) = (part.to_dot(), part.to_mermaid());
    for line in ["label=\"Stored\", peripheries=2];", "label=\"\\\"stored as text\\\"\"];"] {
        assert!(dot.contains(line), "{line} in\n{dot}");
    }
    for line in ["[[\"Stored\"]]", "([\"#quot;stored as text#quot;\"])"] {
        assert!(mermaid.contains(line), "{line} in\n{mermaid}");
    }
}

#[test]
fn a_graph_says_what_changed_since_an_earlier_one() {
    let topology = EventLinker::topology();
    let now = topology.to_json();
    assert!(topology.changes_since(&now).expect("it is a graph").is_empty());

    let mut earlier = now.clone();
    earlier["events"].as_array_mut().expect("events are a list").clear();
    let handler = &mut earlier["linkers"][0]["handlers"][0];
    handler["line"] = 1.into();
    handler["events"][0]["name"] = "another".into();
    let changes = topology.changes_since(&earlier).expect("it is a graph");
    assert_eq!(changes.added().len(), now["events"].as_array().expect("events are a list").len() + 1);
    assert_eq!(changes.removed(), ["verify::fits::handle answers the text \"another\""]);
    assert!(changes.to_string().starts_with("- verify::fits::handle answers"), "{changes}");

    for wrong in [serde_json::json!(7), serde_json::json!({ "events": [] })] {
        let error = topology.changes_since(&wrong).expect_err("it is no graph");
        assert!(error.to_string().contains("is missing"), "{error}");
    }
}
