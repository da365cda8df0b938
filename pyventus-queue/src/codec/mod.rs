//! Envelopes as bytes.

mod json;
mod object;
mod fields;

use crate::signature::Sealed;

pub use json::JsonCodec;

/// How envelopes become bytes, and bytes envelopes.
///
/// Both programs need the same one. [`JsonCodec`] is the one that programs use unless they say otherwise.
pub trait Codec: Send + Sync + 'static {
    /// Writes an envelope with its signature.
    ///
    /// # Errors
    ///
    /// The envelope says something that the form cannot hold.
    fn encode(&self, sealed: &Sealed) -> Result<Vec<u8>, EncodeError>;

    /// Reads an envelope with its signature.
    ///
    /// It trusts nobody: the bytes may be anything, and it does not panic. It decodes neither the data nor the
    /// arguments, since the signature was not verified yet.
    ///
    /// # Errors
    ///
    /// The bytes are not those of an envelope.
    fn decode(&self, bytes: &[u8]) -> Result<Sealed, DecodeError>;
}

/// An envelope says something that its form cannot hold.
#[derive(Debug, thiserror::Error)]
#[error("the field `{field}` of an envelope is {wanted}")]
#[non_exhaustive]
pub struct EncodeError {
    field: &'static str,
    wanted: &'static str,
}

impl EncodeError {
    /// Refuses a field.
    #[must_use]
    pub fn new(field: &'static str, wanted: &'static str) -> Self {
        Self { field, wanted }
    }

    /// Returns the name of the field.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }
}

/// Bytes are not those of an envelope.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes do not have the form.
    #[error("the envelope is malformed")]
    Malformed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The envelope is of another version.
    #[error("the field `{field}` of the envelope says version {found}, not {wanted}")]
    #[non_exhaustive]
    Version {
        /// The name of the field.
        field: &'static str,
        /// The version that is read.
        wanted: String,
        /// The version of the envelope.
        found: String,
    },
    /// The envelope has a field that none has.
    #[error("the envelope has a field {field:?}, which none has")]
    #[non_exhaustive]
    Unknown {
        /// The name of the field.
        field: String,
    },
    /// The envelope has a field twice.
    #[error("the envelope has the field `{field}` twice")]
    #[non_exhaustive]
    Repeated {
        /// The name of the field.
        field: &'static str,
    },
    /// The envelope lacks a field.
    #[error("the envelope lacks the field `{field}`")]
    #[non_exhaustive]
    Missing {
        /// The name of the field.
        field: &'static str,
    },
    /// A field is not what it should be.
    #[error("the field `{field}` of the envelope is {found}, not {wanted}")]
    #[non_exhaustive]
    Invalid {
        /// The name of the field.
        field: &'static str,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
}
