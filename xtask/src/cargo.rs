//! Cargo, run by tasks.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{Problem, say};

/// Cargo in the folder of the workspace: the one that runs this program.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Runs a command, and says which one before.
pub(crate) fn run(command: &mut Command) -> Result<(), Problem> {
    let words: Vec<_> = [command.get_program()].into_iter().chain(command.get_args()).collect();
    let words = words.join(OsStr::new(" "));
    say(&format!("-- {}", words.display()));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Problem(format!("`{}` has failed: {status}", words.display()))),
        Err(error) => Err(Problem(format!("`{}` cannot be run: {error}", words.display()))),
    }
}

/// What cargo knows of the workspace.
pub(crate) struct Workspace {
    metadata: Value,
}

/// A package of the workspace.
pub(crate) struct Package<'a>(&'a Value);

impl Workspace {
    pub(crate) fn load() -> Result<Self, Problem> {
        let output = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output();
        let output = output.map_err(|error| Problem(format!("cargo cannot be run: {error}")))?;
        let metadata = serde_json::from_slice(&output.stdout);
        let metadata = metadata
            .map_err(|_| Problem(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr))))?;
        Ok(Self { metadata })
    }

    /// The packages that are published, by name.
    pub(crate) fn published(&self) -> Vec<Package<'_>> {
        let packages = self.metadata["packages"].as_array().into_iter().flatten();
        // Unless it is null, it lists the registries that the package may go to: none, here.
        packages.filter(|package| package["publish"].is_null()).map(Package).collect()
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> PathBuf {
        self.metadata["target_directory"].as_str().unwrap_or("target").into()
    }
}

impl<'a> Package<'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.0["name"].as_str().unwrap_or_default()
    }

    /// Its features, without that of the default ones.
    pub(crate) fn features(&self) -> Vec<&'a str> {
        let features = self.0["features"].as_object().into_iter().flatten();
        features.map(|(name, _)| &**name).filter(|name| *name != "default").collect()
    }
}
