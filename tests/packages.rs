//! What a registry, and who reads it, is told about each package that is published.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The categories of crates.io that are used here.
const CATEGORIES: [&str; 2] = ["asynchronous", "concurrency"];

#[test]
fn every_package_says_what_it_is_and_under_which_licence() {
    for package in published() {
        let name = package["name"].as_str().unwrap();
        for field in ["description", "license", "repository", "readme", "rust_version"] {
            assert!(package[field].as_str().is_some_and(|text| !text.is_empty()), "{name}: {field}");
        }
        assert!(!package["description"].as_str().unwrap().ends_with('.'), "{name}: a title has no full stop");
        let keywords = texts(&package["keywords"]);
        assert!((1..=5).contains(&keywords.len()), "{name}: crates.io takes five keywords: {keywords:?}");
        assert!(keywords.iter().all(|keyword| keyword.len() <= 20), "{name}: {keywords:?}");
        assert_eq!(texts(&package["categories"]), CATEGORIES, "{name}");
    }
}

#[test]
fn every_package_brings_its_licence_and_its_readme() {
    let licence = read(&root().join("LICENSE"));
    for package in published() {
        let name = package["name"].as_str().unwrap();
        assert_eq!(read(&folder(&package).join("LICENSE")), licence, "{name}");
        let readme = read(&folder(&package).join(package["readme"].as_str().unwrap()));
        assert!(readme.starts_with(&format!("# {name}\n")), "{name}: {readme}");
        assert!(readme.contains("[MIT](./LICENSE)"), "{name}: {readme}");
    }
}

#[test]
fn the_documentation_of_every_package_shows_what_is_behind_a_feature() {
    for package in published() {
        let name = package["name"].as_str().unwrap();
        let docs = &package["metadata"]["docs"]["rs"];
        assert_eq!(docs["all-features"], true, "{name}");
        assert_eq!(texts(&docs["rustdoc-args"]), ["--cfg", "docsrs"], "{name}");
        let source = read(&folder(&package).join("src/lib.rs"));
        let is_marked = source.contains("#![cfg_attr(docsrs, feature(doc_cfg))]");
        let has_features = !package["features"].as_object().unwrap().is_empty();
        assert_eq!(is_marked, has_features, "{name}");
    }
}

#[test]
fn packages_depend_on_one_another_in_one_version_and_on_none_in_a_circle() {
    for package in published() {
        let name = package["name"].as_str().unwrap();
        let version = format!("={}", package["version"].as_str().unwrap());
        for dependency in package["dependencies"].as_array().unwrap() {
            let sibling = dependency["name"].as_str().unwrap();
            if !sibling.starts_with("pyventus") {
                continue;
            }
            // Without a version, a dependency of tests is left out of what is published.
            let is_left_out = dependency["kind"] == "dev" && dependency["req"] == "*";
            assert!(
                is_left_out || dependency["req"] == *version,
                "{name} depends on {sibling}: {dependency}"
            );
            let is_circle = sibling == name || sibling == "pyventus";
            assert!(is_left_out || !is_circle, "{name} could not be published before {sibling}");
        }
    }
}

#[test]
fn the_oldest_rust_is_stated_once_and_every_other_mention_agrees() {
    let stated = published().remove(0)["rust_version"].as_str().unwrap().to_owned();
    for package in published() {
        assert_eq!(package["rust_version"], *stated, "{}", package["name"]);
    }
    let mut mentions = 0;
    for file in documents() {
        let text = read(&file);
        for after in text.split("Rust 1.").skip(1) {
            let minor: String = after.chars().take_while(char::is_ascii_digit).collect();
            assert_eq!(format!("1.{minor}"), stated, "{}", file.display());
            mentions += 1;
        }
    }
    assert!(mentions > 0, "the README states it");
    for manifest in ["pyventus-core/Cargo.toml", "xtask/Cargo.toml", "docs/book.toml", "clippy.toml"] {
        assert!(!read(&root().join(manifest)).contains(&stated), "{manifest} states it once more");
    }
}

/// What people read: the texts at the top, the pages of the book, and what GitHub shows.
fn documents() -> Vec<PathBuf> {
    let folders = [".", "docs", "docs/src", ".github", ".github/workflows", ".github/ISSUE_TEMPLATE"];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let files = entries.map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|ending| ending == "md" || ending == "yml")).collect()
}

/// What cargo knows of the packages that are published.
fn published() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .output()
        .unwrap();
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let Value::Array(mut packages) = metadata["packages"].take() else { panic!("packages are a list") };
    packages.retain(|package| package["publish"].is_null());
    assert!(packages.len() >= 9, "too few packages were found: {}", packages.len());
    packages
}

fn folder(package: &Value) -> PathBuf {
    Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
