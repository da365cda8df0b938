//! The laws that every backend keeps, held by `InlineBackend`.
#![cfg(feature = "conformance")]

use std::sync::Arc;

use pyventus_core::conformance::Fixture;
use pyventus_core::{Backend, InlineBackend};

struct Inline;

impl Fixture for Inline {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(InlineBackend::new())
    }
}

pyventus_core::backend_laws!(|| Inline);
