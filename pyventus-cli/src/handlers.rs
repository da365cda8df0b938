//! `handlers`: the declared handlers, with what they answer.

use std::io::Write;

use clap::Args;
use pyventus_core::EventLinker;
use serde_json::{Value, json};

use crate::events::{place, text};
use crate::table;
use crate::verdict::Verdict;

/// Which handlers to list, and how.
#[derive(Args, Clone, Debug)]
pub struct HandlersArgs {
    /// Only handlers that answer the event of this name, or everything.
    #[arg(long, value_name = "NAME")]
    pub event: Option<String>,
    /// Only handlers of the linker of this name.
    #[arg(long, value_name = "NAME")]
    pub linker: Option<String>,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

pub(crate) fn list(args: &HandlersArgs, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let graph = EventLinker::topology().to_json();
    let linkers = graph["linkers"].as_array().into_iter().flatten();
    let handlers: Vec<(&Value, &Value)> = linkers
        .filter(|cluster| args.linker.as_ref().is_none_or(|linker| cluster["linker"] == linker.as_str()))
        .flat_map(|cluster| {
            let handlers = cluster["handlers"].as_array().into_iter().flatten();
            handlers.map(|handler| (&cluster["linker"], handler))
        })
        .filter(|(_, handler)| args.event.as_ref().is_none_or(|event| answers(handler, event)))
        .collect();
    if args.json {
        let with_linker = |(linker, handler): (&Value, &Value)| {
            let mut handler = handler.clone();
            handler["linker"] = linker.clone();
            handler
        };
        writeln!(out, "{:#}", json!(handlers.into_iter().map(with_linker).collect::<Vec<_>>()))?;
        return Ok(Verdict::Well);
    }
    let row = |(linker, handler): (&Value, &Value)| {
        let events = handler["events"].as_array().into_iter().flatten();
        let events: Vec<_> = events.map(|event| text(event, "name")).collect();
        let once = if handler["once"] == true { " (once)" } else { "" };
        [
            text(handler, "handler") + once,
            events.join(", "),
            linker.as_str().unwrap_or_default().to_owned(),
            place(handler),
        ]
    };
    let rows = handlers.into_iter().map(row).collect();
    table::print(out, ["HANDLER", "ANSWERS", "LINKER", "WHERE"], rows, "no handler is declared that fits")?;
    Ok(Verdict::Well)
}

/// Whether a handler answers the event of a name, or everything that is no error.
fn answers(handler: &Value, name: &str) -> bool {
    let events = handler["events"].as_array().into_iter().flatten();
    events.into_iter().any(|event| match event["kind"].as_str() {
        Some("text" | "event") => event["name"] == name,
        Some("all") => event["name"] != "error(..)",
        _ => false,
    })
}
