//! `dead`: the dead letters, which are listed, shown, replayed and dropped.

mod list;
mod show;
mod end;
mod letter;

use std::io::Write;

use clap::{Args, Subcommand};
use pyventus_queue::LetterId;

use crate::broker::{BrokerArgs, Missing, runtime};
use crate::place::PlaceArgs;
use crate::setup::Setup;
use crate::verdict::Verdict;

/// What is done with dead letters.
#[derive(Clone, Debug, Subcommand)]
pub enum DeadCommand {
    /// Lists dead letters, the oldest first.
    List(ListArgs),
    /// Shows one dead letter: why it is dead, and how each attempt failed.
    Show(ShowArgs),
    /// Hands events out again, each to the handler that gave it up.
    Replay(ReplayArgs),
    /// Drops dead letters for good.
    Drop(DropArgs),
}

/// Which dead letters to list, and how.
#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    /// Which broker is asked.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// Which queues and groups it is about.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Only those that this handler gave up, such as `shop::charge`.
    #[arg(long, value_name = "PATH")]
    pub handler: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "LETTERS", default_value_t = 50)]
    pub limit: usize,
    /// Only those behind this one: the next page.
    #[arg(long, value_name = "LETTER")]
    pub after: Option<LetterId>,
    /// Let the exit code be 1 where there are any.
    #[arg(long)]
    pub exit_code: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Which dead letter to show, and how.
#[derive(Args, Clone, Debug)]
pub struct ShowArgs {
    /// Which broker is asked.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// The dead letter, as `dead list` says it.
    #[arg(value_name = "LETTER")]
    pub id: LetterId,
    /// Show the data and the arguments of the event, too: there may be secrets in it.
    #[arg(long)]
    pub payload: bool,
    /// Print JSON instead of lines.
    #[arg(long)]
    pub json: bool,
}

/// Which dead letters are meant: some, or all of some places.
#[derive(Args, Clone, Debug)]
pub struct Selection {
    /// Dead letters, as `dead list` says them.
    #[arg(value_name = "LETTER", required_unless_present = "all", conflicts_with = "all")]
    pub ids: Vec<LetterId>,
    /// All of them: those of the queue, the group and the handler that are named.
    #[arg(long)]
    pub all: bool,
    /// Which queues and groups it is about.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Only those that this handler gave up, such as `shop::charge`.
    #[arg(long, value_name = "PATH")]
    pub handler: Option<String>,
}

/// Which dead letters to replay.
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// Which broker is asked.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// Which dead letters are meant.
    #[command(flatten)]
    pub selection: Selection,
    /// Print what was done as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Which dead letters to drop.
#[derive(Args, Clone, Debug)]
pub struct DropArgs {
    /// Which broker is asked.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// Which dead letters are meant.
    #[command(flatten)]
    pub selection: Selection,
    /// Do not ask before all of them are dropped.
    #[arg(long)]
    pub yes: bool,
    /// Print what was done as JSON.
    #[arg(long)]
    pub json: bool,
}

pub(crate) fn answer(command: &DeadCommand, setup: &Setup, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let args = match command {
        DeadCommand::List(args) => &args.broker,
        DeadCommand::Show(args) => &args.broker,
        DeadCommand::Replay(args) => &args.broker,
        DeadCommand::Drop(args) => &args.broker,
    };
    runtime()?.block_on(async {
        let broker = args.connect(setup, Missing::Refused).await?;
        match command {
            DeadCommand::List(args) => list::list(args, &broker, out).await,
            DeadCommand::Show(args) => show::show(args, &broker, out).await,
            DeadCommand::Replay(args) => end::replay(args, &broker, out).await,
            DeadCommand::Drop(args) => end::drop(args, &broker, out).await,
        }
    })
}
