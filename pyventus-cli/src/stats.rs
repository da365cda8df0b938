//! `stats`: where the events of queues and groups are.

use std::io::Write;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Args;
use pyventus_queue::{AnyBroker, Backlog, Broker as _, Counts, GroupName, QueueInfo};
use serde_json::{Value, json};

use crate::broker::{BrokerArgs, Missing, runtime};
use crate::place::PlaceArgs;
use crate::setup::Setup;
use crate::shown::duration;
use crate::table;
use crate::verdict::Verdict;

/// Which numbers to show, and how.
#[derive(Args, Clone, Debug)]
pub struct StatsArgs {
    /// Which broker is asked.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// Which queues and groups it is about.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Look again after that time, `2s` unless it is said, until it is interrupted.
    #[arg(
        long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "2s",
        value_parser = duration
    )]
    pub watch: Option<Duration>,
    /// Print JSON instead of a table; with `--watch`, a line each time.
    #[arg(long)]
    pub json: bool,
}

/// A group, and its numbers.
struct Standing {
    group: GroupName,
    counts: Counts,
    backlog: Backlog,
}

pub(crate) fn show(args: &StatsArgs, setup: &Setup, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    runtime()?.block_on(async {
        let broker = args.broker.connect(setup, Missing::Refused).await?;
        loop {
            let queues = look(args, &broker).await?;
            match (args.json, args.watch) {
                (true, None) => writeln!(out, "{:#}", json(&queues))?,
                (true, Some(_)) => writeln!(out, "{}", json(&queues))?,
                (false, watch) => {
                    if watch.is_some() {
                        // Clears the terminal, and is left out where there is none.
                        write!(out, "\u{1b}[2J\u{1b}[H")?;
                    }
                    print(&queues, out)?;
                }
            }
            out.flush()?;
            let Some(interval) = args.watch else { return Ok(Verdict::Well) };
            tokio::time::sleep(interval).await;
        }
    })
}

async fn look(args: &StatsArgs, broker: &AnyBroker) -> anyhow::Result<Vec<(QueueInfo, Vec<Standing>)>> {
    let mut queues = Vec::new();
    for queue in args.place.find(broker).await? {
        let mut groups = Vec::new();
        for group in &queue.groups {
            let (counts, backlog) =
                (broker.counts(&queue.name, group).await?, broker.backlog(&queue.name, group).await?);
            groups.push(Standing { group: group.clone(), counts, backlog });
        }
        queues.push((queue, groups));
    }
    Ok(queues)
}

fn json(queues: &[(QueueInfo, Vec<Standing>)]) -> Value {
    let group = |Standing { group, counts, backlog }: &Standing| {
        json!({
            "group": group.as_str(),
            "waiting": backlog.waiting, "delayed": backlog.delayed, "leased": backlog.leased,
            "accepted": counts.accepted, "succeeded": counts.succeeded, "dead": counts.dead,
            "dropped": counts.dropped, "pending": counts.pending,
        })
    };
    let queue = |(queue, groups): &(QueueInfo, Vec<Standing>)| {
        let groups: Vec<_> = groups.iter().map(group).collect();
        json!({ "queue": queue.name.as_str(), "retained": queue.retained, "groups": groups })
    };
    queues.iter().map(queue).collect()
}

fn print(queues: &[(QueueInfo, Vec<Standing>)], out: &mut dyn Write) -> anyhow::Result<()> {
    let cell = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let mut rows = Vec::new();
    for (QueueInfo { name, retained, .. }, groups) in queues {
        let row = |group: &str, numbers: [Option<u64>; 7]| {
            let [waiting, delayed, leased, dead, dropped, succeeded, accepted] = numbers.map(cell);
            let (name, group, retained) = (name.to_string(), group.to_owned(), retained.to_string());
            [name, group, waiting, delayed, leased, dead, dropped, succeeded, accepted, retained]
        };
        if groups.is_empty() {
            // It waits for its first group.
            rows.push((Style::new(), row("-", [None; 7])));
        }
        for Standing { group, counts, backlog } in groups {
            let Backlog { waiting, delayed, leased, .. } = *backlog;
            let Counts { dead, dropped, succeeded, accepted, .. } = *counts;
            let numbers = [waiting, delayed, leased, dead, dropped, succeeded, accepted].map(Some);
            let style = if dead > 0 { AnsiColor::Yellow.on_default() } else { Style::new() };
            rows.push((style, row(group, numbers)));
        }
    }
    let head = [
        "QUEUE",
        "GROUP",
        "WAITING",
        "DELAYED",
        "LEASED",
        "DEAD",
        "DROPPED",
        "SUCCEEDED",
        "ACCEPTED",
        "RETAINED",
    ];
    Ok(table::print_styled(out, head, rows, "there is no queue")?)
}
