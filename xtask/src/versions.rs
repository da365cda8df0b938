//! `cargo xtask minimal-versions`: whether the versions in the manifests are as old as they say.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Problem;
use crate::cargo::{Workspace, cargo, root, run};

/// Checks the published packages with the oldest versions of what they name, in a copy of the tree: the
/// lock file of the workspace stays as it is.
pub(crate) fn minimal() -> Result<(), Problem> {
    let workspace = Workspace::load()?;
    let tree = workspace.target().join("minimal-versions");
    copy(&tree)?;

    let manifest = tree.join("Cargo.toml");
    let bootstrap = |arguments: &[&str]| {
        let mut cargo = cargo();
        // Choosing the oldest versions is not stable; building with them is.
        cargo.args(arguments).arg("--manifest-path").arg(&manifest);
        // What is the oldest version and the newest at once is not built twice.
        cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", workspace.target());
        cargo
    };
    run(&mut bootstrap(&["update", "--quiet", "-Z", "direct-minimal-versions"]))?;
    let mut check = bootstrap(&["check", "--quiet", "--locked", "--all-features"]);
    check.env_remove("RUSTC_BOOTSTRAP");
    for package in workspace.published() {
        check.arg("--package").arg(package.name());
    }
    run(&mut check)
}

/// Copies what git knows of the tree, and what is new in it.
fn copy(to: &Path) -> Result<(), Problem> {
    let problem = |file: &Path, error: &std::io::Error| Problem(format!("{}: {error}", file.display()));
    let files = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Problem(format!("git cannot be run: {error}")))?;
    for file in String::from_utf8_lossy(&files.stdout).lines().map(Path::new) {
        let (from, to) = (root().join(file), to.join(file));
        let Some(parent) = to.parent().filter(|_| from.is_file()) else { continue };
        fs::create_dir_all(parent).map_err(|error| problem(parent, &error))?;
        fs::copy(&from, &to).map_err(|error| problem(&from, &error))?;
    }
    Ok(())
}
