//! The small errors of subscribing and binding.

use std::fmt;

use crate::key::{EventKey, KeysError};
use crate::origin::Origin;

/// A subscription was refused; nothing was linked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// What was given does not name an event.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A key already has as many handlers as the linker allows.
    #[error("{key} has reached the limit of {max} handlers in the linker `{linker}`")]
    LimitExceeded {
        /// The key that is full.
        key: EventKey,
        /// The limit of the linker, in handlers per key.
        max: usize,
        /// The name of the linker.
        linker: &'static str,
    },
    /// The declared handler is linked already.
    #[error("the handler `{handler}` is linked already: by its attribute, or by an earlier `register`")]
    AlreadyLinked {
        /// Where the handler was written.
        handler: Origin,
    },
}

/// A parameter of a handler could not be bound: the handler failed and did not run.
///
/// # Examples
///
/// A type of one's own that a handler can take as a parameter:
///
/// ```
/// use pyventus_core::{BindError, Context, FromEmission};
///
/// struct Tenant(String);
///
/// impl FromEmission for Tenant {
///     fn from_emission(context: &Context) -> Result<Self, BindError> {
///         match context.event_name().split_once('.') {
///             Some((tenant, _)) => Ok(Tenant(tenant.to_owned())),
///             None => Err(BindError::new("an event named `<tenant>.<what>`", context.event_name())),
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct BindError {
    handler: Option<Origin>,
    parameter: Option<&'static str>,
    wanted: String,
    found: String,
}

impl BindError {
    /// Returns an error that says what was wanted and what was found instead.
    pub fn new(wanted: impl Into<String>, found: impl Into<String>) -> Self {
        Self { handler: None, parameter: None, wanted: wanted.into(), found: found.into() }
    }

    /// Returns where the handler stands, once it is known.
    #[must_use]
    pub fn handler(&self) -> Option<&Origin> {
        self.handler.as_ref()
    }

    /// Returns the name of the parameter, where it has one.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        self.parameter
    }

    /// Returns what the parameter wanted.
    #[must_use]
    pub fn wanted(&self) -> &str {
        &self.wanted
    }

    /// Returns what the emission held instead.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    pub(crate) fn of_parameter(mut self, parameter: &'static str) -> Self {
        if !parameter.is_empty() {
            self.parameter.get_or_insert(parameter);
        }
        self
    }

    pub(crate) fn set_handler(&mut self, handler: Origin) {
        self.handler.get_or_insert(handler);
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parameter {
            Some(parameter) => write!(f, "parameter `{parameter}`")?,
            None => f.write_str("a parameter")?,
        }
        if let Some(handler) = &self.handler {
            write!(f, " of handler `{handler}`")?;
        }
        write!(f, " wanted {}, found {}", self.wanted, self.found)
    }
}

impl std::error::Error for BindError {}
