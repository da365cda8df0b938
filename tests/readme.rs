//! What README.md says of the package agrees with the package.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

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
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            (cells[0].trim_matches('`').to_owned(), cells[1] == "yes")
        })
        .collect();
    assert_eq!(listed, declared);
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
