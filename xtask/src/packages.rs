//! The package managers of systems, and how they install something.

use std::process::{Command, Stdio};

use crate::Problem;
use crate::tool::Tool;

/// A package manager, by its program.
struct Manager {
    program: &'static str,
    /// What makes it know the packages of today.
    refresh: &'static [&'static str],
    /// What stands before the name of a package that it installs.
    install: &'static [&'static str],
    /// Whether only the administrator may.
    administrator: bool,
}

const MANAGERS: &[Manager] = &[
    Manager {
        program: "apt-get",
        refresh: &["update", "--quiet"],
        install: &["install", "--quiet", "--yes", "--no-install-recommends"],
        administrator: true,
    },
    Manager { program: "dnf", refresh: &[], install: &["install", "--assumeyes"], administrator: true },
    Manager {
        program: "zypper",
        refresh: &[],
        install: &["--non-interactive", "install"],
        administrator: true,
    },
    Manager { program: "apk", refresh: &[], install: &["add", "--no-cache"], administrator: true },
    Manager { program: "brew", refresh: &[], install: &["install"], administrator: false },
];

/// Installs a tool with the first package manager that is there.
pub(crate) fn install(tool: &Tool) -> Result<(), Problem> {
    let there = MANAGERS.iter().find(|manager| is_there(manager.program));
    let with = there.and_then(|manager| Some((manager, tool.package_of(manager.program)?)));
    let Some((manager, package)) = with else {
        let known: Vec<_> = MANAGERS.iter().map(|manager| manager.program).collect();
        let known = known.join(", ");
        return Err(Problem(format!(
            "none of the package managers {known} is here to install it: {}",
            tool.advice()
        )));
    };
    if !manager.refresh.is_empty() {
        run(manager, manager.refresh, None, tool)?;
    }
    run(manager, manager.install, Some(package), tool)
}

impl Tool {
    fn package_of(&self, manager: &str) -> Option<&'static str> {
        self.packages.iter().find(|(program, _)| *program == manager).map(|(_, package)| *package)
    }
}

fn run(manager: &Manager, arguments: &[&str], package: Option<&str>, tool: &Tool) -> Result<(), Problem> {
    let mut words = vec![manager.program];
    if manager.administrator && !is_administrator() {
        // Without a question: there may be nobody to answer it.
        words.splice(0..0, ["sudo", "--non-interactive"]);
    }
    words.extend(arguments);
    words.extend(package);
    let status = Command::new(words[0])
        .args(&words[1..])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status();
    let said = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    Err(Problem(format!("`{}` has failed ({said}): {}", words.join(" "), tool.advice())))
}

fn is_there(program: &str) -> bool {
    let version = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok()
}

fn is_administrator() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
