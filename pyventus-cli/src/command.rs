//! What can be asked, and who answers.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::Shell;
use pyventus_core::asyncapi::AsyncApi;

use crate::events;
use crate::graph;
use crate::handlers;
use crate::verdict::Verdict;
use crate::verify;

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
    /// Prints a script with which a shell completes commands and options.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// How to list events.
#[derive(Args, Clone, Debug)]
pub struct EventsArgs {
    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Which handlers to list, and how.
#[derive(Args, Clone, Debug)]
pub struct HandlersArgs {
    /// Only handlers that answer the event of this name, or everything.
    #[arg(long, value_name = "NAME")]
    pub event: Option<String>,
    /// Only handlers of the linker of this name.
    #[arg(long, value_name = "NAME")]
    pub linker: Option<String>,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// How to draw a graph.
#[derive(Args, Clone, Debug)]
pub struct GraphArgs {
    /// How the graph is written.
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    pub format: Format,
    /// Show what changed since an earlier graph, written with `--format json`. The exit code is 1 where
    /// anything did.
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub since: Option<PathBuf>,
}

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A flowchart of Mermaid.
    Mermaid,
    /// The language of Graphviz.
    Dot,
    /// Data.
    Json,
}

/// What is taken for a mistake.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// From which severity on the exit code is 1.
    #[arg(long, value_enum, default_value_t = Severe::Error)]
    pub deny: Severe,
    /// Print JSON instead of lines.
    #[arg(long)]
    pub json: bool,
}

/// A severity, as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Severe {
    /// May well be intended.
    Note,
    /// Is probably a mistake.
    Warning,
    /// Is a mistake.
    Error,
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
    /// # Errors
    ///
    /// The output cannot be written, or a file cannot be read.
    pub fn run(&self, out: &mut dyn Write, program: &mut clap::Command) -> anyhow::Result<Verdict> {
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
            Self::Completions { shell } => {
                let name = program.get_name().to_owned();
                clap_complete::generate(*shell, program, name, &mut &mut *out);
                Ok(Verdict::Well)
            }
        }
    }
}
