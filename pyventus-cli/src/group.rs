//! `group`: what is done with a group as a whole.

use std::io::Write;

use clap::{Args, Subcommand};
use pyventus_queue::{Broker as _, GroupName, QueueName};
use serde_json::json;

use crate::ask::confirm;
use crate::broker::{BrokerArgs, Missing, runtime};
use crate::place::PlaceArgs;
use crate::setup::Setup;
use crate::verdict::Verdict;

/// What is done with a group as a whole.
#[derive(Clone, Debug, Subcommand)]
pub enum GroupCommand {
    /// Removes a group that nobody needs any more, with everything that it has left and with its dead letters.
    ///
    /// Until then, the queue retains every event for it. Stop its workers first: one that runs makes the group anew.
    Remove(RemoveGroupArgs),
}

/// Which group to remove.
#[derive(Args, Clone, Debug)]
pub struct RemoveGroupArgs {
    /// Which broker is asked.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// The queue.
    #[arg(long, value_name = "NAME")]
    pub queue: QueueName,
    /// The group.
    #[arg(long, value_name = "NAME")]
    pub group: GroupName,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Print what had become of its events as JSON.
    #[arg(long)]
    pub json: bool,
}

pub(crate) fn answer(command: &GroupCommand, setup: &Setup, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let GroupCommand::Remove(args) = command;
    let RemoveGroupArgs { broker, queue, group, yes, json } = args;
    let counts = runtime()?.block_on(async {
        let broker = broker.connect(setup, Missing::Refused).await?;
        // It says what there is instead, if there is no such group.
        PlaceArgs { queue: Some(queue.clone()), group: Some(group.clone()) }.find(&broker).await?;
        let counts = broker.counts(queue, group).await?;
        confirm(&format!("Remove the group {group} of the queue {queue}? It has {counts}."), *yes)?;
        anyhow::Ok(broker.remove_group(queue, group).await?)
    })?;
    if *json {
        let counts = json!({
            "queue": queue.as_str(), "group": group.as_str(), "accepted": counts.accepted,
            "succeeded": counts.succeeded, "dead": counts.dead, "dropped": counts.dropped,
            "pending": counts.pending,
        });
        writeln!(out, "{counts:#}")?;
    } else {
        writeln!(out, "the group {group} of the queue {queue} was removed: {counts}")?;
    }
    Ok(Verdict::Well)
}
