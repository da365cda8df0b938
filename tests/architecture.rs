//! What ARCHITECTURE.md says of the sources holds: the tables below are read from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const CORE: &str = "pyventus-core/src";
const CRATES: [&str; 8] = [
    CORE,
    "pyventus-macros/src",
    "pyventus-tokio/src",
    "pyventus-axum/src",
    "pyventus-cli/src",
    "pyventus-queue/src",
    "pyventus-redis/src",
    "pyventus-sqlite/src",
];

/// The most lines a source file may have, its unit tests not counted.
const MOST_LINES: usize = 400;

/// The imports of each module, in the order of the rows.
type Law = Vec<(String, BTreeSet<String>)>;

#[test]
fn each_module_of_core_imports_what_its_row_lists() {
    let wrong: Vec<_> = law()
        .into_iter()
        .map(|(module, listed)| (imports(CORE, &module), module, listed))
        .filter(|(imports, _, listed)| imports != listed)
        .map(|(imports, module, listed)| format!("`{module}` imports {imports:?}, its row lists {listed:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_modules_of_core_stand_in_the_order_of_the_rows() {
    let rows: Vec<_> = law().into_iter().map(|(module, _)| module).collect();
    assert_eq!(modules(CORE), rows);
}

#[test]
fn no_module_imports_itself_by_way_of_others() {
    for src in CRATES {
        let imports: BTreeMap<_, _> =
            modules(src).into_iter().map(|module| (module.clone(), imports(src, &module))).collect();
        let mut left: BTreeSet<_> = imports.keys().cloned().collect();
        // Whatever imports nothing that is left is not part of a cycle.
        while let Some(leaf) = left.iter().find(|module| imports[*module].is_disjoint(&left)).cloned() {
            left.remove(&leaf);
        }
        assert!(left.is_empty(), "{src}: among these modules is a cycle: {left:?}");
    }
}

#[test]
fn each_crate_depends_on_the_siblings_that_its_row_lists() {
    let crates = table("| crate |");
    assert!(!crates.is_empty());
    for (name, siblings) in crates {
        let folder = if name == "pyventus" { root().to_owned() } else { root().join(&name) };
        let manifest = read(&folder.join("Cargo.toml"));
        let mut dependencies = dependencies_on_siblings(&manifest);
        // A crate may choose its own features for its tests.
        dependencies.remove(&name);
        assert_eq!(dependencies, siblings, "the dependencies of `{name}`");
    }
}

#[test]
fn core_knows_no_runtime() {
    let manifest = read(&root().join("pyventus-core/Cargo.toml"));
    for runtime in ["tokio", "async-std", "smol"] {
        assert!(!manifest.contains(&format!("\n{runtime}")), "pyventus-core depends on {runtime}");
    }
}

#[test]
fn the_facade_only_re_exports() {
    let facade = syn::parse_file(&read(&root().join("src/lib.rs"))).expect("the facade is Rust");
    assert!(!facade.items.is_empty());
    for item in &facade.items {
        let re_export =
            matches!(item, syn::Item::Use(item) if matches!(item.vis, syn::Visibility::Public(_)));
        assert!(re_export, "the facade holds something else than `pub use`");
    }
}

#[test]
fn no_source_file_is_too_long() {
    let folders = CRATES.into_iter().chain(["src"]);
    let sources: Vec<_> = folders.flat_map(|folder| rust_files(&root().join(folder))).collect();
    assert!(sources.len() > 40, "too few sources were found: {}", sources.len());
    for file in sources.iter().filter(|file| !is_tests(file)) {
        let lines = without_tests(&read(file)).lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines, more than {MOST_LINES}", file.display());
    }
}

#[test]
fn every_source_file_is_on_the_map() {
    let map = architecture();
    for src in CRATES {
        for file in rust_files(&root().join(src)).iter().filter(|file| !is_tests(file)) {
            let file = file.strip_prefix(root().join(src)).expect("the file is below the folder");
            let file = file.to_str().expect("a path is a text").replace('\\', "/");
            // A module of core has a row; other files are named in full.
            let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
            let on_the_map = map.contains(&format!("| `{module}` |")) || map.contains(&format!("`{file}`"));
            assert!(on_the_map, "ARCHITECTURE.md does not say what {src}/{file} is");
        }
    }
}

#[test]
fn every_test_that_the_invariants_name_exists() {
    let rows = table("| invariant |");
    assert!(!rows.is_empty());
    for (invariant, named) in rows {
        let (paths, tests): (Vec<_>, Vec<_>) = named.into_iter().partition(|name| name.contains('/'));
        assert!(!paths.is_empty() && !tests.is_empty(), "nothing holds the invariant: {invariant}");
        let sources: String = paths.iter().map(|path| read(&root().join(path))).collect();
        for test in tests {
            // A law is a test of whichever fixture it is given.
            let is_there = ["(", "<"].iter().any(|next| sources.contains(&format!("fn {test}{next}")));
            assert!(is_there, "{paths:?} hold no test `{test}`");
        }
    }
}

#[test]
fn the_architecture_fits_in_two_hundred_lines() {
    assert!(architecture().lines().count() <= 200);
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn architecture() -> String {
    read(&root().join("ARCHITECTURE.md"))
}

/// The rows of the table with that head: what stands first, and the names in backticks in the last
/// column.
fn table(head: &str) -> Law {
    let text = architecture();
    let rows = text.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            let (first, last) = (cells[0], cells[cells.len() - 1]);
            let names = last.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            (first.trim_matches('`').to_owned(), names)
        })
        .collect()
}

fn law() -> Law {
    let law = table("| module |");
    assert!(law.len() > 20, "the table of modules was not found");
    law
}

/// The modules of a crate in the order of its `lib.rs`, each by the name of its file.
fn modules(src: &str) -> Vec<String> {
    let lib = syn::parse_file(&read(&root().join(src).join("lib.rs"))).expect("the library is Rust");
    let modules = lib.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) => Some(module.ident.to_string().trim_start_matches('_').to_owned()),
        _ => None,
    });
    modules.collect()
}

/// The modules of its crate that a module imports; a folder is one module.
///
/// The laws of backends are written as a user would write them: over the public names of the crate.
fn imports(src: &str, module: &str) -> BTreeSet<String> {
    if module == "conformance" {
        return BTreeSet::new();
    }
    let folder = root().join(src).join(module);
    let files = if folder.is_dir() { rust_files(&folder) } else { vec![folder.with_extension("rs")] };
    let known = modules(src);
    let mut imports = BTreeSet::new();
    for file in files.iter().filter(|file| !is_tests(file)) {
        let text = without_tests(&read(file));
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            // What stands in a message is no import.
            let line = line.split('"').step_by(2).collect::<String>();
            let parts: Vec<_> = line.split("crate::").collect();
            for pair in parts.windows(2).filter(|pair| !pair[0].ends_with('$')) {
                let end = pair[1].find(|c: char| c != '_' && !c.is_alphanumeric());
                let name = &pair[1][..end.unwrap_or(pair[1].len())];
                let file = file.display();
                assert!(
                    known.iter().any(|known| known == name),
                    "{file}: name the module that defines it: {line}"
                );
                imports.insert(name.to_owned());
            }
        }
    }
    imports.remove(module);
    imports
}

/// Whether a file holds unit tests and nothing else.
fn is_tests(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem == "tests")
}

/// Every source file below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The file up to its unit tests, which stand last.
fn without_tests(text: &str) -> String {
    text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

/// The crates of this workspace that a manifest depends on, in the program and in its tests.
fn dependencies_on_siblings(manifest: &str) -> BTreeSet<String> {
    let mut section = "";
    let mut siblings = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        } else if line.starts_with("pyventus")
            && section.ends_with("dependencies")
            && !section.starts_with("workspace")
        {
            let end = line.find(['.', ' ', '=']).unwrap_or(line.len());
            siblings.insert(line[..end].to_owned());
        }
    }
    siblings
}
