//! What the command line asks for.

use std::time::Duration;

const USAGE: &str = "\
usage: pyventus-bench [--quick] [--only CASE].. [--lines]

  --quick       fewer sizes and rounds: less than a minute
  --only CASE   cases whose name contains CASE, and their floors; may be given several times
  --lines       only the lines for machines
";

/// What to measure, and how thoroughly.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) quick: bool,
    pub(crate) only: Vec<String>,
    pub(crate) lines: bool,
}

impl Options {
    /// Reads the arguments; where they are wrong, the error is what to tell.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match &*argument {
                "--quick" => options.quick = true,
                "--lines" => options.lines = true,
                "--only" => options.only.push(arguments.next().ok_or(USAGE)?),
                // What `cargo bench` passes on.
                "--bench" => {}
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }

    /// Whether a case was asked for.
    pub(crate) fn wants(&self, case: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| case.contains(&**only))
    }

    /// The sizes to measure: all of them, or the few of a quick run.
    pub(crate) fn sizes(&self, all: &[usize], few: &[usize]) -> Vec<usize> {
        if self.quick { few.to_vec() } else { all.to_vec() }
    }

    /// How often each contender of a race is sampled.
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 21 } else { 101 }
    }

    /// How long a sample takes.
    pub(crate) fn sample(&self) -> Duration {
        if self.quick { Duration::from_millis(1) } else { Duration::from_millis(2) }
    }
}
