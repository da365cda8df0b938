//! The table of promises says what is true: each promise has a row, each row what holds it, and each
//! test that a row names exists.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How many promises each part of the list has.
const PARTS: [(&str, usize); 18] = [
    ("E", 38),
    ("L", 45),
    ("C", 17),
    ("H", 32),
    ("M", 30),
    ("N", 12),
    ("A", 14),
    ("P", 8),
    ("S", 28),
    ("X", 15),
    ("Q", 11),
    ("K", 21),
    ("F", 9),
    ("G", 21),
    ("V", 52),
    ("Z", 12),
    ("D", 23),
    ("W", 8),
];

/// Where test binaries are, each a file or a folder.
const TESTS: [&str; 7] = [
    "tests",
    "pyventus-core/tests",
    "pyventus-tokio/tests",
    "pyventus-axum/tests",
    "pyventus-queue/tests",
    "pyventus-sqlite/tests",
    "pyventus-redis/tests",
];

/// What lists the laws of backends, and those of brokers and workers.
const LAWS: [&str; 2] = ["pyventus-core/src/conformance/mod.rs", "pyventus-queue/src/conformance/mod.rs"];

/// A row of the table.
struct Row {
    id: String,
    what: String,
    held_by: String,
}

#[test]
fn every_promise_has_one_row_and_they_stand_in_order() {
    let expected: Vec<_> =
        PARTS.iter().flat_map(|(part, count)| (1..=*count).map(move |n| format!("{part}{n}"))).collect();
    let ids: Vec<_> = rows().into_iter().map(|row| row.id).collect();
    assert_eq!(ids, expected);
}

#[test]
fn every_row_says_what_is_promised_and_what_holds_it() {
    for Row { id, what, held_by } in rows() {
        assert!(!what.is_empty(), "{id} does not say what it is");
        if let Err(problem) = holds(&held_by) {
            panic!("{id} is not held: {problem}: {held_by:?}");
        }
    }
}

#[test]
fn every_test_that_a_row_names_exists() {
    let mut sources = BTreeMap::new();
    for Row { id, held_by, .. } in rows() {
        for test in tests(&held_by) {
            if let Err(problem) = find(test, &mut sources) {
                panic!("{id} names `{test}`: {problem}");
            }
        }
    }
}

#[test]
fn every_guarantee_names_tests_that_exist() {
    let text = fs::read_to_string(root().join("docs/guarantees.md")).expect("the page is there");
    let (mut sources, mut rows) = (BTreeMap::new(), 0);
    for row in text.lines().filter(|line| line.starts_with("| ") && !line.ends_with("| Held by |")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').collect();
        let held_by = cells[cells.len() - 1].trim();
        let only_tests = held_by.split('`').step_by(2).all(|between| ["", ", "].contains(&between));
        assert!(only_tests && tests(held_by).next().is_some(), "no test holds{}", cells[0]);
        for test in tests(held_by) {
            if let Err(problem) = find(test, &mut sources) {
                panic!("{}names `{test}`: {problem}", cells[0]);
            }
        }
        rows += 1;
    }
    assert!(rows > 30, "the page lost its tables: {rows} rows");
}

#[test]
fn a_row_that_is_not_held_is_told_from_one_that_is() {
    for held in [
        "`model::a_test`",
        "*by type*: `u8` has no sign",
        "*deviation*: the other way is a trap. `behaviour::a::test`",
        "*later*: the reactive part",
    ] {
        assert_eq!(holds(held), Ok(()), "{held}");
    }
    for not_held in [
        "",
        "yes",
        "*by type*: it is so",
        "*deviation*: different",
        "*deviation*: `model::test`",
        "*later*:",
        "`u8`",
    ] {
        assert!(holds(not_held).is_err(), "{not_held}");
    }
}

#[test]
fn a_test_that_does_not_exist_is_told_from_one_that_does() {
    let mut sources = BTreeMap::new();
    for exists in [
        "parity::a_test_that_does_not_exist_is_told_from_one_that_does",
        "thread_pool::running::a_pool_of_no_threads_is_an_error",
        "doctest: pyventus-core/src/event.rs: Event",
        "law: a_cascade_ends",
        "law: no_event_escapes_the_counts",
        "law: every_group_handles_every_event",
    ] {
        assert_eq!(find(exists, &mut sources), Ok(()), "{exists}");
    }
    for missing in [
        // A function, and no test.
        "parity::rows",
        "parity::no_such_test",
        "behaviour::nowhere::no_such_test",
        "ui: on/fail/no_such_file.rs",
        "doctest: pyventus-core/src/event.rs: short_type_name",
        "law: no_such_law",
        // A function of the laws, and none of them.
        "law: stress",
    ] {
        assert!(find(missing, &mut sources).is_err(), "{missing}");
    }
}

/// Whether something holds a promise: tests, a type, or a reason why it does not hold.
fn holds(held_by: &str) -> Result<(), &'static str> {
    let claim = |name: &str| held_by.strip_prefix(&format!("*{name}*:"));
    // What is said beside the names of tests.
    let said = |text: &str| text.split('`').step_by(2).flat_map(str::split_whitespace).count();
    if claim("by type").is_some() {
        let names_a_type = held_by.split('`').skip(1).step_by(2).any(|name| !is_test(name));
        if !names_a_type && said(held_by) < 6 {
            return Err("the type, or what is impossible, is not said");
        }
    } else if let Some(reason) = claim("deviation") {
        if said(reason) < 5 {
            return Err("the reason is not said");
        }
    } else if let Some(part) = claim("later") {
        if said(part) < 2 {
            return Err("the part is not said");
        }
    } else if tests(held_by).next().is_none() || said(held_by) > tests(held_by).count() {
        return Err("it is neither a list of tests, nor a type, a deviation or a later part");
    }
    Ok(())
}

/// The tests that a row names.
fn tests(held_by: &str) -> impl Iterator<Item = &str> {
    held_by.split('`').skip(1).step_by(2).filter(|name| is_test(name))
}

fn is_test(name: &str) -> bool {
    let starts_low = name.starts_with(|c: char| c.is_ascii_lowercase());
    name.contains(": ") || (starts_low && name.contains("::") && !name.contains('('))
}

/// Finds a test by its name; the text of each file is read once.
fn find(test: &str, sources: &mut BTreeMap<String, String>) -> Result<(), String> {
    if let Some(program) = test.strip_prefix("ui: ") {
        let program = root().join("tests/ui").join(program);
        return if program.is_file() { Ok(()) } else { Err("there is no such program".into()) };
    }
    if let Some(example) = test.strip_prefix("doctest: ") {
        let (file, item) = example.split_once(": ").ok_or("it names no item")?;
        let source = read(file, sources).ok_or_else(|| format!("there is no {file}"))?;
        return if has_example(source, item) { Ok(()) } else { Err("the item has no example".into()) };
    }
    if let Some(law) = test.strip_prefix("law: ") {
        let is_there = |list| read(list, sources).is_some_and(|laws| has_law(laws, law));
        return if LAWS.into_iter().any(is_there) { Ok(()) } else { Err("there is no such law".into()) };
    }
    let (path, name) = test.rsplit_once("::").ok_or("it has no module")?;
    let files = match path.split_once("::") {
        Some((binary, module)) => TESTS.map(|folder| format!("{folder}/{binary}/{module}.rs")),
        None => TESTS.map(|folder| format!("{folder}/{path}.rs")),
    };
    let found: Vec<_> = files.iter().filter(|file| read(file, sources).is_some()).collect();
    if found.is_empty() {
        return Err(format!("there is none of {files:?}"));
    }
    let is_there = found.iter().any(|file| has_test(&sources[*file], name));
    if is_there { Ok(()) } else { Err(format!("none of {found:?} has such a test")) }
}

fn read<'a>(file: &str, sources: &'a mut BTreeMap<String, String>) -> Option<&'a String> {
    if !sources.contains_key(file) {
        sources.insert(file.to_owned(), fs::read_to_string(root().join(file)).ok()?);
    }
    sources.get(file)
}

/// Whether a function of that name has the attribute that makes it a test, and is not ignored.
fn has_test(source: &str, name: &str) -> bool {
    let Some(place) = source.find(&format!("fn {name}(")) else { return false };
    let attributes: Vec<_> = source[..place]
        .lines()
        .rev()
        .skip_while(|line| !line.starts_with('#'))
        .take_while(|line| line.starts_with('#'))
        .collect();
    let near = source[..place].trim_end_matches("async ").ends_with("]\n");
    let is_test = |line: &&str| ["#[test]", "#[tokio::test]"].contains(line);
    near && attributes.iter().any(is_test) && !attributes.iter().any(|line| line.starts_with("#[ignore"))
}

/// Whether each backend, or each broker, has a test of that law.
fn has_law(source: &str, law: &str) -> bool {
    let lists = source.split("_laws!(@each $open;").skip(1).filter_map(|laws| laws.split_once(");"));
    lists.into_iter().any(|(laws, _)| laws.split_whitespace().any(|listed| listed == law))
}

/// Whether the documentation of an item holds a code block.
fn has_example(source: &str, item: &str) -> bool {
    let declares = |line: &str| {
        let names = ["struct", "enum", "trait", "fn"].map(|kind| format!("pub {kind} {item}"));
        names.iter().any(|name| {
            line.strip_prefix(name.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    };
    let lines: Vec<_> = source.lines().map(str::trim_start).collect();
    let Some(place) = lines.iter().position(|line| declares(line)) else { return false };
    let above = lines[..place].iter().rev().take_while(|line| !line.is_empty() && !line.starts_with('}'));
    above.into_iter().any(|line| line.starts_with("/// ```"))
}

/// The rows of all tables.
fn rows() -> Vec<Row> {
    let table = fs::read_to_string(root().join("docs/parity.md")).expect("the table is there");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = table.lines().filter(|line| line.starts_with('|')).map(cells).filter(|cells| {
        // Neither a head nor the line below it.
        cells[1] != "Id" && !cells[1].starts_with('-')
    });
    rows.map(|cells| match <[String; 5]>::try_from(cells) {
        Ok([_, id, what, held_by, _]) => Row { id, what, held_by },
        Err(cells) => panic!("a row has three cells: {cells:?}"),
    })
    .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
