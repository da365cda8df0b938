//! `cargo xtask deny`: licences, sources and duplicates of what is depended on, as `deny.toml` says.

use crate::Problem;
use crate::cargo::{Workspace, cargo, run};

/// The version of cargo-deny that `deny.toml` was written for.
const VERSION: &str = "0.20.2";

/// Installs cargo-deny below the folder that cargo builds in, unless it is there, and runs the checks: those
/// that are named, else all that need no database.
pub(crate) fn deny(mut checks: Vec<String>) -> Result<(), Problem> {
    let tools = Workspace::load()?.target().join("tools");
    let install = ["install", "--quiet", "--locked", "cargo-deny", "--version", VERSION, "--root"];
    run(cargo().args(install).arg(&tools))?;
    if checks.is_empty() {
        checks = ["bans", "licenses", "sources"].map(str::to_owned).into();
    }
    let mut deny = std::process::Command::new(tools.join("bin/cargo-deny"));
    run(deny
        .current_dir(crate::cargo::root())
        .args(["--workspace", "--all-features", "--locked", "check"])
        .args(checks))
}
