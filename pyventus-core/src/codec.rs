//! How the objects of declared events become JSON, and JSON objects.

use std::any::{Any, TypeId};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::emitted::EmittedEvent;
use crate::event::{Event, Slot};

/// How the objects of one type of event become JSON, and JSON objects.
///
/// `#[derive(Event)]` leaves one for every type that also implements `serde::Serialize` and
/// `serde::de::DeserializeOwned`.
#[derive(Clone, Copy)]
pub struct EventCodec {
    id: TypeId,
    name: &'static str,
    slot: fn() -> Option<&'static Slot>,
    type_name: fn() -> &'static str,
    encode: fn(&(dyn Any + Send + Sync)) -> Option<Result<String, serde_json::Error>>,
    decode: fn(&str) -> Result<EmittedEvent, serde_json::Error>,
}

impl EventCodec {
    /// Returns the codec of a type, which need not be declared.
    #[must_use]
    pub const fn of<T: Event + Serialize + DeserializeOwned>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: T::NAME,
            slot: T::slot,
            type_name: std::any::type_name::<T>,
            encode: |object| Some(serde_json::to_string(object.downcast_ref::<T>()?)),
            decode: |json| {
                serde_json::from_str::<T>(json).map(|object| EmittedEvent::of_event(Arc::new(object)))
            },
        }
    }

    /// Returns the name of the event.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the identity of the type.
    #[must_use]
    pub fn type_id(&self) -> TypeId {
        self.id
    }

    pub(crate) fn slot(&self) -> Option<&'static Slot> {
        (self.slot)()
    }

    /// Returns the whole path of the type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        (self.type_name)()
    }

    /// Turns an object into JSON.
    ///
    /// # Errors
    ///
    /// The object is of another type, or serde refuses it.
    pub fn encode(&self, object: &(dyn Any + Send + Sync)) -> Result<String, CodecError> {
        match (self.encode)(object) {
            Some(encoded) => encoded.map_err(|error| self.failed(error)),
            None => Err(self.failed(serde::ser::Error::custom("the object is of another type"))),
        }
    }

    /// Turns JSON into an event.
    pub(crate) fn decode(&self, json: &str) -> Result<EmittedEvent, CodecError> {
        (self.decode)(json).map_err(|error| self.failed(error))
    }

    fn failed(&self, source: serde_json::Error) -> CodecError {
        CodecError { event: self.name, type_name: self.type_name(), source }
    }
}

impl std::fmt::Debug for EventCodec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventCodec")
            .field("event", &self.name)
            .field("type", &self.type_name())
            .finish_non_exhaustive()
    }
}

/// An object could not be turned into JSON, or JSON into an object.
#[derive(Debug, thiserror::Error)]
#[error("the event {event:?} of the type `{type_name}` cannot be encoded or decoded")]
#[non_exhaustive]
pub struct CodecError {
    /// The name of the event.
    pub event: &'static str,
    /// The whole path of its type.
    pub type_name: &'static str,
    source: serde_json::Error,
}
