//! Instructions of hot paths, counted under callgrind: unlike times, they do not depend on the mood
//! of the machine.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use crate::generated::output;
use crate::race::Race;

/// What is compared with: lines of a case, its number of handlers and the instructions of one
/// operation.
const COUNTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/counts.txt");

/// How many per cent more than before are too many.
const TOLERANCE: f64 = 3.0;

/// How often a case is repeated in two runs: what both take is not counted.
const TIMES: [u64; 2] = [100, 1100];

/// Counts the cases that were counted before and compares them; an error says which have grown.
pub(crate) fn check(out: &mut impl Write) -> io::Result<()> {
    let (case, n, before, now, change) = ("case", "n", "before", "now", "change");
    writeln!(out, "{case:<34} {n:>6} {before:>12} {now:>12} {change:>9}\n")?;
    let mut grown = Vec::new();
    for (case, n, before) in counts()? {
        let now = count(&case, n)?;
        let change = (now / before - 1.0) * 100.0;
        writeln!(out, "{case:<34} {n:>6} {before:>12.1} {now:>12.1} {change:>+8.1}%")?;
        out.flush()?;
        if change > TOLERANCE {
            grown.push(format!("{case} n={n}"));
        }
    }
    if grown.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "more instructions than before by over {TOLERANCE} %: {}; where that is meant, write them down with \
         `--write-counts`",
        grown.join(", ")
    )))
}

/// Counts the same cases and writes them down.
pub(crate) fn write(out: &mut impl Write) -> io::Result<()> {
    let mut lines = String::new();
    for (case, n, _) in counts()? {
        writeln!(lines, "{case} {n} {:.1}", count(&case, n)?).expect("a text can be written to");
    }
    fs::write(COUNTS, &lines)?;
    out.write_all(lines.as_bytes())
}

/// Does the work of one case so many times, and says how many operations that were.
pub(crate) fn repeat(
    out: &mut impl Write,
    races: &[Race],
    (case, n): (&str, usize),
    times: u64,
) -> io::Result<()> {
    let found = races.iter().flat_map(Race::contenders).find(|contender| contender.is(case, n));
    let mut contender = found.ok_or_else(|| io::Error::other(format!("there is no case {case} n={n}")))?;
    writeln!(out, "{}", contender.repeat(times))
}

/// What was counted before.
fn counts() -> io::Result<Vec<(String, usize, f64)>> {
    let count = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    };
    let wrong = |line| io::Error::other(format!("{COUNTS}: not a case, its handlers and a count: {line}"));
    fs::read_to_string(COUNTS)?.lines().map(|line| count(line).ok_or_else(|| wrong(line))).collect()
}

/// The instructions of one operation.
fn count(case: &str, n: usize) -> io::Result<f64> {
    let [few, many] = TIMES.map(|times| run(case, n, times));
    let ((few, of_few), (many, of_many)) = (few?, many?);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = many.saturating_sub(few) as f64 / (of_many - of_few) as f64;
    Ok(each)
}

/// Repeats a case in a process under callgrind; returns its instructions and its operations.
fn run(case: &str, n: usize, times: u64) -> io::Result<(u64, u64)> {
    let program = env::current_exe()?;
    let profile = program.with_file_name("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg("--log-fd=1").arg(option("--callgrind-out-file=", &profile));
    valgrind.arg(&program).arg("--repeat").args([case, &n.to_string(), &times.to_string()]);
    let said = output(&mut valgrind)?;
    let number = |text: &str| text.trim().parse().ok();
    let operations = said.lines().find_map(number);
    let instructions = said.lines().find_map(|line| number(line.split_once("Collected :")?.1));
    instructions.zip(operations).ok_or_else(|| io::Error::other(format!("valgrind counted nothing: {said}")))
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    let mut option = std::ffi::OsString::from(name);
    option.push(path);
    option
}
