//! What processes write down, so that it is known when they are killed.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

/// The numbers of events.
pub(crate) type Batch = std::ops::Range<u64>;

/// One thing that a process has written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A batch is about to be published.
    Tried(Batch),
    /// A batch was accepted.
    Accepted(Batch),
    /// An event is about to be settled for good, with a letter or without.
    Done(u64),
    /// An event is about to be settled for later.
    Again(u64),
    /// An event that was about to be settled was not held any more.
    Lost(u64),
}

impl Line {
    fn write(&self) -> String {
        match self {
            Self::Tried(batch) => format!("tried {} {}\n", batch.start, batch.end),
            Self::Accepted(batch) => format!("accepted {} {}\n", batch.start, batch.end),
            Self::Done(number) => format!("done {number}\n"),
            Self::Again(number) => format!("again {number}\n"),
            Self::Lost(number) => format!("lost {number}\n"),
        }
    }

    fn read(line: &str) -> Self {
        let (what, numbers) = line.split_once(' ').unwrap();
        let numbers: Vec<_> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
        match (what, numbers[..].as_ref()) {
            ("tried", [start, end]) => Self::Tried(*start..*end),
            ("accepted", [start, end]) => Self::Accepted(*start..*end),
            ("done", [number]) => Self::Done(*number),
            ("again", [number]) => Self::Again(*number),
            ("lost", [number]) => Self::Lost(*number),
            _ => panic!("no line of a ledger: {line}"),
        }
    }
}

/// Where one process writes.
pub(crate) struct Writer(File);

impl Writer {
    pub(crate) fn new(directory: &Path) -> Self {
        let path = directory.join(format!("{}.ledger", std::process::id()));
        Self(File::options().create(true).append(true).open(path).unwrap())
    }

    /// Writes lines in one piece: they are there when this returns, even if the process is killed then.
    pub(crate) fn write(&mut self, lines: &[Line]) {
        let text: String = lines.iter().map(Line::write).collect();
        self.0.write_all(text.as_bytes()).unwrap();
    }
}

/// What all processes have written.
pub(crate) fn read(directory: &Path) -> Vec<Line> {
    let mut lines = Vec::new();
    for file in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if file.path().extension().is_some_and(|extension| extension == "ledger") {
            let text = fs::read_to_string(file.path()).unwrap();
            lines.extend(text.lines().map(Line::read));
        }
    }
    lines
}
