//! The servers that tests start for themselves.

use std::process::Command;

/// A server that tests need.
pub(crate) struct Server {
    /// What is run.
    pub(crate) program: &'static str,
    /// The first version that will do.
    pub(crate) oldest: u32,
    /// What stands before the version in what the program says of itself.
    pub(crate) mark: &'static str,
    /// Which package of which package manager it is in.
    pub(crate) packages: &'static [(&'static str, &'static str)],
}

pub(crate) const SERVERS: &[Server] = &[Server {
    program: "redis-server",
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

impl Server {
    /// Looks whether the server is there; otherwise says what is missing.
    pub(crate) fn look(&self) -> Result<(), String> {
        let Self { program, oldest, .. } = self;
        let output = Command::new(program).arg("--version").output();
        let Ok(output) = output else { return Err(format!("`{program}` is not there")) };
        let text = String::from_utf8_lossy(&output.stdout);
        match self.version(&text) {
            Some(version) if version >= *oldest => Ok(()),
            Some(version) => Err(format!("`{program}` is of version {version}, not {oldest}")),
            None => Err(format!("`{program}` does not say which version it is of")),
        }
    }

    /// What to do where it cannot be installed from here.
    pub(crate) fn advice(&self) -> String {
        let Self { program, oldest, .. } = self;
        format!("install `{program}` {oldest} or newer, so that it is on the PATH, and run the task again")
    }

    fn version(&self, text: &str) -> Option<u32> {
        text.split(self.mark).nth(1)?.split('.').next()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::SERVERS;

    #[test]
    fn the_version_is_read_from_what_the_server_says() {
        let redis = &SERVERS[0];
        let says =
            "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d81b8ff71cfb150e";
        assert_eq!(redis.version(says), Some(7));
        assert_eq!(redis.version("Redis server v=10.2.0 sha=0"), Some(10));
        assert_eq!(redis.version("Redis"), None);
    }
}
