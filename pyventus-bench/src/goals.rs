//! The ratios to reach.

use std::fmt;

/// What a case is to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    /// Enough.
    pub(crate) goal: f64,
    /// What the machine allows.
    pub(crate) stretch: f64,
}

/// How far a case has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Missed,
    Reached,
    Stretch,
}

/// The goals, by the name of the case and the numbers of handlers.
const GOALS: &[(&str, &[usize], f64, f64)] = &[
    ("typed_inline", &[1], 3.5, 1.5),
    ("typed_inline", &[10], 1.5, 1.15),
    ("typed_inline", &[100], 1.10, 1.0),
    ("typed_inline", &[1000, 10_000], 1.05, 1.0),
    ("typed_inline_owned", &[1], 1.6, 1.2),
    ("typed_inline_owned", &[10], 1.3, 1.1),
    ("typed_unhandled", &[0], 2.5, 0.5),
    ("text_inline", &[1], 6.5, 3.5),
    ("text_inline", &[10], 1.9, 1.4),
    ("text_inline", &[100], 1.15, 1.1),
    ("distinct_inline", &[100], 1.10, 1.0),
    ("async_ready_inline", &[10], 1.1, 0.8),
    ("tokio_ready", &[1, 10, 100], 1.05, 0.6),
    ("tokio_ready_declared", &[1, 10], 1.05, 0.6),
    ("tokio_sync_handlers", &[10], 1.10, 1.0),
    ("tokio_yield_all", &[10, 100], 1.05, 0.5),
    ("tokio_yield_staggered", &[10, 100], 1.05, 0.5),
    ("tokio_yield_one", &[10, 100], 1.05, 0.5),
    ("tokio_yield_chain", &[10, 100], 1.05, 0.5),
    ("tokio_return", &[1, 100], 1.2, 0.25),
    ("thread_pool", &[1], 1.2, 1.0),
    ("two_threads", &[1, 10], 1.05, 1.0),
    ("subscribe", &[10_000], 3.0, 1.0),
    ("unsubscribe_fifo", &[10_000], 3.0, 1.0),
    ("subscribe_growth", &[10_000], 1.3, 1.0),
    ("unsubscribe_growth", &[10_000], 1.3, 1.0),
    ("once_take", &[10_000], 7.0, 2.0),
    ("many_keys", &[1], 1.5, 1.1),
    ("first_emit", &[10_000], 3.0, 1.5),
    ("redis_emit", &[1], 1.05, 1.0),
    ("redis_emit", &[256], 1.3, 1.0),
    ("redis_worker", &[256], 1.67, 1.25),
    ("redis_latency_p99", &[1_000], 5.0, 2.0),
    ("sqlite_emit", &[256, 1_000], 1.43, 1.0),
    ("sqlite_end_to_end", &[1_000], 2.5, 1.43),
];

/// What the names of cases end with that differ in how they are run, and have the same goals.
const ENDINGS: &[&str] = &["_current", "_multi", "_everysec", "_always"];

impl Goal {
    /// The goal of a case with that many handlers, if there is one. Cases that differ in the
    /// flavour of the runtime alone, or the setting of the server, have the same.
    pub(crate) fn of(case: &str, n: usize) -> Option<Self> {
        let name = ENDINGS.iter().find_map(|ending| case.strip_suffix(ending)).unwrap_or(case);
        let found = GOALS.iter().find(|(case, sizes, ..)| *case == name && sizes.contains(&n));
        found.map(|&(_, _, goal, stretch)| Self { goal, stretch })
    }

    /// Compares a ratio with the goal, in as many digits as are shown.
    pub(crate) fn mark(self, ratio: f64) -> Mark {
        let ratio = (ratio * 100.0).round() / 100.0;
        if ratio <= self.stretch {
            Mark::Stretch
        } else if ratio <= self.goal {
            Mark::Reached
        } else {
            Mark::Missed
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missed => "missed",
            Self::Reached => "reached",
            Self::Stretch => "reached by far",
        })
    }
}
