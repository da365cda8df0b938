//! Dead letters: what was given up, why, and how it is taken up again.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::message::Message;
use crate::name::{GroupName, QueueName};

/// The identity of a dead letter: a UUID of version 7, sortable by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterId(Uuid);

impl LetterId {
    /// Returns a new identity, for brokers.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "no identity is the default")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// Takes an identity that was stored.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Returns the identity as a UUID.
    #[must_use]
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl FromStr for LetterId {
    type Err = InvalidLetterId;

    fn from_str(text: &str) -> Result<Self, InvalidLetterId> {
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidLetterId)
    }
}

/// A text is not the identity of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no UUID, and not the identity of a dead letter")]
#[non_exhaustive]
pub struct InvalidLetterId;

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LetterId({})", self.0)
    }
}

/// What a worker writes of an event that it gives up, for one of its handlers or as a whole.
///
/// A broker may store it as what serde makes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Letter {
    /// Why it was given up.
    pub reason: DeadReason,
    /// The handler that is given up; none where the event is, as a whole.
    pub handler: Option<String>,
    /// Where the handler was written.
    pub origin: Option<String>,
    /// How often the handler was run.
    pub attempts: u32,
    /// How the attempts failed, or what is wrong with the event.
    pub history: Vec<Attempt>,
    /// What a replayed event is delivered with; nothing starts from the beginning.
    #[serde(with = "base64")]
    pub resume: Option<Bytes>,
}

impl Letter {
    /// An event is given up as a whole.
    #[must_use]
    pub fn of_event(reason: DeadReason, error: impl Into<String>) -> Self {
        let history = vec![Attempt { at: SystemTime::now(), error: error.into() }];
        Self { reason, handler: None, origin: None, attempts: 0, history, resume: None }
    }

    /// A handler of an event is given up; `resume` is what lets it, and it alone, run again.
    #[must_use]
    pub fn of_handler(reason: DeadReason, handler: impl Into<String>, resume: Bytes) -> Self {
        let (handler, resume) = (Some(handler.into()), Some(resume));
        Self { reason, handler, origin: None, attempts: 0, history: Vec::new(), resume }
    }

    /// Sets where the handler was written.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Sets how often the handler was run, and how that failed.
    #[must_use]
    pub fn with_history(mut self, attempts: u32, history: Vec<Attempt>) -> Self {
        self.attempts = attempts;
        self.history = history;
        self
    }
}

/// Why something was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeadReason {
    /// The handler failed as often as it may.
    Exhausted,
    /// The handler failed in a way that trying again does not change.
    Permanent,
    /// The handler that was to run again is not there any more.
    HandlerGone,
    /// The bytes are not those of an envelope, or of an event that the worker can read.
    Undecodable,
    /// The envelope is not from whom it should be.
    Untrusted,
    /// The worker knows no event of that name.
    UnknownEvent,
    /// Too many workers died of the event.
    Poisonous,
    /// A reason that a later version gives.
    #[serde(other)]
    Other,
}

#[cfg(feature = "metrics")]
impl DeadReason {
    /// The reason in one word, as serde writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::Permanent => "permanent",
            Self::HandlerGone => "handler_gone",
            Self::Undecodable => "undecodable",
            Self::Untrusted => "untrusted",
            Self::UnknownEvent => "unknown_event",
            Self::Poisonous => "poisonous",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for DeadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exhausted => "the handler failed as often as it may",
            Self::Permanent => "the handler failed for good",
            Self::HandlerGone => "the handler is not there any more",
            Self::Undecodable => "the event cannot be read",
            Self::Untrusted => "the event is not from whom it should be",
            Self::UnknownEvent => "the event is unknown",
            Self::Poisonous => "too many workers died of the event",
            Self::Other => "a reason that a later version gives",
        })
    }
}

/// How one attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended.
    #[serde(with = "crate::time")]
    pub at: SystemTime,
    /// The text of the error.
    pub error: String,
}

/// A letter that a broker stores, with the event it is about.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Its identity.
    pub id: LetterId,
    /// The queue that the event was published to.
    pub queue: QueueName,
    /// The group that gave it up.
    pub group: GroupName,
    /// The event, byte for byte.
    pub message: Message,
    /// When the letter was stored.
    pub at: SystemTime,
    /// What the worker wrote.
    pub letter: Letter,
}

impl DeadLetter {
    /// Makes a letter to be stored, for brokers.
    #[must_use]
    pub fn new(
        id: LetterId,
        queue: QueueName,
        group: GroupName,
        message: Message,
        at: SystemTime,
        letter: Letter,
    ) -> Self {
        Self { id, queue, group, message, at, letter }
    }
}

/// Which of many letters are listed.
///
/// # Examples
///
/// ```
/// use pyventus_queue::{Broker, GroupName, MemoryBroker, Page, QueueName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let broker = MemoryBroker::new(10);
/// let (queue, group) = (QueueName::new("orders")?, GroupName::new("billing")?);
/// let mut page = Page::first(100);
/// loop {
///     let letters = broker.letters(&queue, &group, page).await?;
///     let Some(last) = letters.last() else { break };
///     page = Page::after(last.id, 100);
///     for letter in letters {
///         broker.replay(letter.id).await?; // Its handler was mended meanwhile.
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The letter that stands before the first one of the page.
    pub after: Option<LetterId>,
    /// How many letters the page has at most.
    pub limit: usize,
}

impl Page {
    /// The first letters.
    #[must_use]
    pub const fn first(limit: usize) -> Self {
        Self { after: None, limit }
    }

    /// The letters behind that one.
    #[must_use]
    pub const fn after(letter: LetterId, limit: usize) -> Self {
        Self { after: Some(letter), limit }
    }
}

/// Bytes as text.
mod base64 {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::de::{Deserialize, Deserializer, Error as _};
    use serde::ser::{Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(bytes: &Option<Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| STANDARD.encode(bytes)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| STANDARD.decode(text).map(Bytes::from).map_err(D::Error::custom)).transpose()
    }
}
