//! `dead replay` and `dead drop`.

use std::io::Write;

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use pyventus_queue::{AnyBroker, Broker as _, LetterError, LetterId};
use serde_json::json;
use tokio::task::JoinSet;

use super::list::pages;
use super::{DropArgs, ReplayArgs, Selection, letter};
use crate::ask::confirm;
use crate::verdict::Verdict;

/// How many letters a broker is asked about at a time.
const TOGETHER: usize = 64;

/// What is done with letters.
#[derive(Clone, Copy)]
enum End {
    Replay,
    Drop,
}

/// What became of letters.
#[derive(Default)]
struct Ended {
    done: usize,
    /// Those that were not there.
    unknown: Vec<LetterId>,
}

pub(super) async fn replay(
    args: &ReplayArgs,
    broker: &AnyBroker,
    out: &mut dyn Write,
) -> anyhow::Result<Verdict> {
    let ids = select(&args.selection, broker).await?;
    let ended = end(End::Replay, &ids, broker).await?;
    tell(&ended, "replayed", args.selection.all, args.json, out)
}

pub(super) async fn drop(
    args: &DropArgs,
    broker: &AnyBroker,
    out: &mut dyn Write,
) -> anyhow::Result<Verdict> {
    let ids = select(&args.selection, broker).await?;
    if args.selection.all && !ids.is_empty() {
        confirm(&format!("Drop {} for good?", letters(ids.len())), args.yes)?;
    }
    let ended = end(End::Drop, &ids, broker).await?;
    tell(&ended, "dropped", args.selection.all, args.json, out)
}

/// The letters that are meant. All of them are those that there are now: what dies meanwhile is left alone.
async fn select(selection: &Selection, broker: &AnyBroker) -> anyhow::Result<Vec<LetterId>> {
    if !selection.all {
        let is_restricted =
            selection.place.queue.is_some() || selection.place.group.is_some() || selection.handler.is_some();
        if is_restricted {
            bail!("a queue, a group and a handler restrict `--all`, not the letters that are named");
        }
        return Ok(selection.ids.clone());
    }
    let found = ProgressBar::new_spinner().with_message("looking for dead letters");
    let mut ids = Vec::new();
    for (queue, group) in selection.place.groups(broker).await? {
        pages(broker, &queue, &group, None, |page| {
            let page = page.iter().filter(|dead| letter::is_of(dead, selection.handler.as_deref()));
            ids.extend(page.map(|dead| dead.id));
            found.set_message(format!("{} found", letters(ids.len())));
            found.tick();
            true
        })
        .await?;
    }
    found.finish_and_clear();
    ids.sort_unstable();
    Ok(ids)
}

/// Replays or drops letters, each of them by itself.
async fn end(how: End, ids: &[LetterId], broker: &AnyBroker) -> anyhow::Result<Ended> {
    let style = ProgressStyle::with_template("{bar:40.cyan/blue} {pos} of {len}, {eta} left")?;
    let progress = ProgressBar::new(ids.len() as u64).with_style(style);
    let (mut ended, mut tasks, mut left) = (Ended::default(), JoinSet::new(), ids.iter().copied());
    loop {
        while tasks.len() < TOGETHER
            && let Some(id) = left.next()
        {
            let broker = broker.clone();
            tasks.spawn(async move {
                match how {
                    End::Replay => broker.replay(id).await,
                    End::Drop => broker.drop_letter(id).await,
                }
            });
        }
        let Some(result) = tasks.join_next().await else { break };
        match result? {
            Ok(()) => ended.done += 1,
            Err(LetterError::Unknown(id)) => ended.unknown.push(id),
            Err(error) => {
                progress.abandon();
                let done = letters(ended.done);
                return Err(anyhow::Error::new(error).context(format!("it ended after {done}")));
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    ended.unknown.sort_unstable();
    Ok(ended)
}

/// Says what was done. That a letter which was named is not there is an error; one of all may have gone meanwhile.
fn tell(ended: &Ended, done: &str, all: bool, as_json: bool, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let unknown: Vec<_> = ended.unknown.iter().map(LetterId::to_string).collect();
    if as_json {
        writeln!(out, "{:#}", json!({ done: ended.done, "unknown": unknown }))?;
    } else if ended.done == 1 {
        writeln!(out, "1 dead letter was {done}")?;
    } else {
        writeln!(out, "{} were {done}", letters(ended.done))?;
    }
    if !all && !unknown.is_empty() {
        out.flush()?;
        bail!("there is no dead letter {}", unknown.join(", "));
    }
    Ok(Verdict::Well)
}

fn letters(count: usize) -> String {
    if count == 1 { "1 dead letter".to_owned() } else { format!("{count} dead letters") }
}
