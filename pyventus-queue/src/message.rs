//! What a broker stores: the bytes of an envelope, and when they may be handed out.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use uuid::Uuid;

/// The identity of a message: a UUID, that of the emission mostly.
///
/// A broker keeps it and does not look at it: a message that is published twice is stored twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(Uuid);

impl MessageId {
    /// Returns a new identity, a UUID of version 7.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "no identity is the default")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// Takes the identity of something else.
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

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageId({})", self.0)
    }
}

/// What a broker stores: bytes that mean nothing to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    id: MessageId,
    body: Bytes,
    not_before: Option<SystemTime>,
}

impl Message {
    /// Makes a message.
    #[must_use]
    pub fn new(id: MessageId, body: impl Into<Bytes>) -> Self {
        Self { id, body: body.into(), not_before: None }
    }

    /// Holds the message back until that time.
    #[must_use]
    pub fn not_before(mut self, time: SystemTime) -> Self {
        self.not_before = Some(time);
        self
    }

    /// Returns the identity of the message.
    #[must_use]
    pub fn id(&self) -> MessageId {
        self.id
    }

    /// Returns the bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    pub(crate) fn into_body(self) -> Bytes {
        self.body
    }

    /// Returns until when the message is held back, if it is.
    #[must_use]
    pub fn held_until(&self) -> Option<SystemTime> {
        self.not_before
    }
}

impl fmt::Debug for Message {
    /// Shows how many bytes there are, never the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("body", &self.body.len())
            .field("not_before", &self.not_before)
            .finish()
    }
}
