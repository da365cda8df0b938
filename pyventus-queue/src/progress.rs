//! What is left to do for one event, handler by handler.

use std::borrow::Cow;
use std::time::SystemTime;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::letter::Attempt;

/// The version of the text that progress is written as.
const VERSION: u32 = 1;

/// The handlers that have to run again for an event; all others have ended.
///
/// An event without progress is new: every handler runs. What a broker stores of it is opaque to the broker.
///
/// # Examples
///
/// ```
/// use pyventus_queue::{HandlerProgress, Progress};
///
/// let progress = Progress::new(vec![HandlerProgress::fresh("shop::send_receipt")]);
/// assert_eq!(Progress::decode(&progress.encode()?)?, progress);
/// # Ok::<(), pyventus_queue::ProgressError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    handlers: Vec<HandlerProgress>,
}

/// How far a handler has come with an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HandlerProgress {
    /// Which handler it is.
    pub handler: String,
    /// How often it was run.
    pub attempts: u32,
    /// When it is to run again.
    #[serde(with = "crate::time")]
    pub due: SystemTime,
    /// How its attempts failed; the last ones, if there were many.
    pub history: Vec<Attempt>,
}

impl HandlerProgress {
    /// A handler that is to run at once, as if it never had.
    #[must_use]
    pub fn fresh(handler: impl Into<String>) -> Self {
        Self { handler: handler.into(), attempts: 0, due: SystemTime::UNIX_EPOCH, history: Vec::new() }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    version: u32,
    handlers: Cow<'a, [HandlerProgress]>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Progress {
    /// These handlers have to run again.
    #[must_use]
    pub fn new(handlers: Vec<HandlerProgress>) -> Self {
        Self { handlers }
    }

    /// Returns the handlers that have to run again.
    #[must_use]
    pub fn handlers(&self) -> &[HandlerProgress] {
        &self.handlers
    }

    /// Returns when the first of them is due; nothing where none has to run again.
    #[must_use]
    pub fn due(&self) -> Option<SystemTime> {
        self.handlers.iter().map(|handler| handler.due).min()
    }

    /// Writes the progress for a broker.
    ///
    /// # Errors
    ///
    /// A time is beyond the years -9999 to 9999.
    pub fn encode(&self) -> Result<Bytes, ProgressError> {
        let written = Written { version: VERSION, handlers: Cow::Borrowed(&self.handlers) };
        Ok(serde_json::to_vec(&written)?.into())
    }

    /// Reads what was written.
    ///
    /// # Errors
    ///
    /// The bytes are not those of progress, or of another version.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProgressError> {
        let Version { version } = serde_json::from_slice(bytes)?;
        if version != VERSION {
            return Err(ProgressError::Version { wanted: VERSION, found: version });
        }
        let Written { handlers, .. } = serde_json::from_slice(bytes)?;
        Ok(Self { handlers: handlers.into_owned() })
    }
}

/// The progress of an event can be neither written nor read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgressError {
    /// It is not in the form.
    #[error("the progress of the event is malformed")]
    Malformed(#[from] serde_json::Error),
    /// It is of another version.
    #[error("the progress of the event says version {found}, not {wanted}")]
    #[non_exhaustive]
    Version {
        /// The version that is read.
        wanted: u32,
        /// The version that was written.
        found: u32,
    },
}
