//! `events`: the derived events.

use std::io::Write;

use clap::Args;
use pyventus_core::EventLinker;
use serde_json::Value;

use crate::table;
use crate::verdict::Verdict;

/// How to list events.
#[derive(Args, Clone, Debug)]
pub struct EventsArgs {
    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

pub(crate) fn list(args: &EventsArgs, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let events = &EventLinker::topology().to_json()["events"];
    if args.json {
        writeln!(out, "{events:#}")?;
        return Ok(Verdict::Well);
    }
    let row = |event: &Value| {
        let durable = if event["durable"] == true { "yes" } else { "no" };
        [text(event, "name"), text(event, "type"), durable.to_owned(), place(event)]
    };
    let rows = events.as_array().into_iter().flatten().map(row).collect();
    table::print(out, ["EVENT", "TYPE", "DURABLE", "WHERE"], rows, "no event is declared in this program")?;
    Ok(Verdict::Well)
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// Where something was written.
pub(crate) fn place(value: &Value) -> String {
    format!("{}:{}", text(value, "file"), value["line"])
}
