//! What can be asked, and who answers.

use std::io::Write;

use clap::{Args, Subcommand};
use clap_complete::Shell;
use pyventus_core::asyncapi::AsyncApi;

use crate::events::{self, EventsArgs};
use crate::graph::{self, GraphArgs};
use crate::handlers::{self, HandlersArgs};
use crate::setup::Setup;
use crate::verdict::Verdict;
use crate::verify::{self, VerifyArgs};

/// A question to a program that uses pyventus.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Lists the derived events.
    Events(EventsArgs),
    /// Lists the declared handlers.
    Handlers(HandlersArgs),
    /// Draws the graph of the program.
    Graph(GraphArgs),
    /// Checks whether the declarations fit together.
    Verify(VerifyArgs),
    /// Prints the AsyncAPI document.
    Asyncapi(AsyncApiArgs),
    /// Handles events until the process is told to end, by Ctrl-C or SIGTERM.
    #[cfg(feature = "queue")]
    Worker(crate::worker::WorkerArgs),
    /// Shows where the events of queues and groups are.
    #[cfg(feature = "queue")]
    Stats(crate::stats::StatsArgs),
    /// Lists, shows, replays and drops dead letters.
    #[cfg(feature = "queue")]
    #[command(subcommand)]
    Dead(crate::dead::DeadCommand),
    /// Removes groups.
    #[cfg(feature = "queue")]
    #[command(subcommand)]
    Group(crate::group::GroupCommand),
    /// Prints a script with which a shell completes commands and options.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// What the AsyncAPI document says of the program as a whole.
#[derive(Args, Clone, Debug)]
pub struct AsyncApiArgs {
    /// The title of the document.
    #[arg(long, default_value = "Events")]
    pub title: String,
    /// The version of what the document describes.
    #[arg(long = "api-version", default_value = "0.0.0")]
    pub version: String,
    /// What the program is for, in Markdown.
    #[arg(long)]
    pub description: Option<String>,
}

impl Command {
    /// Answers the question. The `clap` command is that of the whole program, for completions.
    ///
    /// [`CommandLine::answer`](crate::CommandLine::answer) does the same with the broker of the program.
    ///
    /// # Errors
    ///
    /// The output cannot be written, a file cannot be read, or the broker cannot be reached or fails.
    ///
    /// # Panics
    ///
    /// A command asks a broker, and this is called within a runtime of tokio: it starts its own.
    pub fn run(&self, out: &mut dyn Write, program: &mut clap::Command) -> anyhow::Result<Verdict> {
        self.answer(&Setup::default(), out, program)
    }

    #[cfg_attr(not(feature = "queue"), expect(unused_variables, reason = "nothing is given"))]
    pub(crate) fn answer(
        &self,
        setup: &Setup,
        out: &mut dyn Write,
        program: &mut clap::Command,
    ) -> anyhow::Result<Verdict> {
        match self {
            Self::Events(args) => events::list(args, out),
            Self::Handlers(args) => handlers::list(args, out),
            Self::Graph(args) => graph::draw(args, out),
            Self::Verify(args) => verify::check(args, out),
            Self::Asyncapi(args) => {
                let mut document = AsyncApi::new(&args.title, &args.version);
                if let Some(description) = &args.description {
                    document = document.description(description);
                }
                writeln!(out, "{:#}", document.to_json())?;
                Ok(Verdict::Well)
            }
            #[cfg(feature = "queue")]
            Self::Worker(args) => crate::worker::run(args, setup, out),
            #[cfg(feature = "queue")]
            Self::Stats(args) => crate::stats::show(args, setup, out),
            #[cfg(feature = "queue")]
            Self::Dead(command) => crate::dead::answer(command, setup, out),
            #[cfg(feature = "queue")]
            Self::Group(command) => crate::group::answer(command, setup, out),
            Self::Completions { shell } => {
                let name = program.get_name().to_owned();
                clap_complete::generate(*shell, program, name, &mut &mut *out);
                Ok(Verdict::Well)
            }
        }
    }
}
