//! What README.md says of the package agrees with the package.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use pyventus::axum::BackgroundTasks;
use pyventus::{
    Backend, Capability, EventEmission, InlineBackend, SubmitError, ThreadPoolBackend, TokioBackend,
};

#[test]
fn the_first_program_starts_by_line_fifteen() {
    let fence = readme().lines().position(|line| line.starts_with("```rust"));
    assert!(fence.expect("there is a program") < 15);
}

#[test]
fn the_readme_fits_in_a_hundred_and_fifty_lines() {
    assert!(readme().lines().count() <= 150);
}

#[test]
fn the_oldest_rust_is_that_of_the_manifest() {
    let version = value(&manifest(), "rust-version");
    let stated = readme().matches(&format!("Rust {version} ")).count();
    assert_eq!(stated, 1, "the README states Rust {version} once");
}

#[test]
fn the_licence_is_that_of_the_manifest() {
    assert!(readme().contains(&format!("[{}](./LICENSE)", value(&manifest(), "license"))));
}

// U13
#[test]
fn every_example_is_mentioned_and_every_one_mentioned_exists() {
    let readme = readme();
    let folder = root().join("examples");
    for entry in fs::read_dir(&folder).expect("there are examples") {
        let name =
            entry.expect("the folder is readable").file_name().into_string().expect("a name is a text");
        assert!(readme.contains(&format!("(examples/{name})")), "the README does not mention {name}");
    }
    for mentioned in readme.split("(examples/").skip(1) {
        let name = mentioned.split(')').next().unwrap_or_default();
        assert!(folder.join(name).exists(), "there is no example {name}");
    }
}

#[test]
fn the_features_are_those_of_the_manifest() {
    let manifest = manifest();
    let section = manifest.split("\n[features]\n").nth(1).expect("there are features");
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    let mut features: BTreeMap<_, _> =
        lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = ")).collect();
    let default = features.remove("default").expect("there are default features");
    let declared: BTreeSet<_> = features
        .into_keys()
        .map(|name| (name.to_owned(), default.contains(&format!("\"{name}\""))))
        .collect();

    let readme = readme();
    let rows = readme.lines().skip_while(|line| !line.starts_with("| feature |")).skip(2);
    let listed: BTreeSet<_> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|row| {
            let cells = cells(row);
            (cells[0].trim_matches('`').to_owned(), cells[1] == "yes")
        })
        .collect();
    assert_eq!(listed, declared);
}

/// A backend that says nothing of itself.
struct Own;

impl Backend for Own {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        drop(emission);
        Ok(())
    }
}

/// What tells backends that run handlers themselves apart.
const COLUMNS: [Capability; 4] =
    [Capability::Ordered, Capability::Isolated, Capability::AwaitsNested, Capability::Offloads];

#[test]
fn the_table_of_backends_says_what_they_promise() {
    let pool = |threads| ThreadPoolBackend::new(threads).expect("the system gives the threads");
    let limited = TokioBackend::new().max_concurrency(8).expect("it is not zero");
    let backends: [(&str, &dyn Backend); 8] = [
        ("`InlineBackend`", &InlineBackend::new()),
        ("`TokioBackend`", &TokioBackend::new()),
        ("`TokioBackend` with `ordered()`", &TokioBackend::new().ordered()),
        ("`TokioBackend` with `max_concurrency(n)`", &limited),
        ("`ThreadPoolBackend` of one thread", &pool(1)),
        ("`ThreadPoolBackend` of several", &pool(4)),
        ("`BackgroundTasks` of `pyventus::axum`", &BackgroundTasks::new().0),
        ("your own", &Own),
    ];
    let made: Vec<_> = backends
        .iter()
        .map(|(name, backend)| {
            let has = |capability| backend.capabilities().has(capability);
            assert!(!has(Capability::Elsewhere), "{name} runs handlers itself");
            let yes_or_no = |capability| if has(capability) { "yes" } else { "no" };
            (*name, COLUMNS.map(|capability| yes_or_no(capability).to_owned()).to_vec())
        })
        .collect();

    let readme = readme();
    let mut rows = readme.lines().skip_while(|line| !line.starts_with("| backend |")).map(cells);
    let head = rows.next().expect("there is a table of backends");
    assert_eq!(head[2..], COLUMNS.map(|capability| capability.to_string()));
    let rows: Vec<_> = rows.skip(1).take_while(|cells| cells.len() > 1).collect();
    let listed: Vec<_> = rows.iter().map(|cells| (&*cells[0], cells[2..].to_vec())).collect();
    assert_eq!(listed, made);
}

/// The cells of a row of a table.
fn cells(row: &str) -> Vec<String> {
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("there is a README")
}

fn manifest() -> String {
    fs::read_to_string(root().join("Cargo.toml")).expect("there is a manifest")
}

/// The text that the manifest gives a name, where it first does.
fn value(manifest: &str, name: &str) -> String {
    let line = manifest.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
    line.expect("the manifest holds the name").trim_matches('"').to_owned()
}
