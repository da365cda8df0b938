//! Every example prints what its header says, and declares what its graph says. The header is the whole
//! of what a reader is told: the command in it is the one that runs here.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod graphs;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use support::printed::{compare, matches};

#[test]
fn every_example_prints_what_its_header_says() {
    let mut wrong = Vec::new();
    for example in examples() {
        if let Err(reason) = example.check() {
            wrong.push(format!("{}: {reason}", example.file));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_header_without_a_command_or_without_an_output_is_refused() {
    let whole = "//! What it shows.\n//!\n//! Run it: `cargo run --example it`\n//!\n//! It prints:\n//!\n\
                 //! ```text\n//! one\n//!   two\n//! ```\n\nfn main() {}\n";
    assert_eq!(printed(whole, "run --example it").unwrap(), (vec![], vec!["one", "  two"]));
    assert_eq!(first(whole), None);
    assert_eq!(
        first(&format!("//! First: `cargo run --example other`\n{whole}")),
        Some("run --example other")
    );
    let with_arguments = whole.replace("it`", "it -- 7 8`");
    assert_eq!(printed(&with_arguments, "run --example it").unwrap().0, ["--", "7", "8"]);

    for part in [
        " What it shows.",
        "Run it: `cargo run --example it`",
        "It prints:",
        "```text",
        "//! one\n//!   two\n",
        "//! ```\n\n",
    ] {
        let header = whole.replacen(part, "", 1);
        assert!(printed(&header, "run --example it").is_err(), "accepted without {part:?}");
    }
    assert!(printed(whole, "run --example other").is_err());
    assert!(printed(&whole.replace("it`", "its`"), "run --example it").is_err());
}

#[test]
fn a_placeholder_stands_for_a_time_or_an_id_and_for_nothing_else() {
    let id = "01a210ff-170b-744a-a52f-f2bc1ec92a80";
    assert!(matches("at <time>, emission=<id>", &format!("at 2026-11-25 03:10:50 AM, emission={id}")));
    assert!(matches("<id>", id));
    for line in
        ["", "2026-11-25", "2026-11-25 03:10:50 XM", "x2026-11-25 03:10:50 AM", "2026-11-25 03:10:50 AM."]
    {
        assert!(!matches("<time>", line), "accepted {line:?}");
    }
    assert!(!matches("<id>", "01a210ff-170b-744a-a52f-f2bc1ec92a8g"));
    assert!(!matches("no placeholder", "no placeholders"));
}

/// A file with a header, and what follows `cargo` in the command that runs it, but for the arguments of
/// the example, which are in the header.
struct Example {
    file: String,
    command: String,
}

/// The files in `examples`, the folders with a file and its modules, and the package beside them.
fn examples() -> Vec<Example> {
    let package = Example {
        file: "examples/handlers_in_crates/src/main.rs".into(),
        command: "run -p handlers_in_crates".into(),
    };
    let mut examples = vec![package];
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let file = if path.extension().is_some_and(|extension| extension == "rs") {
            format!("examples/{name}.rs")
        } else if path.join("main.rs").is_file() {
            format!("examples/{name}/main.rs")
        } else {
            continue;
        };
        examples.push(Example { file, command: format!("run --example {name}") });
    }
    examples
}

impl Example {
    fn check(&self) -> Result<(), String> {
        let source = fs::read_to_string(root().join(&self.file)).unwrap();
        let (arguments, expected) = printed(&source, &self.command)?;
        if let Some(before) = first(&source) {
            cargo(before.split(' '))?;
        }
        let stdout = cargo(self.command.split(' ').chain(arguments))?;
        compare(&expected, &stdout).map_err(|difference| format!("the header is wrong: {difference}"))
    }
}

/// What a command prints.
fn cargo(arguments: impl Iterator<Item = impl AsRef<std::ffi::OsStr>>) -> Result<String, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).arg("--quiet").args(arguments).stdin(Stdio::null());
    let run = cargo.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    if run.status.success() {
        Ok(stdout.into_owned())
    } else {
        Err(format!("{}\n{stdout}{stderr}", run.status))
    }
}

/// What is run before the example, if the header says so.
fn first(source: &str) -> Option<&str> {
    let mut header = source.lines().map_while(|line| line.strip_prefix("//!"));
    header.find_map(|line| line.strip_prefix(" First: `cargo ")?.strip_suffix('`'))
}

/// What follows the command in the header, and the lines that it promises; or which part of the header is
/// missing.
fn printed<'a>(source: &'a str, command: &str) -> Result<(Vec<&'a str>, Vec<&'a str>), String> {
    let mut header = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line));
    if header.next().is_none_or(str::is_empty) {
        return Err("the header does not say what the example shows".into());
    }
    let lacks = |wanted: &str| format!("the header lacks the line {wanted:?}, or has it in another place");
    let run = format!("Run it: `cargo {command}");
    let arguments =
        header.find_map(|line| arguments(line.strip_prefix(&*run)?)).ok_or_else(|| lacks(&run))?;
    for wanted in ["It prints:", "```text"] {
        if !header.any(|line| line == wanted) {
            return Err(lacks(wanted));
        }
    }
    let rest: Vec<_> = header.collect();
    match rest.iter().position(|line| *line == "```") {
        None => Err("the output in the header has no end".into()),
        Some(0) => Err("the header does not say what the example prints".into()),
        Some(end) => Ok((arguments, rest[..end].to_vec())),
    }
}

/// What ends the command in a header: nothing, or arguments of the example.
fn arguments(rest: &str) -> Option<Vec<&str>> {
    let rest = rest.strip_suffix('`')?;
    if rest.is_empty() || rest.starts_with(" -- ") { Some(rest.split_whitespace().collect()) } else { None }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
