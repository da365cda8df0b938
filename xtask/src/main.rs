//! What the development of pyventus needs beside cargo: `cargo xtask help` lists it.
#![expect(clippy::print_stderr, reason = "a program speaks to who runs it")]

mod book;
mod cargo;
mod deny;
mod features;
mod packages;
mod test;
mod tool;
mod versions;

use std::env;
use std::fmt;
use std::process::ExitCode;

use tool::{GRAPHVIZ, SERVERS, VALGRIND};

const USAGE: &str = "\
cargo xtask test [arguments of cargo test]

    Installs the servers that tests need and that are missing, and runs `cargo test`: of the whole workspace, unless
    the arguments name packages. A test that misses its server fails.

cargo xtask servers

    Installs them, and runs nothing.

cargo xtask book

    Installs Graphviz where it is missing, draws the graphs of the examples, and builds the book into `target/book`.
    A warning of mdBook is a failure.

cargo xtask graphs REVISION

    Shows what has changed in the graphs of the examples since that revision of git.

cargo xtask counts

    Installs valgrind where it is missing, and counts the instructions of hot paths: more than before by over 3 % are a
    failure.

cargo xtask features

    Lints the facade with each of its features alone, with those of the default, and with none.

cargo xtask powerset

    Builds the facade with every two features.

cargo xtask minimal-versions

    Builds the published packages with the oldest versions that their manifests allow of what they name.

cargo xtask deny [checks of cargo-deny]

    Installs cargo-deny into `target/tools` where it is missing, which takes minutes, and runs the checks bans,
    licenses and sources; or those that are named, of which `advisories` downloads a database from GitHub.";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let task = arguments.next();
    let arguments: Vec<_> = arguments.collect();
    let result = match task.as_deref() {
        Some("test") => servers().and_then(|()| test::test(arguments)),
        Some("servers") => servers(),
        Some("book") => GRAPHVIZ.install().and_then(|()| book::book()),
        Some("graphs") => book::changes(arguments.first().map(String::as_str)),
        Some("counts") => VALGRIND.install().and_then(|()| counts()),
        Some("features") => features::each(),
        Some("powerset") => features::pairs(),
        Some("minimal-versions") => versions::minimal(),
        Some("deny") => deny::deny(arguments),
        Some("help" | "-h" | "--help") => {
            say(USAGE);
            Ok(())
        }
        other => Err(Problem(format!("no task is called {:?}\n\n{USAGE}", other.unwrap_or_default()))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Why a task was not done, in words for who runs it.
struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells who runs the task what it is doing.
fn say(text: &str) {
    eprintln!("{text}");
}

/// Installs the servers that are missing.
fn servers() -> Result<(), Problem> {
    SERVERS.iter().try_for_each(tool::Tool::install)
}

/// Compares the instructions of hot paths with those that were counted before.
fn counts() -> Result<(), Problem> {
    let arguments = ["run", "--release", "--locked", "--package", "pyventus-bench", "--", "--counts"];
    cargo::run(cargo::cargo().args(arguments))
}
