//! The schema of the type of an event, for programs that are described.

#[cfg(feature = "asyncapi")]
use schemars::{Schema, SchemaGenerator};

/// Makes the schema of a type, where it has one.
#[cfg(feature = "asyncapi")]
pub(crate) type MakeSchema = Option<fn(&mut SchemaGenerator) -> Schema>;

/// Without the feature `asyncapi`, nobody asks.
#[cfg(not(feature = "asyncapi"))]
pub(crate) type MakeSchema = Option<std::convert::Infallible>;
