//! How a broker is set up.

use std::time::Duration;

/// How a [`RedisBroker`](crate::RedisBroker) is set up; every option has a default.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use pyventus_redis::RedisBroker;
///
/// # async fn connect() -> Result<(), pyventus_redis::ConnectError> {
/// let broker = RedisBroker::options()
///     .prefix("shop")
///     .patience(Duration::from_secs(2))
///     .connect("redis://127.0.0.1:6379")
///     .await?;
/// # drop(broker);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is connected until `connect` is called"]
pub struct RedisOptions {
    pub(crate) prefix: String,
    pub(crate) max_payload: usize,
    pub(crate) patience: Duration,
    pub(crate) timeout: Duration,
}

/// The longest string that Redis takes, less what is stored with a message.
const LARGEST: usize = (512 << 20) - 1024;

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            prefix: "pyventus".to_owned(),
            max_payload: 16 << 20,
            patience: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
        }
    }
}

impl RedisOptions {
    /// What all keys begin with; `pyventus` unless set. Brokers of one server see each other's queues if it is the same.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How many bytes a message has at most: 16 MiB unless set, and never more than Redis takes.
    pub fn max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = bytes.min(LARGEST);
        self
    }

    /// How long an operation tries to get a connection before it fails; 5 seconds unless set. What was sent is not sent
    /// again.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long the server may take to answer before the connection is given up; 10 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}
