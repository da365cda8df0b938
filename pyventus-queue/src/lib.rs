//! The durable side of pyventus: events that survive.
//!
//! An emission becomes an [`Envelope`], which a [`Seal`] encodes and signs.

mod seal;
mod codec;
mod signature;
mod envelope;
mod name;

pub use codec::{Codec, DecodeError, EncodeError, JsonCodec};
pub use envelope::{
    Arguments, DecodeArgumentsError, Envelope, InvalidSource, InvalidTraceParent, Json, JsonError, Payload,
    SCHEMA, Source, TraceParent,
};
pub use name::{ConsumerName, GroupName, InvalidName, KeyId, QueueName};
pub use seal::{OpenError, Seal};
pub use signature::{KeyError, Keyring, Sealed, Signature, SignatureError};
