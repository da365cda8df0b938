//! What the producer and the worker have in common: the event, and where events are kept.

use std::path::PathBuf;

use pyventus::Event;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "order.placed")]
pub(crate) struct OrderPlaced {
    pub(crate) id: u64,
}

/// Where events are kept.
pub(crate) enum Place {
    /// One file, which both programs open.
    File(PathBuf),
    /// The URL of a Redis server.
    Redis(String),
}

impl Place {
    /// The file, unless the arguments say `--redis URL`.
    pub(crate) fn from_arguments() -> Self {
        let mut arguments = std::env::args().skip_while(|argument| argument != "--redis");
        match arguments.nth(1) {
            Some(url) => Self::Redis(url),
            None => Self::File(std::env::temp_dir().join("pyventus-orders.db")),
        }
    }
}

/// Whether the arguments say so.
pub(crate) fn is_given(option: &str) -> bool {
    std::env::args().any(|argument| argument == option)
}
