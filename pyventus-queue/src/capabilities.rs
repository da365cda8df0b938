//! What a broker says of itself.

use std::time::{Duration, SystemTime};

use crate::error::PublishError;
use crate::message::Message;

/// What a broker promises beyond the contract of all brokers, and where its limits are.
///
/// A difference between brokers is declared here, never discovered; the laws of the feature `conformance` hold a
/// broker to what it declares.
///
/// # Examples
///
/// ```
/// use pyventus_queue::BrokerCapabilities;
///
/// let capabilities = BrokerCapabilities::NONE.durable().max_payload(1 << 20);
/// assert!(capabilities.is_durable());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrokerCapabilities {
    durable: bool,
    max_payload: Option<usize>,
    max_delay: Option<Duration>,
}

impl BrokerCapabilities {
    /// Nothing beyond the contract, and no limits.
    pub const NONE: Self = Self { durable: false, max_payload: None, max_delay: None };

    /// What was accepted survives the end of every program that uses the broker.
    #[must_use]
    pub const fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// A message has at most that many bytes.
    #[must_use]
    pub const fn max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = Some(bytes);
        self
    }

    /// A message is held back at most so long.
    #[must_use]
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = Some(delay);
        self
    }

    /// Returns whether what was accepted survives the end of every program that uses the broker.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        self.durable
    }

    /// Returns how many bytes a message has at most, if there is a limit.
    #[must_use]
    pub const fn payload_limit(&self) -> Option<usize> {
        self.max_payload
    }

    /// Returns how long a message is held back at most, if there is a limit.
    #[must_use]
    pub const fn delay_limit(&self) -> Option<Duration> {
        self.max_delay
    }

    /// Checks messages against the limits, before any of them is sent.
    ///
    /// # Errors
    ///
    /// The first message that is beyond a limit, with the limit.
    pub fn check(&self, messages: &[Message]) -> Result<(), PublishError> {
        let now = SystemTime::now();
        for (index, message) in messages.iter().enumerate() {
            let size = message.body().len();
            if let Some(limit) = self.max_payload.filter(|limit| size > *limit) {
                return Err(PublishError::TooLarge { index, size, limit });
            }
            let delay = message.held_until().and_then(|until| until.duration_since(now).ok());
            if let (Some(delay), Some(limit)) = (delay, self.max_delay)
                && delay > limit
            {
                return Err(PublishError::DelayTooLong { index, delay, limit });
            }
        }
        Ok(())
    }
}
