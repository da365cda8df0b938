//! `cargo xtask book` and `cargo xtask graphs`: the graphs of the examples, and the book around them.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Problem;
use crate::cargo::{Workspace, cargo, root, run};

/// The test that holds the graphs; it writes and prints what it is told to.
const GRAPHS: [&str; 8] =
    ["test", "--quiet", "--locked", "--test", "examples", "each_example_declares", "--", "--nocapture"];

/// Where the graphs are kept.
const KEPT: &str = "tests/examples/graphs";

/// Draws the graphs of the examples into the folder of the book, and builds the book.
pub(crate) fn book() -> Result<(), Problem> {
    let graphs = root().join("docs/src/graphs");
    fs::create_dir_all(&graphs).map_err(|error| problem(&graphs, &error))?;
    run(cargo().args(GRAPHS).env("GRAPHS_IN", &graphs))?;
    for entry in fs::read_dir(&graphs).map_err(|error| problem(&graphs, &error))? {
        let file = entry.map_err(|error| problem(&graphs, &error))?.path();
        if file.extension() == Some(OsStr::new("dot")) {
            draw(&file)?;
        }
    }
    let build =
        ["run", "--locked", "--package", "xtask", "--features", "book", "--bin", "book", "--", "docs"];
    run(cargo().args(build))
}

/// Shows what has changed in the graphs of the examples since a revision.
pub(crate) fn changes(revision: Option<&str>) -> Result<(), Problem> {
    let Some(revision) = revision else { return Err(Problem("the revision of git is missing".to_owned())) };
    let since = Workspace::load()?.target().join("graphs-since");
    if since.exists() {
        fs::remove_dir_all(&since).map_err(|error| problem(&since, &error))?;
    }
    fs::create_dir_all(&since).map_err(|error| problem(&since, &error))?;
    let files = git(&["ls-tree", "-r", "--name-only", revision, "--", KEPT])?;
    for file in String::from_utf8_lossy(&files).lines() {
        let kept = git(&["show", &format!("{revision}:{file}")])?;
        let to = since.join(Path::new(file).file_name().unwrap_or_default());
        fs::write(&to, kept).map_err(|error| problem(&to, &error))?;
    }
    run(cargo().args(GRAPHS).env("GRAPHS_SINCE", &since))
}

fn git(arguments: &[&str]) -> Result<Vec<u8>, Problem> {
    let output = Command::new("git").current_dir(root()).args(arguments).output();
    let output = output.map_err(|error| Problem(format!("git cannot be run: {error}")))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Problem(format!(
            "git {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }
}

/// Draws one graph. What a reader sees on a dark page is drawn on white.
fn draw(file: &Path) -> Result<(), Problem> {
    let style =
        ["-Gfontname=sans-serif", "-Nfontname=sans-serif", "-Efontname=sans-serif", "-Gbgcolor=white"];
    run(Command::new("dot").args(style).args(["-Tsvg", "-o"]).arg(file.with_extension("svg")).arg(file))?;
    fs::remove_file(file).map_err(|error| problem(file, &error))
}

fn problem(file: &Path, error: &std::io::Error) -> Problem {
    Problem(format!("{}: {error}", file.display()))
}
