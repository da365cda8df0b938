//! How a backend was set up.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// How a backend was set up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The runtime that everything runs on, where one was given.
    pub(crate) runtime: Option<Handle>,
    /// Whether emissions run one after the other.
    pub(crate) ordered: bool,
    /// One permit for each emission that may run at a time.
    pub(crate) permits: Option<Arc<Semaphore>>,
}

/// A concurrency of zero was asked for: nothing would ever run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroConcurrency;

impl std::fmt::Display for ZeroConcurrency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a concurrency of zero runs nothing")
    }
}

impl std::error::Error for ZeroConcurrency {}
