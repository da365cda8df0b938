//! `dead show`.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use pyventus_queue::{AnyBroker, Broker as _, DeadLetter, LetterError};
use serde_json::Value;

use super::{ShowArgs, letter};
use crate::shown::{safe, time};
use crate::verdict::Verdict;

pub(super) async fn show(
    args: &ShowArgs,
    broker: &AnyBroker,
    out: &mut dyn Write,
) -> anyhow::Result<Verdict> {
    let dead = broker.letter(args.id).await?.ok_or(LetterError::Unknown(args.id))?;
    if args.json {
        let mut shown = letter::json(&dead);
        if args.payload {
            shown["payload"] = letter::payload(&dead);
        }
        writeln!(out, "{shown:#}")?;
    } else {
        lines(&dead, out)?;
        if args.payload {
            payload(&letter::payload(&dead), out)?;
        }
    }
    Ok(Verdict::Well)
}

fn lines(dead: &DeadLetter, out: &mut dyn Write) -> anyhow::Result<()> {
    let (bold, red) = (Style::new().bold(), AnsiColor::Red.on_default());
    let mut line = |name: &str, text: &str| writeln!(out, "{bold}{name:<9}{bold:#}{}", safe(text));
    let letter = &dead.letter;
    line("letter", &dead.id.to_string())?;
    line("queue", &dead.queue)?;
    line("group", &dead.group)?;
    let bytes = dead.message.body().len();
    match letter::sealed(dead) {
        Some(sealed) => {
            let envelope = sealed.unverified();
            line("event", envelope.event())?;
            line("id", &envelope.id().to_string())?;
            line("source", envelope.source().as_str())?;
            line("emitted", &time(envelope.time()))?;
            line(
                "signed",
                &match sealed.signature() {
                    Some(signature) => {
                        format!("with the key {}, which is not verified here", signature.key())
                    }
                    None => "no".to_owned(),
                },
            )?;
        }
        None => line("event", "(unreadable)")?,
    }
    line("bytes", &bytes.to_string())?;
    line("handler", letter.handler.as_deref().unwrap_or("all: the event was given up as a whole"))?;
    if let Some(origin) = &letter.origin {
        line("written", origin)?;
    }
    line("attempts", &letter.attempts.to_string())?;
    line("dead", &time(dead.at))?;
    writeln!(out, "{bold}{:<9}{bold:#}{red}{}{red:#}", "reason", letter.reason)?;
    for attempt in &letter.history {
        writeln!(out, "  {}  {}", time(attempt.at), safe(&attempt.error))?;
    }
    Ok(())
}

fn payload(payload: &Value, out: &mut dyn Write) -> anyhow::Result<()> {
    let bold = Style::new().bold();
    for (name, value) in payload.as_object().into_iter().flatten() {
        if !value.is_null() {
            writeln!(out, "{bold}{name:<9}{bold:#}{value:#}")?;
        }
    }
    Ok(())
}
