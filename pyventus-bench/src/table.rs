//! What was measured, for people and for machines.

use std::io::{self, Write};

use crate::goals::{Goal, Mark};
use crate::options::Options;
use crate::race::Row;

/// Writes rows as they are measured, and ends with one line for each of them.
pub(crate) struct Table<W> {
    out: W,
    /// Whether only machines read it.
    lines: bool,
    title: String,
    rows: Vec<Row>,
}

impl<W: Write> Table<W> {
    pub(crate) fn new(out: W, options: &Options) -> Self {
        Self { out, lines: options.lines, title: String::new(), rows: Vec::new() }
    }

    /// Adds what was measured in one race.
    pub(crate) fn add(&mut self, title: &str, rows: Vec<Row>) -> io::Result<()> {
        if !self.lines && !rows.is_empty() {
            if self.title != title {
                self.head(title)?;
                title.clone_into(&mut self.title);
            }
            for row in &rows {
                self.row(row)?;
            }
            writeln!(self.out)?;
            self.out.flush()?;
        }
        self.rows.extend(rows);
        Ok(())
    }

    /// Writes the lines for machines, and how many goals were reached.
    pub(crate) fn close(mut self) -> io::Result<()> {
        for Row { case, n, ns, floor, ratio, .. } in &self.rows {
            writeln!(self.out, "case={case} n={n} ns={ns:.2} floor={floor} ratio={ratio:.2}")?;
        }
        if !self.lines {
            let marks = self.rows.iter().filter_map(|row| Some(Goal::of(&row.case, row.n)?.mark(row.ratio)));
            let marks: Vec<Mark> = marks.collect();
            let count = |mark| marks.iter().filter(|other| **other == mark).count();
            let (missed, stretch) = (count(Mark::Missed), count(Mark::Stretch));
            let reached = marks.len() - missed;
            writeln!(self.out, "\n{reached} of {} goals reached, {stretch} of them by far", marks.len())?;
        }
        self.out.flush()
    }

    fn head(&mut self, title: &str) -> io::Result<()> {
        let (case, n, ns, floor) = ("case", "n", "ns", "floor");
        let (ratio, goal, stretch) = ("ratio", "goal", "stretch");
        writeln!(self.out, "\n{title}")?;
        writeln!(self.out, "{case:<34} {n:>6} {ns:>12}  {floor:<34} {ratio:>8} {goal:>6} {stretch:>8}\n")
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        let Row { case, n, ns, floor, ratio, beside } = row;
        write!(self.out, "{case:<34} {n:>6} {ns:>12.1}  ")?;
        if case == floor {
            return writeln!(self.out);
        }
        write!(self.out, "{floor:<34} {ratio:>8.2}")?;
        if let Some((ours, times)) = beside {
            return writeln!(self.out, " {times:>14.2} times {ours}");
        }
        match Goal::of(case, *n) {
            Some(goal) => {
                let Goal { goal: enough, stretch } = goal;
                writeln!(self.out, " {enough:>6.2} {stretch:>8.2}  {}", goal.mark(*ratio))
            }
            None => writeln!(self.out),
        }
    }
}
