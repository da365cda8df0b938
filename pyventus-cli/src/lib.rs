//! A command line for programs that use pyventus.
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
//! | `completions` | a script with which a shell completes all of this |
//!
//! A program that has a command line already takes [`Command`] in, as a subcommand of `clap`.
//!
//! # Exit codes
//!
//! 0 where all is well, 1 where something was found that was asked about, 2 where the command could not
//! be understood or carried out.

mod command;
mod verdict;
mod table;
mod events;
mod handlers;
mod graph;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

pub use command::{AsyncApiArgs, Command};
pub use events::EventsArgs;
pub use graph::{Format, GraphArgs};
pub use handlers::HandlersArgs;
pub use verdict::Verdict;
pub use verify::{Severe, VerifyArgs};

/// Looks into a program that uses pyventus.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Carries out the command that the program was started with, and prints what it shows.
///
/// Colours are left out where the output is no terminal, and where `NO_COLOR` is set.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help is no mistake: `clap` knows which code is meant.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return if error.print().is_ok() { ExitCode::from(code) } else { ExitCode::from(2) };
        }
    };
    let mut out = anstream::stdout().lock();
    let ended = cli.command.run(&mut out, &mut Cli::command());
    match ended.and_then(|verdict| Ok(out.flush().map(|()| verdict)?)) {
        Ok(verdict) => verdict.into(),
        // Whoever reads the output has seen enough, as `head` does.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(|error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
