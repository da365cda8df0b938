//! The span that an emission is a part of.

use std::fmt;

/// The span that an emission is a part of, as the header `traceparent` of the W3C writes it.
///
/// # Examples
///
/// ```
/// use pyventus_queue::TraceParent;
///
/// let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// assert_eq!(TraceParent::new(text)?.as_str(), text);
/// assert!(TraceParent::new("00-0-0-0").is_err());
/// # Ok::<(), pyventus_queue::InvalidTraceParent>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    text: String,
    state: Option<String>,
}

/// The most bytes of a `tracestate`.
const LONGEST_STATE: usize = 512;

/// A text that is no `traceparent`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no `traceparent` of version 00")]
#[non_exhaustive]
pub struct InvalidTraceParent;

/// A text that is no `tracestate`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a `tracestate` has 1 to {LONGEST_STATE} characters of ASCII that can be printed")]
#[non_exhaustive]
pub struct InvalidTraceState;

impl TraceParent {
    /// Checks a text.
    ///
    /// # Errors
    ///
    /// The text is not `00-` with the trace, its span and the flags, or one of the first two is zero.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidTraceParent> {
        let text = text.into();
        let mut parts = text.split('-');
        let mut part = |length: usize| {
            parts.next().filter(|part| {
                part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            })
        };
        let zero = |part: &str| part.bytes().all(|byte| byte == b'0');
        let sound = part(2) == Some("00")
            && part(32).is_some_and(|trace| !zero(trace))
            && part(16).is_some_and(|span| !zero(span))
            && part(2).is_some()
            && parts.next().is_none();
        if sound { Ok(Self { text, state: None }) } else { Err(InvalidTraceParent) }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Adds what tracing systems say of the trace: the header `tracestate`, which is passed on as it is.
    ///
    /// # Errors
    ///
    /// The text is empty, longer than 512 characters, or has some that are not of ASCII or cannot be printed.
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_queue::TraceParent;
    ///
    /// let parent = TraceParent::new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?;
    /// assert_eq!(parent.clone().with_state("vendor=1")?.state(), Some("vendor=1"));
    /// assert!(parent.with_state("").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_state(mut self, state: impl Into<String>) -> Result<Self, InvalidTraceState> {
        let state = state.into();
        let is_sound = (1..=LONGEST_STATE).contains(&state.len())
            && state.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !is_sound {
            return Err(InvalidTraceState);
        }
        self.state = Some(state);
        Ok(self)
    }

    /// Returns the `tracestate`, if there is one.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
