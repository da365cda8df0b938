//! What processes have done, line by line: a line is in the file when what it says is done, or begins.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a process has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// It is about to emit these events.
    Tried(Range<u64>),
    /// They were accepted.
    Accepted(Range<u64>),
    /// A handler runs.
    Ran { handler: String, number: u64, attempt: u32 },
}

/// Adds lines; several processes may do so.
pub(crate) struct Writer(File);

fn path(directory: &Path) -> PathBuf {
    directory.join("ledger")
}

impl Writer {
    pub(crate) fn new(directory: &Path) -> Self {
        Self(OpenOptions::new().create(true).append(true).open(path(directory)).unwrap())
    }

    pub(crate) fn write(&self, line: &Line) {
        let line = match line {
            Line::Tried(numbers) => format!("tried {} {}\n", numbers.start, numbers.end),
            Line::Accepted(numbers) => format!("accepted {} {}\n", numbers.start, numbers.end),
            Line::Ran { handler, number, attempt } => format!("{handler} {number} {attempt}\n"),
        };
        // In one piece, which the system appends as a whole.
        (&self.0).write_all(line.as_bytes()).unwrap();
    }
}

/// Reads what there is so far.
pub(crate) fn read(directory: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path(directory)).unwrap_or_default();
    let line = |line: &str| {
        let parts: Vec<_> = line.split(' ').collect();
        let [kind, first, second] = parts[..] else { panic!("the line is none: {line:?}") };
        let (first, second): (u64, u64) = (first.parse().unwrap(), second.parse().unwrap());
        match kind {
            "tried" => Line::Tried(first..second),
            "accepted" => Line::Accepted(first..second),
            handler => {
                Line::Ran { handler: handler.to_owned(), number: first, attempt: second.try_into().unwrap() }
            }
        }
    };
    text.lines().map(line).collect()
}
