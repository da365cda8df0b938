//! What the command line asks for.

use std::time::Duration;

const USAGE: &str = "\
usage: pyventus-bench [--quick] [--only CASE].. [--n N].. [--lines] [--generated] [--compile-time]
       [--counts] [--write-counts] [--brokers]

  --quick       fewer sizes and rounds: less than a minute
  --only CASE   cases whose name contains CASE, and their floors; may be given several times
  --n N         cases with N handlers; may be given several times
  --lines       only the lines for machines
  --generated   also the first emission of programs with up to 10,000 declared handlers, which are
                written and built for it: several minutes
  --compile-time
                only what a declared handler costs to compile: several minutes
  --counts      only the instructions of hot paths, compared with those in counts.txt: needs valgrind
  --write-counts
                the same, to be compared with from now on
  --brokers     only the durable side: needs the feature `brokers` and a `redis-server`; several minutes
";

/// What was asked for was not built.
#[cfg(not(feature = "brokers"))]
const NOT_BUILT: &str = "`--brokers` needs the feature `brokers`: cargo run --release -p pyventus-bench --features brokers -- --brokers";

/// Which kinds of measurements to make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What is measured in this process.
    #[default]
    Races,
    /// That, and programs that are built for it.
    WithGenerated,
    /// What a handler costs to compile.
    CompileTime,
    /// How many instructions hot paths take.
    Counts,
    /// The same, written down.
    WriteCounts,
    /// What is kept by brokers.
    #[cfg(feature = "brokers")]
    Brokers,
    /// Nothing: the work of one case, for whoever counts its instructions.
    Repeat { case: String, n: usize, times: u64 },
}

/// What to measure, and how thoroughly.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) quick: bool,
    only: Vec<String>,
    n: Vec<usize>,
    pub(crate) lines: bool,
    pub(crate) scope: Scope,
}

impl Options {
    /// Reads the arguments; where they are wrong, the error is what to tell.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, &'static str> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(USAGE);
            match &*argument {
                "--quick" => options.quick = true,
                "--lines" => options.lines = true,
                "--generated" => options.scope = Scope::WithGenerated,
                "--compile-time" => options.scope = Scope::CompileTime,
                "--counts" => options.scope = Scope::Counts,
                "--write-counts" => options.scope = Scope::WriteCounts,
                #[cfg(feature = "brokers")]
                "--brokers" => options.scope = Scope::Brokers,
                #[cfg(not(feature = "brokers"))]
                "--brokers" => return Err(NOT_BUILT),
                "--repeat" => {
                    let case = value()?;
                    let n = value()?.parse().map_err(|_| USAGE)?;
                    let times = value()?.parse().map_err(|_| USAGE)?;
                    options.scope = Scope::Repeat { case, n, times };
                }
                "--only" => options.only.push(value()?),
                "--n" => options.n.push(value()?.parse().map_err(|_| USAGE)?),
                _ => return Err(USAGE),
            }
        }
        Ok(options)
    }

    /// Whether a case was asked for.
    pub(crate) fn wants(&self, case: &str, n: usize) -> bool {
        let named = self.only.is_empty() || self.only.iter().any(|only| case.contains(&**only));
        named && (self.n.is_empty() || self.n.contains(&n))
    }

    /// The sizes to measure: all of them, or the few of a quick run.
    pub(crate) fn sizes(&self, all: &[usize], few: &[usize]) -> Vec<usize> {
        if self.quick { few.to_vec() } else { all.to_vec() }
    }

    /// How often each contender of a race is sampled.
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 51 } else { 101 }
    }

    /// How long a sample takes.
    pub(crate) fn sample(&self) -> Duration {
        if self.quick { Duration::from_millis(1) } else { Duration::from_millis(3) }
    }
}
