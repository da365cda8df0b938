//! How often a handler is tried, and how long it may take.

use std::time::Duration;

/// How often a handler is tried when it fails, and how long the pauses between are.
///
/// The pauses grow: the first is at most [`first`](Self::first) long, each next one up to
/// [`factor`](Self::factor) times as much, none longer than [`max`](Self::max). How far a pause stays
/// below its bound is left to chance, so that what failed together does not come again together.
///
/// Workers try again; see `retry` of [`on`](https://docs.rs/pyventus/latest/pyventus/attr.on.html).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use pyventus_core::Retry;
///
/// let retry = Retry::new(5).first(Duration::from_millis(200)).max(Duration::from_mins(1));
/// assert_eq!(retry.attempts(), 5);
/// assert_eq!(retry.bound(1), Some(Duration::from_millis(200)));
/// assert_eq!(retry.bound(3), Some(Duration::from_millis(800)));
/// assert_eq!(retry.bound(5), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    attempts: u32,
    first: Duration,
    max: Duration,
    factor: u32,
}

impl Retry {
    /// A handler that is tried once.
    pub const NEVER: Self = Self::new(1);

    /// Returns a policy with that many attempts, the first run included; 0 is taken for 1. The first
    /// pause is at most a second long, then they double, up to five minutes.
    #[must_use]
    pub const fn new(attempts: u32) -> Self {
        let attempts = if attempts == 0 { 1 } else { attempts };
        Self { attempts, first: Duration::from_secs(1), max: Duration::from_mins(5), factor: 2 }
    }

    /// Sets how long the first pause is at most.
    #[must_use]
    pub const fn first(mut self, first: Duration) -> Self {
        self.first = first;
        self
    }

    /// Sets how long every pause is at most.
    #[must_use]
    pub const fn max(mut self, max: Duration) -> Self {
        self.max = max;
        self
    }

    /// Sets by how much pauses grow; 1 keeps them as they are, and 0 is taken for 1.
    #[must_use]
    pub const fn factor(mut self, factor: u32) -> Self {
        self.factor = if factor == 0 { 1 } else { factor };
        self
    }

    /// Returns how often the handler is tried, the first run included; at least once.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns how long the pause after a failed attempt is at most, the first being 1; `None` after
    /// the last one.
    #[must_use]
    pub fn bound(&self, attempt: u32) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let grown =
            self.factor.checked_pow(attempt.saturating_sub(1)).and_then(|by| self.first.checked_mul(by));
        Some(grown.map_or(self.max, |pause| pause.min(self.max)))
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::NEVER
    }
}

/// A failure that another attempt would not change: the handler is not tried again.
///
/// # Examples
///
/// ```
/// use pyventus_core::Permanent;
///
/// fn charge(amount: i64) -> anyhow::Result<()> {
///     if amount < 0 {
///         return Err(Permanent::new(anyhow::anyhow!("a negative amount")).into());
///     }
///     Ok(())
/// }
///
/// assert!(charge(-1).unwrap_err().is::<Permanent>());
/// ```
#[derive(Debug)]
pub struct Permanent(anyhow::Error);

impl Permanent {
    /// Makes an error one that stays.
    pub fn new(error: impl Into<anyhow::Error>) -> Self {
        Self(error.into())
    }
}

impl std::fmt::Display for Permanent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Permanent {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// The handler did not end in the time it was given by `timeout`; it was dropped where it waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the handler did not end within {limit:?}")]
#[non_exhaustive]
pub struct HandlerTimedOut {
    /// How long it had.
    pub limit: Duration,
}

impl HandlerTimedOut {
    /// A handler that had that long.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self { limit }
    }
}
