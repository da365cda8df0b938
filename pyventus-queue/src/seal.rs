//! An envelope sealed for a broker, and opened again: encoded and signed, decoded and verified.

use std::fmt;

use crate::codec::{Codec, DecodeError, EncodeError, JsonCodec};
use crate::envelope::Envelope;
use crate::name::QueueName;
use crate::signature::{Keyring, Sealed, SignatureError};

/// How a program seals its envelopes and opens those of others: a codec, and keys if there are any.
///
/// # Examples
///
/// ```
/// use pyventus_queue::{Envelope, KeyId, Keyring, Payload, QueueName, Seal, Source};
///
/// let seal = Seal::default().with_keyring(Keyring::new(KeyId::new("2026-01")?, "a long secret")?);
/// let queue = QueueName::new("orders")?;
/// let envelope = Envelope::new(queue.clone(), Source::new("/shop")?, "order.placed", Payload::Text);
///
/// let bytes = seal.seal(envelope.clone())?;
/// assert_eq!(seal.open(&bytes, &queue)?, envelope);
/// assert!(Seal::default().open(&bytes, &queue).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Seal {
    codec: Box<dyn Codec>,
    keyring: Option<Keyring>,
}

impl Seal {
    /// Seals with a codec and without keys.
    #[must_use]
    pub fn new(codec: impl Codec) -> Self {
        Self { codec: Box::new(codec), keyring: None }
    }

    /// Signs what is sealed, and opens nothing that is not signed.
    #[must_use]
    pub fn with_keyring(mut self, keyring: Keyring) -> Self {
        self.keyring = Some(keyring);
        self
    }

    /// Signs and encodes an envelope.
    ///
    /// # Errors
    ///
    /// The envelope says something that the codec cannot write.
    pub fn seal(&self, envelope: Envelope) -> Result<Vec<u8>, EncodeError> {
        self.codec.encode(&Sealed::sign(envelope, self.keyring.as_ref()))
    }

    /// Reads an envelope and verifies it, before anybody decodes its data.
    ///
    /// # Errors
    ///
    /// The bytes are not those of an envelope, it is not from whom it should be, or it was published to another
    /// queue.
    pub fn open(&self, bytes: &[u8], queue: &QueueName) -> Result<Envelope, OpenError> {
        let envelope = self.codec.decode(bytes)?.open(self.keyring.as_ref())?;
        if envelope.queue() == queue {
            Ok(envelope)
        } else {
            Err(OpenError::Queue { wanted: queue.clone(), found: envelope.queue().clone() })
        }
    }
}

impl Default for Seal {
    /// Seals with [`JsonCodec`] and without keys.
    fn default() -> Self {
        Self::new(JsonCodec)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").field("keyring", &self.keyring).finish_non_exhaustive()
    }
}

/// An envelope was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bytes are not those of an envelope.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The envelope is not from whom it should be.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The envelope was published to another queue, and brought here by somebody else.
    #[error("the envelope was published to the queue {found:?}, not to {wanted:?}")]
    #[non_exhaustive]
    Queue {
        /// The queue that the envelope was found in.
        wanted: QueueName,
        /// The queue that it was published to.
        found: QueueName,
    },
}
