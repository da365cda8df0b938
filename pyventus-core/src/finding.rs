//! What is wrong, or looks wrong, with the declarations of a program.

use std::fmt;

use crate::order::Cycle;
use crate::origin::Origin;

/// How much a [`Finding`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// May well be intended.
    Note,
    /// Is probably a mistake.
    Warning,
    /// Is a mistake: something that was declared does not happen.
    Error,
}

/// Something that is wrong, or looks wrong, with the declarations of a program; see
/// [`EventLinker::verify`](crate::EventLinker::verify).
///
/// Displays as one line that names files and lines.
///
/// # Examples
///
/// ```
/// use pyventus_core::{EventLinker, Severity};
///
/// for finding in EventLinker::verify() {
///     assert!(finding.severity() < Severity::Error, "{finding}");
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A handler answers a text that no derived event bears. A text of its own is fine; a misspelt
    /// name is not.
    #[non_exhaustive]
    UndeclaredText {
        /// The text.
        text: String,
        /// The handler.
        handler: Origin,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A handler takes an event object that none of its texts brings.
    #[non_exhaustive]
    NeverReceives {
        /// The handler.
        handler: Origin,
        /// The type it takes.
        wanted: &'static str,
        /// Its texts.
        texts: Vec<String>,
    },
    /// Two types of event bear one name: text keys of that name get the objects of both.
    #[non_exhaustive]
    SharedName {
        /// The name.
        name: &'static str,
        /// The types, and where they were written.
        types: Vec<Origin>,
    },
    /// A handler is registered twice.
    #[non_exhaustive]
    Duplicate {
        /// The handler.
        handler: Origin,
    },
    /// Handlers are each to start before the next, and the last before the first.
    #[non_exhaustive]
    Cycle {
        /// The handlers.
        handlers: Vec<Origin>,
    },
    /// A declared handler was not linked: one of its keys was full.
    #[non_exhaustive]
    LeftOut {
        /// The handler.
        handler: Origin,
        /// Why.
        reason: String,
    },
    /// Several success callbacks of a handler take its value away: only the first gets it.
    #[non_exhaustive]
    ValueTakenTwice {
        /// The callbacks.
        callbacks: Vec<Origin>,
    },
    /// No handler answers a derived event.
    #[non_exhaustive]
    Unanswered {
        /// The name of the event.
        name: &'static str,
        /// The type.
        event: Origin,
    },
}

impl Finding {
    /// Returns how much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::NeverReceives { .. }
            | Self::Duplicate { .. }
            | Self::Cycle { .. }
            | Self::LeftOut { .. }
            | Self::ValueTakenTwice { .. } => Severity::Error,
            Self::UndeclaredText { nearest: Some(_), .. } | Self::SharedName { .. } => Severity::Warning,
            Self::UndeclaredText { nearest: None, .. } | Self::Unanswered { .. } => Severity::Note,
        }
    }

    pub(crate) fn cycle(cycle: Cycle) -> Self {
        Self::Cycle { handlers: cycle.0 }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UndeclaredText { text, handler, nearest } => {
                write!(f, "the handler {handler} answers the text {text:?}, which no declared event bears")?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean {nearest:?}?"),
                    None => Ok(()),
                }
            }
            Self::NeverReceives { handler, wanted, texts } => {
                write!(
                    f,
                    "the handler {handler} takes `&{wanted}`, which none of its texts brings: {texts:?}"
                )
            }
            Self::SharedName { name, types } => {
                write!(f, "the name {name:?} is that of several events: ")?;
                list(f, types)
            }
            Self::Duplicate { handler } => write!(f, "the handler {handler} is registered twice"),
            Self::Cycle { handlers } => {
                f.write_str(
                    "each of these handlers is to start before the next, and the last before the first: ",
                )?;
                list(f, handlers)
            }
            Self::LeftOut { handler, reason } => write!(f, "the handler {handler} was not linked: {reason}"),
            Self::ValueTakenTwice { callbacks } => {
                f.write_str(
                    "only the first of these success callbacks gets the value, which each takes away: ",
                )?;
                list(f, callbacks)
            }
            Self::Unanswered { name, event } => write!(f, "no handler answers the event {name:?}, {event}"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, places: &[Origin]) -> fmt::Result {
    for (index, place) in places.iter().enumerate() {
        write!(f, "{}{place}", if index == 0 { "" } else { ", " })?;
    }
    Ok(())
}
