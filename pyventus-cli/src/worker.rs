//! `worker`: handles events until it is told to end.

use std::io::Write;
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;
use pyventus_queue::{Broker as _, Counts, GroupName, QueueName, Summary, Worker};
use serde_json::{Value, json};

use crate::broker::{BrokerArgs, Missing, runtime};
use crate::setup::Setup;
use crate::shown::duration;
use crate::verdict::Verdict;

/// What a worker handles, and how.
#[derive(Args, Clone, Debug)]
pub struct WorkerArgs {
    /// Which broker is asked.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// The queue that it receives from; that of the program unless it is given, or `events`.
    #[arg(long, value_name = "NAME")]
    pub queue: Option<QueueName>,
    /// The group that it receives for; that of the program unless it is given, or `default`.
    #[arg(long, value_name = "NAME")]
    pub group: Option<GroupName>,
    /// How many events it handles at a time.
    #[arg(long, value_name = "EVENTS")]
    pub concurrency: Option<NonZeroUsize>,
    /// How many further events it fetches at most.
    #[arg(long, value_name = "EVENTS")]
    pub prefetch: Option<usize>,
    /// After which time others take over what it has, if it dies.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub lease: Option<Duration>,
    /// How long what it has begun may take once it is told to end.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub grace: Option<Duration>,
    /// Take events of which the program declares no type for done, instead of giving them up.
    #[arg(long)]
    pub skip_unknown: bool,
    /// Print what it has done as JSON.
    #[arg(long)]
    pub json: bool,
}

pub(crate) fn run(args: &WorkerArgs, setup: &Setup, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let queue = match (&args.queue, &setup.queue) {
        (Some(queue), _) => queue.clone(),
        (None, Some(name)) => QueueName::new(name)?,
        (None, None) => QueueName::default(),
    };
    let group = match (&args.group, &setup.group) {
        (Some(group), _) => group.clone(),
        (None, Some(name)) => GroupName::new(name)?,
        (None, None) => GroupName::default(),
    };
    let (summary, counts) = runtime()?.block_on(async {
        let broker = args.broker.connect(setup, Missing::Made).await?;
        let mut worker = Worker::new(broker.clone());
        if let Some(set_up) = &setup.worker {
            worker = set_up(worker, &broker)?;
        }
        let worker = options(args, worker).queue(&queue).group(&group);
        anstream::eprintln!("handling events of the queue {queue} for the group {group}");
        let summary = worker.run().await?;
        anyhow::Ok((summary, broker.counts(&queue, &group).await?))
    })?;
    if args.json {
        writeln!(out, "{:#}", json(&summary, &counts))?;
    } else {
        writeln!(out, "{summary}")?;
        writeln!(out, "{counts}")?;
    }
    Ok(Verdict::Well)
}

fn options<B: pyventus_queue::Broker>(args: &WorkerArgs, mut worker: Worker<B>) -> Worker<B> {
    if let Some(events) = args.concurrency {
        worker = worker.concurrency(events.get());
    }
    if let Some(events) = args.prefetch {
        worker = worker.prefetch(events);
    }
    if let Some(lease) = args.lease {
        worker = worker.lease(lease);
    }
    if let Some(grace) = args.grace {
        worker = worker.grace(grace);
    }
    if args.skip_unknown { worker.skip_unknown() } else { worker }
}

/// What the worker has done, and what became of all events of the group.
fn json(summary: &Summary, counts: &Counts) -> Value {
    json!({
        "worker": {
            "received": summary.received, "done": summary.done, "again": summary.again,
            "released": summary.released, "lost": summary.lost, "letters": summary.letters,
            "succeeded": summary.succeeded, "failed": summary.failed,
        },
        "group": {
            "accepted": counts.accepted, "succeeded": counts.succeeded, "dead": counts.dead,
            "dropped": counts.dropped, "pending": counts.pending,
        },
    })
}
