//! Whether an event can be described by a schema: `(&&Probe::<T>::new()).schema()`.

#[cfg(feature = "asyncapi")]
use schemars::{JsonSchema, SchemaGenerator};

use crate::schema::MakeSchema;

use super::Probe;

#[doc(hidden)]
pub trait DescribesEvent {
    fn schema(&self) -> MakeSchema;
}

#[cfg(feature = "asyncapi")]
impl<T: JsonSchema> DescribesEvent for &Probe<T> {
    fn schema(&self) -> MakeSchema {
        Some(SchemaGenerator::subschema_for::<T>)
    }
}

#[doc(hidden)]
pub trait DescribesNothing {
    fn schema(&self) -> MakeSchema;
}

impl<T> DescribesNothing for Probe<T> {
    fn schema(&self) -> MakeSchema {
        None
    }
}
