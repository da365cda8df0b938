//! `cargo xtask test`: all tests, none of which is left out.

use crate::Problem;
use crate::cargo::{cargo, run};

/// Tells tests that a server which is missing is a failure, not a reason to be left out.
const REQUIRE: &str = "PYVENTUS_REQUIRE_SERVERS";

/// Runs the tests: of the whole workspace, unless the arguments name packages.
pub(crate) fn test(mut arguments: Vec<String>) -> Result<(), Problem> {
    if !names_packages(&arguments) {
        arguments.insert(0, "--workspace".to_owned());
    }
    run(cargo().arg("test").args(&arguments).env(REQUIRE, "1"))
}

/// Whether the arguments say which packages are tested; those behind `--` are for the tests.
fn names_packages(arguments: &[String]) -> bool {
    let of_cargo = arguments.iter().take_while(|argument| *argument != "--");
    let long = ["--workspace", "--all", "--package", "--manifest-path"];
    of_cargo
        .map(|argument| argument.split('=').next().unwrap_or_default())
        .any(|argument| argument.starts_with("-p") || long.contains(&argument))
}

#[cfg(test)]
mod tests {
    use super::names_packages;

    fn named(arguments: &str) -> bool {
        names_packages(&arguments.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_whole_workspace_is_tested_unless_packages_are_named() {
        for some in
            ["-p pyventus-redis", "-ppyventus-redis", "--locked --package=xtask", "--workspace --locked"]
        {
            assert!(named(some), "{some}");
        }
        for none in ["", "--locked", "--test faults", "laws -- -p", "--release -- --package"] {
            assert!(!named(none), "{none}");
        }
    }
}
