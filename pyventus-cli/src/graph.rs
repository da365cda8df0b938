//! `graph`: the graph of the program, and what changed since an earlier one.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anstyle::AnsiColor;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use pyventus_core::EventLinker;

use crate::verdict::Verdict;

/// How to draw a graph.
#[derive(Args, Clone, Debug)]
pub struct GraphArgs {
    /// How the graph is written.
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    pub format: Format,
    /// Show what stands in that module, or in one below it, and nothing else.
    #[arg(long, value_name = "MODULE")]
    pub within: Option<String>,
    /// Show what changed since an earlier graph, written with `--format json`. The exit code is 1 where
    /// anything did.
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub since: Option<PathBuf>,
}

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A flowchart of Mermaid.
    Mermaid,
    /// The language of Graphviz.
    Dot,
    /// Data.
    Json,
}

pub(crate) fn draw(args: &GraphArgs, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let mut topology = EventLinker::topology();
    if let Some(module) = &args.within {
        topology = topology.within(module);
    }
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
