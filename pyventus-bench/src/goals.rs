//! The ratios to reach.

/// What a case is to reach: `goal` is enough, `stretch` is what the machine allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Goal {
    pub(crate) goal: f64,
    pub(crate) stretch: f64,
}

/// The goals, by the name of the case and the number of handlers. Cases that differ in the flavour
/// of the runtime alone have the same.
const GOALS: [(&str, &[usize], f64, f64); 13] = [
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
    ("async_ready_inline", &[10], 1.1, 0.8),
    ("tokio_ready", &[1, 10, 100], 1.05, 0.6),
    ("distinct_inline", &[100], 1.10, 1.0),
];

/// The goal of a case with that many handlers, if there is one.
pub(crate) fn goal(case: &str, n: usize) -> Option<Goal> {
    let case = case.trim_end_matches("_current").trim_end_matches("_multi");
    let found = GOALS.iter().find(|(name, sizes, ..)| *name == case && sizes.contains(&n));
    found.map(|&(_, _, goal, stretch)| Goal { goal, stretch })
}

impl Goal {
    /// How far a ratio has come.
    pub(crate) fn mark(self, ratio: f64) -> &'static str {
        // What is shown with two digits is compared with two digits.
        let ratio = (ratio * 100.0).round() / 100.0;
        if ratio <= self.stretch {
            "stretch"
        } else if ratio <= self.goal {
            "reached"
        } else {
            "missed"
        }
    }
}
