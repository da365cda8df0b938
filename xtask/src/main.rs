//! What the development of pyventus needs beside cargo: `cargo xtask test`.
#![expect(clippy::print_stderr, reason = "a program speaks to who runs it")]

mod packages;
mod server;

use std::env;
use std::fmt;
use std::process::{Command, ExitCode};

use server::SERVERS;

/// Tells tests that a server which is missing is a failure, not a reason to be left out.
const REQUIRE: &str = "PYVENTUS_REQUIRE_SERVERS";

const USAGE: &str = "\
cargo xtask test [arguments of cargo test]

    Installs the servers that tests need and that are missing, and runs `cargo test`: of the whole workspace, unless
    the arguments name packages. A test that misses its server fails.

cargo xtask servers

    Installs them, and runs nothing.";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let result = match arguments.next().as_deref() {
        Some("test") => install().and_then(|()| test(arguments.collect())),
        Some("servers") => install(),
        Some("help" | "-h" | "--help") => {
            eprintln!("{USAGE}");
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

/// Installs the servers that are missing.
fn install() -> Result<(), Problem> {
    for server in SERVERS {
        if let Err(missing) = server.look() {
            eprintln!("{missing}: installing it");
            packages::install(server)?;
            server.look().map_err(|still| {
                Problem(format!("{still}, although it was just installed: {}", server.advice()))
            })?;
        }
    }
    Ok(())
}

/// Runs the tests, none of which may be left out.
fn test(mut arguments: Vec<String>) -> Result<(), Problem> {
    if !names_packages(&arguments) {
        arguments.insert(0, "--workspace".to_owned());
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).arg("test").args(&arguments).env(REQUIRE, "1").status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Problem("the tests have failed".to_owned())),
        Err(error) => Err(Problem(format!("cargo cannot be run: {error}"))),
    }
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
