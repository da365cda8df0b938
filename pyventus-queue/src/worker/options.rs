//! How a worker was set up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pyventus_core::Retry;
use tracing::Span;

use crate::envelope::TraceParent;
use crate::known::Known;
use crate::seal::Seal;

/// What ties the span of an event to the one that it is a part of.
pub(super) type Link = Arc<dyn Fn(&Span, &TraceParent) + Send + Sync>;

/// How a worker was set up.
#[derive(Clone)]
pub(super) struct Options {
    /// How many events are handled at a time.
    pub(super) concurrency: usize,
    /// How many further ones wait for their turn, at most.
    pub(super) prefetch: Option<usize>,
    pub(super) lease: Duration,
    /// How long the broker is asked to wait for events.
    pub(super) poll: Duration,
    /// For handlers that do not say so themselves.
    pub(super) retry: Retry,
    /// For handlers that do not say so themselves.
    pub(super) timeout: Option<Duration>,
    pub(super) max_deaths: u32,
    /// How long what has begun may take once the worker is to end.
    pub(super) grace: Duration,
    pub(super) skips_unknown: bool,
    pub(super) seal: Arc<Seal>,
    pub(super) known: Known,
    pub(super) link: Option<Link>,
    /// How often the broker is asked what became of the events of the group.
    #[cfg(feature = "metrics")]
    pub(super) counts: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 64,
            prefetch: None,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            retry: Retry::new(5),
            timeout: Some(Duration::from_mins(5)),
            max_deaths: 3,
            grace: Duration::from_secs(30),
            skips_unknown: false,
            seal: Arc::default(),
            known: Known::default(),
            link: None,
            #[cfg(feature = "metrics")]
            counts: Some(Duration::from_secs(15)),
        }
    }
}

impl Options {
    /// Whether an event that workers have died of gets its last chance.
    pub(super) fn is_suspect(&self, deaths: u32) -> bool {
        deaths > 0 && deaths.saturating_add(1) >= self.max_deaths
    }

    /// Whether workers have died of an event too often.
    pub(super) fn is_poisonous(&self, deaths: u32) -> bool {
        deaths >= self.max_deaths
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("concurrency", &self.concurrency)
            .field("prefetch", &self.prefetch)
            .field("lease", &self.lease)
            .field("retry", &self.retry)
            .field("timeout", &self.timeout)
            .field("max_deaths", &self.max_deaths)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
