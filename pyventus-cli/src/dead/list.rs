//! `dead list`.

use std::io::Write;

use pyventus_queue::{AnyBroker, Broker as _, DeadLetter, GroupName, LetterId, Page, QueueName};
use serde_json::json;

use super::{ListArgs, letter};
use crate::shown::{brief, safe, time};
use crate::table;
use crate::verdict::Verdict;

/// How many letters are read at a time.
const PAGE: usize = 200;

/// How much of an error a line shows.
const BRIEF: usize = 60;

pub(super) async fn list(
    args: &ListArgs,
    broker: &AnyBroker,
    out: &mut dyn Write,
) -> anyhow::Result<Verdict> {
    let mut letters = Vec::new();
    for (queue, group) in args.place.groups(broker).await? {
        // One more than are shown, so that it is known whether there are more.
        let mut left = args.limit.saturating_add(1);
        pages(broker, &queue, &group, args.after, |page| {
            for dead in page {
                if left > 0 && letter::is_of(&dead, args.handler.as_deref()) {
                    letters.push(dead);
                    left -= 1;
                }
            }
            left > 0
        })
        .await?;
    }
    letters.sort_by_key(|dead| dead.id);
    let has_more = letters.len() > args.limit;
    letters.truncate(args.limit);
    if args.json {
        writeln!(out, "{:#}", json!(letters.iter().map(letter::json).collect::<Vec<_>>()))?;
    } else {
        let head = ["LETTER", "QUEUE", "GROUP", "EVENT", "HANDLER", "REASON", "ATTEMPTS", "AT", "ERROR"];
        let rows = letters.iter().map(row).collect();
        table::print(out, head, rows, "there is no dead letter that fits")?;
    }
    if has_more && let Some(last) = letters.last() {
        anstream::eprintln!("there are more: `--after {}`", last.id);
    }
    let is_asked = args.exit_code && !letters.is_empty();
    Ok(if is_asked { Verdict::Found } else { Verdict::Well })
}

fn row(dead: &DeadLetter) -> [String; 9] {
    let event = letter::sealed(dead).map(|sealed| safe(sealed.unverified().event()));
    let error = dead.letter.history.last().map(|attempt| brief(&attempt.error, BRIEF));
    [
        dead.id.to_string(),
        dead.queue.to_string(),
        dead.group.to_string(),
        event.unwrap_or_else(|| "(unreadable)".to_owned()),
        dead.letter.handler.as_deref().map_or_else(|| "(all)".to_owned(), safe),
        letter::reason(dead),
        dead.letter.attempts.to_string(),
        time(dead.at),
        error.unwrap_or_default(),
    ]
}

/// Reads the letters of a group, page by page, until it is told to stop.
pub(super) async fn pages(
    broker: &AnyBroker,
    queue: &QueueName,
    group: &GroupName,
    mut after: Option<LetterId>,
    mut each: impl FnMut(Vec<DeadLetter>) -> bool,
) -> anyhow::Result<()> {
    loop {
        let page = Page { after, limit: PAGE };
        let letters = broker.letters(queue, group, page).await?;
        after = letters.last().map(|dead| dead.id);
        let is_last = letters.len() < PAGE;
        if !each(letters) || is_last {
            return Ok(());
        }
    }
}
