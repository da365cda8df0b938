//! What goes wrong between here and a server.

use std::sync::Arc;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// A step of an operation that a Redis server did not take.
///
/// It is the source of a [`BrokerError`](pyventus_queue::BrokerError), and has what the server, or the connection to it,
/// said as its own.
#[derive(Clone, Debug, thiserror::Error)]
#[error("Redis at {server} failed to {step}")]
pub struct StepError {
    server: Arc<str>,
    step: &'static str,
    source: RedisError,
}

impl StepError {
    pub(crate) fn new(server: &Arc<str>, step: &'static str, source: RedisError) -> Self {
        Self { server: Arc::clone(server), step, source }
    }

    /// Returns which server it is: its host and port, or the path of its socket.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Returns what was wanted of it, such as `add events`.
    #[must_use]
    pub fn step(&self) -> &'static str {
        self.step
    }

    /// Whether the server was to run a script by its digest, and does not know it.
    pub(crate) fn is_unknown_script(&self) -> bool {
        self.source.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
    }

    /// Whether it may go well when it is tried again, since the server could not be reached or is not ready.
    pub(crate) fn is_transient(&self) -> bool {
        self.source.is_io_error() || is_not_ready(&self.source)
    }
}

/// Whether a server is there and does nothing yet: it reads its file, or is not the master of its replicas any more.
pub(crate) fn is_not_ready(error: &RedisError) -> bool {
    use ServerErrorKind as Kind;

    matches!(
        error.kind(),
        ErrorKind::Server(
            Kind::BusyLoading | Kind::TryAgain | Kind::ClusterDown | Kind::MasterDown | Kind::ReadOnly
        )
    )
}

/// A broker could not be connected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is not one of a Redis server, such as `redis://127.0.0.1:6379`.
    #[error("the address is not one of a Redis server")]
    Address(#[source] RedisError),
    /// The server cannot be reached, or refuses whoever connects.
    #[error(transparent)]
    Unreachable(#[from] StepError),
    /// The server is too old.
    #[error("Redis at {server} is of version {found}, and {wanted} or newer is needed")]
    #[non_exhaustive]
    TooOld {
        /// Which server it is.
        server: Arc<str>,
        /// The first version that will do.
        wanted: &'static str,
        /// The version of the server.
        found: String,
    },
    /// The server throws away what it likes when its memory is full, and would lose events.
    #[error(
        "Redis at {server} throws events away when its memory is full: its `maxmemory-policy` is {policy}"
    )]
    #[non_exhaustive]
    Evicts {
        /// Which server it is.
        server: Arc<str>,
        /// What its `maxmemory-policy` is.
        policy: String,
    },
}
