//! The graphs of the examples: what each declares, kept beside this file, so that a review sees what has
//! changed. `GRAPHS=overwrite cargo test --test examples graph` writes them anew. `GRAPHS_SINCE=FOLDER` has
//! the changes since those in that folder printed, and `GRAPHS_IN=FOLDER` has what Graphviz draws written
//! there: both are for `cargo xtask`.
#![expect(clippy::print_stdout, reason = "it prints what a review wants to see")]
#![expect(dead_code, reason = "the handlers of examples are looked at, no `main` of theirs is run")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use pyventus::{EventLinker, Topology};

use crate::root;

/// Includes examples as modules of this program, each of which has its own part in the graph.
macro_rules! examples {
    ($($name:ident $path:literal)*) => {
        $(
            #[path = $path]
            mod $name;
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

examples! {
    arguments "../../examples/arguments.rs"
    asyncapi "../../examples/asyncapi.rs"
    custom_backend "../../examples/custom_backend/main.rs"
    durable_orders "../../examples/durable_orders.rs"
    events "../../examples/events.rs"
    hello_world "../../examples/hello_world.rs"
    hello_world_async "../../examples/hello_world_async.rs"
    linkers "../../examples/linkers.rs"
    password_reset "../../examples/password_reset.rs"
    success_and_failure "../../examples/success_and_failure.rs"
    sync_and_async "../../examples/sync_and_async.rs"
    testing "../../examples/testing.rs"
    trace "../../examples/trace.rs"
    web_background "../../examples/web_background.rs"
    worker "../../examples/worker/main.rs"
}

#[test]
fn each_example_declares_what_its_graph_says() {
    let mut wrong = Vec::new();
    for name in NAMES {
        if let Err(reason) = check(name) {
            wrong.push(format!("{name}: {reason}"));
        }
    }
    let advice =
        "if that is meant, `GRAPHS=overwrite cargo test --test examples graph` writes the graphs anew";
    assert!(wrong.is_empty(), "{}\n{advice}", wrong.join("\n"));
}

#[test]
fn a_graph_is_drawn_of_each_example_that_declares_handlers() {
    let declares = |example: &crate::Example| {
        let source = fs::read_to_string(root().join(&example.file)).unwrap();
        source.lines().any(|line| line.trim_start().starts_with("#[on"))
    };
    let examples = crate::examples();
    let declaring: BTreeSet<_> = examples
        .iter()
        .filter(|example| declares(example))
        .filter_map(|example| example.command.strip_prefix("run --example "))
        .collect();
    assert_eq!(NAMES.iter().copied().collect::<BTreeSet<_>>(), declaring);

    let page = fs::read_to_string(root().join("docs/src/graphs.md")).unwrap();
    let shown: Vec<_> =
        page.split("](graphs/").skip(1).filter_map(|rest| rest.split(".svg)").next()).collect();
    assert_eq!(shown.iter().copied().collect::<BTreeSet<_>>(), declaring);
}

/// Compares the graph of an example with the one that was kept.
fn check(name: &str) -> Result<(), String> {
    let graph = graph(name);
    let folder = root().join("tests/examples/graphs");
    if env::var("GRAPHS").is_ok_and(|wish| wish == "overwrite") {
        fs::write(folder.join(format!("{name}.json")), format!("{:#}\n", graph.to_json())).unwrap();
    }
    if let Some(folder) = env::var_os("GRAPHS_IN") {
        fs::write(PathBuf::from(folder).join(format!("{name}.dot")), shown(&graph.to_dot())).unwrap();
    }
    if let Some(folder) = env::var_os("GRAPHS_SINCE")
        && let Err(changes) = compare(name, &graph, folder.as_ref())
    {
        let is_new = !Path::new(&folder).join(format!("{name}.json")).exists();
        println!("{name}: {}", if is_new { "it has no earlier graph".into() } else { shown(&changes) });
    }
    compare(name, &graph, &folder)
}

fn compare(name: &str, graph: &Topology, folder: &Path) -> Result<(), String> {
    let file = folder.join(format!("{name}.json"));
    let kept = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let kept = serde_json::from_str(&kept).map_err(|error| error.to_string())?;
    let changes = graph.changes_since(&kept).map_err(|error| error.to_string())?;
    if changes.is_empty() { Ok(()) } else { Err(format!("its graph has changed:\n{changes}")) }
}

fn graph(name: &str) -> Topology {
    EventLinker::topology().within(&format!("{}::{name}", module_path!()))
}

/// Names as they are in the program itself, and paths from the root.
fn shown(graph: &str) -> String {
    graph.replace(concat!(module_path!(), "::"), "").replace("tests/examples/../../", "")
}
