//! `cargo xtask features` and `cargo xtask powerset`: whether the facade builds with few features.

use crate::Problem;
use crate::cargo::{Package, Workspace, cargo, run};

/// The package whose features users choose.
const FACADE: &str = "pyventus";

/// Lints the facade with no feature, with those of the default, and with each one alone.
pub(crate) fn each() -> Result<(), Problem> {
    lint(&["--locked"])?;
    lint(&["--locked", "--no-default-features"])?;
    for feature in &features()? {
        lint(&["--locked", "--no-default-features", "--features", feature])?;
    }
    Ok(())
}

/// Builds the facade with every two features.
pub(crate) fn pairs() -> Result<(), Problem> {
    let features = features()?;
    for (index, first) in features.iter().enumerate() {
        for second in &features[index + 1..] {
            let pair = format!("{first},{second}");
            let check = ["check", "--quiet", "-p", FACADE, "--locked", "--no-default-features", "--features"];
            run(cargo().args(check).arg(pair).env("RUSTFLAGS", "-D warnings"))?;
        }
    }
    Ok(())
}

fn lint(arguments: &[&str]) -> Result<(), Problem> {
    run(cargo().args(["clippy", "--quiet", "-p", FACADE]).args(arguments).args(["--", "-D", "warnings"]))
}

fn features() -> Result<Vec<String>, Problem> {
    let workspace = Workspace::load()?;
    let published = workspace.published();
    let facade = published.iter().find(|package| package.name() == FACADE);
    let features = facade.map(Package::features).unwrap_or_default();
    if features.is_empty() {
        return Err(Problem(format!("cargo knows no feature of {FACADE}")));
    }
    Ok(features.into_iter().map(str::to_owned).collect())
}
