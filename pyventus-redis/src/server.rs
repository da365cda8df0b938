//! What a server says of itself.

use std::sync::Arc;

use crate::error::{ConnectError, StepError};
use crate::link::Link;
use crate::wire;

/// The first version that will do.
const OLDEST: (u32, &str) = (7, "7.0");

/// What a server says of itself.
#[derive(Debug)]
pub(crate) struct Server {
    version: String,
    /// What it throws away when its memory is full.
    policy: String,
    /// Whether there is a limit to its memory.
    is_limited: bool,
    /// Whether it appends everything to a file.
    pub(crate) appends: bool,
}

impl Server {
    pub(crate) async fn ask(link: &Link) -> Result<Self, StepError> {
        const STEP: &str = "say what it is";
        let reply = link.command(STEP, &redis::cmd("INFO")).await?;
        let text = wire::bytes(reply).ok_or_else(|| link.strange(STEP))?;
        Ok(Self::read(&String::from_utf8_lossy(&text)))
    }

    fn read(text: &str) -> Self {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.unwrap_or_default().trim().to_owned()
        };
        Self {
            version: value("redis_version"),
            policy: value("maxmemory_policy"),
            is_limited: !["", "0"].contains(&&*value("maxmemory")),
            appends: value("aof_enabled") == "1",
        }
    }

    /// Whether events can be kept on it.
    pub(crate) fn will_do(&self, server: &Arc<str>) -> Result<(), ConnectError> {
        let server = Arc::clone(server);
        let version = self.version.split('.').next().and_then(|version| version.parse::<u32>().ok());
        if version.is_none_or(|version| version < OLDEST.0) {
            return Err(ConnectError::TooOld { server, wanted: OLDEST.1, found: self.version.clone() });
        }
        // The keys of events have no time to live: of the policies, only these take them.
        if self.is_limited && self.policy.starts_with("allkeys-") {
            return Err(ConnectError::Evicts { server, policy: self.policy.clone() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Server;
    use crate::error::ConnectError;

    fn judge(version: &str, limit: &str, policy: &str) -> Result<(), ConnectError> {
        let text = format!(
            "# Server\r\nredis_version:{version}\r\nmaxmemory:{limit}\r\nmaxmemory_policy:{policy}\r\naof_enabled:1\r\n"
        );
        let server = Server::read(&text);
        assert!(server.appends);
        server.will_do(&"127.0.0.1:6379".into())
    }

    #[test]
    fn a_server_that_is_too_old_or_throws_events_away_will_not_do() {
        assert!(judge("7.0.15", "0", "noeviction").is_ok());
        assert!(judge("8.2.1", "1000000", "volatile-lru").is_ok());
        assert!(judge("7.2.0", "0", "allkeys-lru").is_ok(), "without a limit, nothing is thrown away");
        let old = judge("6.2.14", "0", "noeviction").expect_err("it is too old").to_string();
        assert_eq!(old, "Redis at 127.0.0.1:6379 is of version 6.2.14, and 7.0 or newer is needed");
        let evicts = judge("7.0.15", "1000000", "allkeys-lru").expect_err("it loses events").to_string();
        assert!(evicts.ends_with("its `maxmemory-policy` is allkeys-lru"), "{evicts}");
    }
}
