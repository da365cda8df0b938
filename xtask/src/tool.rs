//! The tools that tests, counts and the book need: programs that are not part of Rust.

use std::process::Command;

use crate::Problem;
use crate::packages;

/// A tool.
pub(crate) struct Tool {
    /// What is run.
    pub(crate) name: &'static str,
    /// With what it says its version.
    pub(crate) asked: &'static str,
    /// The first version that will do.
    pub(crate) oldest: u32,
    /// What stands before the version in what it says of itself.
    pub(crate) mark: &'static str,
    /// Which package of which package manager it is in.
    pub(crate) packages: &'static [(&'static str, &'static str)],
}

/// The servers that tests start for themselves.
pub(crate) const SERVERS: &[Tool] = &[Tool {
    name: "redis-server",
    asked: "--version",
    oldest: 7,
    mark: "v=",
    packages: &[
        ("apt-get", "redis-server"),
        ("dnf", "redis"),
        ("zypper", "redis"),
        ("apk", "redis"),
        ("brew", "redis"),
    ],
}];

/// What draws the graphs of the book.
pub(crate) const GRAPHVIZ: Tool = Tool {
    name: "dot",
    asked: "-V",
    oldest: 2,
    mark: "version ",
    packages: &[
        ("apt-get", "graphviz"),
        ("dnf", "graphviz"),
        ("zypper", "graphviz"),
        ("apk", "graphviz"),
        ("brew", "graphviz"),
    ],
};

/// What counts the instructions of hot paths.
pub(crate) const VALGRIND: Tool = Tool {
    name: "valgrind",
    asked: "--version",
    oldest: 3,
    mark: "valgrind-",
    packages: &[
        ("apt-get", "valgrind"),
        ("dnf", "valgrind"),
        ("zypper", "valgrind"),
        ("apk", "valgrind"),
        ("brew", "valgrind"),
    ],
};

impl Tool {
    /// Installs the tool where it is missing.
    pub(crate) fn install(&self) -> Result<(), Problem> {
        let Err(missing) = self.look() else { return Ok(()) };
        crate::say(&format!("{missing}: installing it"));
        packages::install(self)?;
        self.look()
            .map_err(|still| Problem(format!("{still}, although it was just installed: {}", self.advice())))
    }

    /// Looks whether the tool is there; otherwise says what is missing.
    fn look(&self) -> Result<(), String> {
        let Self { name, asked, oldest, .. } = self;
        let output = Command::new(name).arg(asked).output();
        let Ok(output) = output else { return Err(format!("`{name}` is not there")) };
        let text = [output.stdout, output.stderr].concat();
        match self.version(&String::from_utf8_lossy(&text)) {
            Some(version) if version >= *oldest => Ok(()),
            Some(version) => Err(format!("`{name}` is of version {version}, not {oldest}")),
            None => Err(format!("`{name}` does not say which version it is of")),
        }
    }

    /// What to do where it cannot be installed from here.
    pub(crate) fn advice(&self) -> String {
        let Self { name, oldest, .. } = self;
        format!("install `{name}` {oldest} or newer, so that it is on the PATH, and run the task again")
    }

    fn version(&self, text: &str) -> Option<u32> {
        text.split(self.mark).nth(1)?.split('.').next()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{GRAPHVIZ, SERVERS, VALGRIND};

    #[test]
    fn the_version_is_read_from_what_the_tool_says() {
        let redis = &SERVERS[0];
        let says =
            "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d81b8ff71cfb150e";
        assert_eq!(redis.version(says), Some(7));
        assert_eq!(redis.version("Redis server v=10.2.0 sha=0"), Some(10));
        assert_eq!(redis.version("Redis"), None);
        assert_eq!(VALGRIND.version("valgrind-3.19.0"), Some(3));
        assert_eq!(GRAPHVIZ.version("dot - graphviz version 14.0.1 (20251006.1)"), Some(14));
    }
}
