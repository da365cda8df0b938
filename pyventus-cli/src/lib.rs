//! A command line for programs that use pyventus: their events, handlers, graph and mistakes.
//!
//! Use it through the facade, `pyventus`, as `pyventus::cli`, behind the feature `cli`.
//!
//! The declared handlers of a program are known to that program alone: the command line is therefore a
//! part of it. Give it a binary of its own beside the program's, which names the crates that hold
//! handlers:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! // pyventus::link!(billing, shipping);
//!
//! fn main() -> ExitCode {
//!     pyventus_cli::run()
//! }
//! ```
//!
//! | command | shows |
//! |---|---|
//! | `events` | the derived events, and whether they can leave the program |
//! | `handlers` | the declared handlers with what they answer |
//! | `graph` | the graph of the program, as Mermaid, DOT or JSON; what changed since an earlier one |
//! | `verify` | declarations that do not fit together |
//! | `asyncapi` | the AsyncAPI document |
//! | `worker` | handles events until the process is told to end; then what it has done |
//! | `stats` | where the events of queues and groups are |
//! | `dead` | the dead letters: `list`, `show`, `replay` and `drop` |
//! | `group` | removes a group that nobody needs any more: `remove` |
//! | `completions` | a script with which a shell completes all of this |
//!
//! Those from `worker` to `group` come with the feature `queue`, and ask a broker: the one that the option `--broker` names, as
//! `sqlite:PATH` or `redis://HOST:PORT`, or the variable `PYVENTUS_BROKER`; or else the one that the program gives to its
//! [`CommandLine`].
//!
//! A program that has a command line already takes [`Command`] in, as a subcommand of `clap`.
//!
//! # Exit codes
//!
//! 0 where all is well, 1 where something was found that was asked about, 2 where the command could not
//! be understood or carried out.
//!
//! # Secrets
//!
//! What an event holds is shown by `dead show --payload` alone. The texts of errors are shown; what was read from a broker is
//! printed without what a terminal could take for a command.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod setup;
mod verdict;
mod table;
mod events;
mod handlers;
mod graph;
mod verify;
#[cfg(feature = "queue")]
mod shown;
#[cfg(feature = "queue")]
mod ask;
#[cfg(feature = "queue")]
mod broker;
#[cfg(feature = "queue")]
mod place;
#[cfg(feature = "queue")]
mod worker;
#[cfg(feature = "queue")]
mod stats;
#[cfg(feature = "queue")]
mod dead;
#[cfg(feature = "queue")]
mod group;
mod command;
mod line;

use std::process::ExitCode;

#[cfg(feature = "queue")]
pub use broker::BrokerArgs;
pub use command::{AsyncApiArgs, Command};
#[cfg(feature = "queue")]
pub use dead::{DeadCommand, DropArgs, ListArgs, ReplayArgs, Selection, ShowArgs};
pub use events::EventsArgs;
pub use graph::{Format, GraphArgs};
#[cfg(feature = "queue")]
pub use group::{GroupCommand, RemoveGroupArgs};
pub use handlers::HandlersArgs;
pub use line::CommandLine;
#[cfg(feature = "queue")]
pub use place::PlaceArgs;
#[cfg(feature = "queue")]
pub use stats::StatsArgs;
pub use verdict::Verdict;
pub use verify::{Severe, VerifyArgs};
#[cfg(feature = "queue")]
pub use worker::WorkerArgs;

/// Carries out the command that the program was started with, and prints what it shows.
///
/// Colours are left out where the output is no terminal, and where `NO_COLOR` is set.
///
/// # Panics
///
/// A command asks a broker, and this is called within a runtime of tokio: it starts its own.
#[must_use]
pub fn run() -> ExitCode {
    CommandLine::new().run()
}
