//! What was measured, for people and for machines.

use std::io::{self, Write};

use crate::goals::goal;
use crate::options::Options;
use crate::race::Row;

/// Writes the table of one race, and a line for each of its cases.
pub(crate) fn write(out: &mut impl Write, title: &str, rows: &[Row], options: &Options) -> io::Result<()> {
    if !options.lines {
        writeln!(out, "\n{title}")?;
        writeln!(
            out,
            "{:<28} {:>6} {:>12}  {:<20} {:>8} {:>6} {:>8}",
            "case", "n", "ns", "floor", "ratio", "goal", "stretch",
        )?;
        for row in rows {
            write_row(out, row)?;
        }
    }
    for row in rows {
        let Row { case, n, ns, floor, .. } = row;
        writeln!(out, "case={case} n={n} ns={ns:.1} floor={floor} ratio={:.2}", row.ratio())?;
    }
    out.flush()
}

fn write_row(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let Row { case, n, ns, floor, .. } = row;
    let ratio = row.ratio();
    write!(out, "{case:<28} {n:>6} {ns:>12.1}  {floor:<20} {ratio:>8.2}")?;
    match goal(case, *n) {
        Some(goal) => writeln!(out, " {:>6.2} {:>8.2}  {}", goal.goal, goal.stretch, goal.mark(ratio)),
        None => writeln!(out),
    }
}
