//! The command line of a program, as its user sees it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the command line of the example.
fn shop(args: &[&str]) -> Output {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "-p", "pyventus-cli", "--example", "shop"])
        .status()
        .unwrap();
    assert!(built.success());
    Command::new(folder().join("examples/shop")).args(args).env_remove("NO_COLOR").output().unwrap()
}

/// Where this profile is built: the test stands in `deps` of it.
fn folder() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&shop(args))).unwrap()
}

#[test]
fn events_are_listed_with_their_types_and_places() {
    let output = shop(&["events"]);
    assert!(output.status.success());
    let text = stdout(&output);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    for part in ["order.placed", "shop::OrderPlaced", "no", "examples/shop.rs:"] {
        assert!(lines[1].contains(part), "{part} in {text}");
    }
    assert_eq!(json(&["events", "--json"])[0]["name"], "order.placed");
}

#[test]
fn handlers_are_listed_for_an_event_or_a_linker() {
    let all = stdout(&shop(&["handlers"]));
    assert_eq!(all.lines().count(), 4, "{all}");
    assert!(all.contains("shop::note (once)"), "{all}");
    let of_order = json(&["handlers", "--event", "order.placed", "--json"]);
    let names: Vec<_> = of_order.as_array().unwrap().iter().map(|handler| &handler["handler"]).collect();
    assert_eq!(names, ["shop::ship", "shop::watch"]);
    let of_audit = json(&["handlers", "--linker", "audit", "--json"]);
    assert_eq!(of_audit[0]["linker"], "audit");
    let nobody = stdout(&shop(&["handlers", "--linker", "nobody"]));
    assert_eq!(nobody, "no handler is declared that fits\n");
}

#[test]
fn the_graph_is_drawn_and_compared() {
    assert!(stdout(&shop(&["graph"])).starts_with("flowchart LR"));
    assert!(stdout(&shop(&["graph", "--format", "dot"])).starts_with("digraph pyventus {"));
    assert!(stdout(&shop(&["graph", "--within", "shop"])).contains("shop::watch"));
    assert_eq!(stdout(&shop(&["graph", "--within", "another"])), "flowchart LR\n");
    let graph = stdout(&shop(&["graph", "--format", "json"]));

    let file = folder().join("shop-graph.json");
    let name = file.to_str().unwrap();
    std::fs::write(&file, &graph).unwrap();
    let same = shop(&["graph", "--since", name]);
    assert!(same.status.success() && same.stdout.is_empty());

    std::fs::write(&file, graph.replace("shop::watch", "shop::look")).unwrap();
    let changed = shop(&["graph", "--since", name]);
    assert_eq!(changed.status.code(), Some(1));
    let text = stdout(&changed);
    assert!(text.contains("- handler shop::look") && text.contains("+ handler shop::watch"), "{text}");

    std::fs::write(&file, "7").unwrap();
    let refused = shop(&["graph", "--since", name]);
    assert_eq!(refused.status.code(), Some(2));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("shop-graph.json") && error.contains("events is missing"), "{error}");
}

#[test]
fn mistakes_decide_the_exit_code() {
    let output = shop(&["verify"]);
    assert!(output.status.success());
    let text = stdout(&output);
    assert!(text.contains("order.plcaed") && text.contains("warnings"), "{text}");
    assert_eq!(shop(&["verify", "--deny", "warning"]).status.code(), Some(1));
    let findings = json(&["verify", "--json"]);
    assert!(
        findings.as_array().unwrap().iter().any(|finding| finding["severity"] == "warning"),
        "{findings}"
    );
}

#[test]
fn a_document_and_completions_are_printed() {
    let document = json(&["asyncapi", "--title", "Shop", "--api-version", "3.1.0"]);
    assert_eq!((&document["info"]["title"], &document["info"]["version"]), (&"Shop".into(), &"3.1.0".into()));
    for shell in ["bash", "zsh", "fish"] {
        assert!(stdout(&shop(&["completions", shell])).contains("verify"), "{shell}");
    }
}

#[test]
fn what_is_not_understood_is_an_error_of_its_own() {
    let output = shop(&["hanlders"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("handlers"), "{error}");
    assert!(shop(&["--help"]).status.success());
}

#[test]
fn nothing_is_coloured_where_nobody_sees_it() {
    for args in [&["events"][..], &["verify"], &["handlers"]] {
        assert!(!stdout(&shop(args)).contains('\u{1b}'), "{args:?}");
    }
}
