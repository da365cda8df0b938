//! `graph`: the graph of the program, and what changed since an earlier one.

use std::fs;
use std::io::Write;

use anstyle::AnsiColor;
use anyhow::Context as _;
use pyventus_core::EventLinker;

use crate::command::{Format, GraphArgs};
use crate::verdict::Verdict;

pub(crate) fn draw(args: &GraphArgs, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let topology = EventLinker::topology();
    let Some(file) = &args.since else {
        match args.format {
            Format::Mermaid => write!(out, "{}", topology.to_mermaid())?,
            Format::Dot => write!(out, "{}", topology.to_dot())?,
            Format::Json => writeln!(out, "{:#}", topology.to_json())?,
        }
        return Ok(Verdict::Well);
    };
    let earlier = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let earlier = serde_json::from_str(&earlier).with_context(|| format!("{} is no JSON", file.display()))?;
    let changes =
        topology.changes_since(&earlier).with_context(|| format!("{} is refused", file.display()))?;
    let (removed, added) = (AnsiColor::Red.on_default(), AnsiColor::Green.on_default());
    for line in changes.removed() {
        writeln!(out, "{removed}- {line}{removed:#}")?;
    }
    for line in changes.added() {
        writeln!(out, "{added}+ {line}{added:#}")?;
    }
    Ok(if changes.is_empty() { Verdict::Well } else { Verdict::Found })
}
