//! Who may write envelopes: those who have a key.
//!
//! A signature covers everything that an envelope says: the version of its schema, its queue, id, source, type,
//! kind, time, data and arguments, the span it is a part of, and the name of the key. It covers neither when a
//! message is to be delivered nor how often: whoever may write to a broker can delay, repeat or drop what others
//! have signed, but can neither change it nor move it to another queue.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::envelope::{Envelope, Payload, SCHEMA, TraceParent};
use crate::name::KeyId;

/// What the bytes under a signature begin with, so that a key signs nothing else by accident.
const LABEL: &[u8] = b"pyventus envelope";

/// The keys of a program: one that it signs with, and further ones that it accepts.
///
/// To exchange a key while programs run, first let every consumer [`accept`](Self::accept) the new one, then let
/// the producers sign with it, and stop accepting the old one when no envelope is left that was signed with it.
///
/// # Examples
///
/// ```
/// use pyventus_queue::{KeyId, Keyring};
///
/// let keyring = Keyring::new(KeyId::new("2026-02")?, "a secret of 32 bytes or more, say")?
///     .accept(KeyId::new("2026-01")?, "the one before it")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Keyring {
    signing: Key,
    accepted: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: KeyId,
    /// A fresh computation under the secret, which is kept nowhere else.
    mac: Hmac<Sha256>,
}

impl Key {
    fn new(id: KeyId, secret: &[u8]) -> Result<Self, KeyError> {
        if secret.is_empty() {
            return Err(KeyError::EmptySecret { key: id });
        }
        let mac = Hmac::new_from_slice(secret).expect("a secret may have any length");
        Ok(Self { id, mac })
    }
}

/// A key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The secret is empty, and anybody would know it.
    #[error("the secret of the key {key:?} is empty")]
    #[non_exhaustive]
    EmptySecret {
        /// The name of the key.
        key: KeyId,
    },
    /// Another key has that name.
    #[error("there is another key {key:?}")]
    #[non_exhaustive]
    Repeated {
        /// The name of both.
        key: KeyId,
    },
}

impl Keyring {
    /// Makes a keyring with the key that envelopes are signed with. The secret has any length; one of 32 random
    /// bytes or more cannot be guessed.
    ///
    /// # Errors
    ///
    /// The secret is empty.
    pub fn new(key: KeyId, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Ok(Self { signing: Key::new(key, secret.as_ref())?, accepted: Vec::new() })
    }

    /// Adds a key whose signatures are accepted, too.
    ///
    /// # Errors
    ///
    /// The secret is empty, or the keyring has a key of that name.
    pub fn accept(mut self, key: KeyId, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        if self.find(&key).is_some() {
            return Err(KeyError::Repeated { key });
        }
        self.accepted.push(Key::new(key, secret.as_ref())?);
        Ok(self)
    }

    /// Signs an envelope.
    #[must_use]
    pub fn sign(&self, envelope: &Envelope) -> Signature {
        let mut mac = self.signing.mac.clone();
        cover(&mut mac, &self.signing.id, envelope);
        Signature { key: self.signing.id.clone(), mac: mac.finalize().into_bytes().into() }
    }

    fn verify(&self, envelope: &Envelope, signature: &Signature) -> Result<(), SignatureError> {
        let unknown = || SignatureError::UnknownKey { key: signature.key.clone() };
        let key = self.find(&signature.key).ok_or_else(unknown)?;
        let mut mac = key.mac.clone();
        cover(&mut mac, &key.id, envelope);
        // Compares in constant time.
        mac.verify_slice(&signature.mac).map_err(|_| SignatureError::Wrong { key: signature.key.clone() })
    }

    fn find(&self, id: &KeyId) -> Option<&Key> {
        std::iter::once(&self.signing).chain(&self.accepted).find(|key| key.id == *id)
    }
}

impl fmt::Debug for Keyring {
    /// Shows the names of the keys, never a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("signing", &self.signing.id)
            .field("accepted", &self.accepted.iter().map(|key| &key.id).collect::<Vec<_>>())
            .finish()
    }
}

/// The signature of an envelope: HMAC-SHA256 under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    key: KeyId,
    mac: [u8; 32],
}

impl Signature {
    /// Makes a signature of its parts, as a codec has read them.
    #[must_use]
    pub fn from_parts(key: KeyId, mac: [u8; 32]) -> Self {
        Self { key, mac }
    }

    /// Returns the name of the key.
    #[must_use]
    pub fn key(&self) -> &KeyId {
        &self.key
    }

    /// Returns the code that proves the key.
    #[must_use]
    pub fn mac(&self) -> &[u8; 32] {
        &self.mac
    }
}

/// An envelope as it was read: with the signature it came with, and not to be trusted yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    envelope: Envelope,
    signature: Option<Signature>,
}

impl Sealed {
    /// Puts an envelope and its signature together.
    #[must_use]
    pub fn new(envelope: Envelope, signature: Option<Signature>) -> Self {
        Self { envelope, signature }
    }

    /// Signs an envelope, if there are keys.
    #[must_use]
    pub fn sign(envelope: Envelope, keyring: Option<&Keyring>) -> Self {
        let signature = keyring.map(|keyring| keyring.sign(&envelope));
        Self { envelope, signature }
    }

    /// Verifies the signature and gives the envelope out.
    ///
    /// # Errors
    ///
    /// With a keyring: the signature is absent, is under a key that is not accepted, or is not that of the
    /// envelope. Without one: there is a signature, which nobody could verify.
    pub fn open(self, keyring: Option<&Keyring>) -> Result<Envelope, SignatureError> {
        match (keyring, &self.signature) {
            (Some(keyring), Some(signature)) => keyring.verify(&self.envelope, signature)?,
            (Some(_), None) => return Err(SignatureError::Absent),
            (None, Some(signature)) => {
                return Err(SignatureError::Unexpected { key: signature.key.clone() });
            }
            (None, None) => {}
        }
        Ok(self.envelope)
    }

    /// Returns the envelope, which anybody may have written, for codecs and for diagnostics.
    #[must_use]
    pub fn unverified(&self) -> &Envelope {
        &self.envelope
    }

    /// Returns the signature.
    #[must_use]
    pub fn signature(&self) -> Option<&Signature> {
        self.signature.as_ref()
    }
}

/// An envelope is not from whom it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There are keys, and the envelope is not signed.
    #[error("the envelope is not signed, and has to be")]
    Absent,
    /// The envelope is signed, and there are no keys.
    #[error("the envelope is signed with the key {key:?}, and there is no key to verify it with")]
    #[non_exhaustive]
    Unexpected {
        /// The name of the key.
        key: KeyId,
    },
    /// The envelope is signed with a key that is not accepted.
    #[error("the envelope is signed with the key {key:?}, which is not accepted")]
    #[non_exhaustive]
    UnknownKey {
        /// The name of the key.
        key: KeyId,
    },
    /// The signature is not that of the envelope.
    #[error("the signature with the key {key:?} is not that of the envelope")]
    #[non_exhaustive]
    Wrong {
        /// The name of the key.
        key: KeyId,
    },
}

/// Feeds everything that an envelope says, such that no two envelopes say the same.
fn cover(mac: &mut Hmac<Sha256>, key: &KeyId, envelope: &Envelope) {
    let mut put = |part: Option<&[u8]>| match part {
        Some(bytes) => {
            mac.update(&[1]);
            mac.update(&(bytes.len() as u64).to_be_bytes());
            mac.update(bytes);
        }
        None => mac.update(&[0]),
    };
    let (kind, data) = match envelope.payload() {
        Payload::Text => ("text", None),
        Payload::Event(data) => ("event", Some(data.as_str().as_bytes())),
    };
    put(Some(LABEL));
    put(Some(&SCHEMA.to_be_bytes()));
    put(Some(key.as_bytes()));
    put(Some(envelope.queue().as_bytes()));
    put(Some(envelope.id().as_bytes()));
    put(Some(envelope.source().as_str().as_bytes()));
    put(Some(envelope.event().as_bytes()));
    put(Some(kind.as_bytes()));
    put(Some(&nanoseconds(envelope.time()).to_be_bytes()));
    put(data);
    put(envelope.encoded_arguments().map(str::as_bytes));
    put(envelope.trace_parent().map(TraceParent::as_str).map(str::as_bytes));
    // The last part: what is not there needs not be told from what is.
    if let Some(state) = envelope.trace_parent().and_then(TraceParent::state) {
        put(Some(state.as_bytes()));
    }
}

/// The time since 1970.
fn nanoseconds(time: SystemTime) -> i128 {
    let signed = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    time.duration_since(UNIX_EPOCH).map_or_else(|before| -signed(before.duration()), signed)
}
