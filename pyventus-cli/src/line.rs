//! The command line of a program, and what the program gives to it.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::command::Command;
use crate::setup::Setup;
use crate::verdict::Verdict;

/// Looks into a program that uses pyventus, and into its broker.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The command line of a program, with what the program gives to its commands.
///
/// [`run`](crate::run) is one to which nothing is given.
#[cfg_attr(
    feature = "sqlite",
    doc = r#"
# Examples

```no_run
use std::process::ExitCode;

use pyventus_cli::CommandLine;
use pyventus_sqlite::SqliteBroker;

// pyventus::link!(billing, shipping);

fn main() -> ExitCode {
    CommandLine::new().broker(|| SqliteBroker::open("events.db")).group("billing").run()
}
```
"#
)]
#[derive(Clone, Default)]
#[must_use = "a command line does nothing unless it is run"]
pub struct CommandLine {
    setup: Setup,
}

impl CommandLine {
    /// Returns a command line to which nothing is given.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the broker that commands ask, unless the option `--broker` names another one.
    ///
    /// It is connected when a command needs it, within a runtime of tokio.
    #[cfg(feature = "queue")]
    pub fn broker<C, F, B, E>(mut self, connect: C) -> Self
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<B, E>> + Send + 'static,
        B: pyventus_queue::Broker,
        E: Into<anyhow::Error>,
    {
        self.setup.connect = Some(crate::setup::connecting(connect));
        self
    }

    /// Sets the worker up that the command `worker` runs: its keys, its state, how often it tries. What the options of the
    /// command say is set after that; queue and group are [those](Self::group) of the command line.
    ///
    /// The function is given the broker, too, for an emitter over it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::process::ExitCode;
    ///
    /// use pyventus_core::EventEmitter;
    /// use pyventus_queue::{KeyId, Keyring, QueueBackend};
    /// use pyventus_cli::CommandLine;
    ///
    /// fn main() -> ExitCode {
    ///     CommandLine::new()
    ///         .worker(|worker, broker| {
    ///             let keyring = Keyring::new(KeyId::new("2026-01")?, std::env::var("EVENTS_KEY")?)?;
    ///             let backend = QueueBackend::new(broker.clone()).keyring(keyring.clone());
    ///             let emitter = EventEmitter::builder(backend).state("what handlers take".to_owned()).build();
    ///             Ok(worker.keyring(keyring).emitter(emitter))
    ///         })
    ///         .run()
    /// }
    /// ```
    #[cfg(feature = "queue")]
    pub fn worker(
        mut self,
        set_up: impl Fn(
            pyventus_queue::Worker<pyventus_queue::AnyBroker>,
            &pyventus_queue::AnyBroker,
        ) -> anyhow::Result<pyventus_queue::Worker<pyventus_queue::AnyBroker>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.setup.worker = Some(std::sync::Arc::new(set_up));
        self
    }

    /// Says which queue the command `worker` receives from, unless its option does: `events` if nothing is said. A name that
    /// no queue can have is an error of the command.
    #[cfg(feature = "queue")]
    pub fn queue(mut self, name: impl Into<String>) -> Self {
        self.setup.queue = Some(name.into());
        self
    }

    /// Says for which group the command `worker` receives, unless its option does: `default` if nothing is said. A name that
    /// no group can have is an error of the command.
    #[cfg(feature = "queue")]
    pub fn group(mut self, name: impl Into<String>) -> Self {
        self.setup.group = Some(name.into());
        self
    }

    /// Carries out the command that the process was started with, and prints what it shows; see [`run`](crate::run).
    ///
    /// # Panics
    ///
    /// A command asks a broker, and this is called within a runtime of tokio: it starts its own.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        let cli = match Cli::try_parse() {
            Ok(cli) => cli,
            Err(error) => {
                // Help is no mistake: `clap` knows which code is meant.
                let code = u8::try_from(error.exit_code()).unwrap_or(2);
                return if error.print().is_ok() { ExitCode::from(code) } else { ExitCode::from(2) };
            }
        };
        // It is not locked: the handlers of a worker print, too.
        let mut out = anstream::stdout();
        let ended = self.answer(&cli.command, &mut out, &mut Cli::command());
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

    /// Carries out one command: for a program that has a command line already. The `clap` command is that of the whole
    /// program, for completions.
    ///
    /// # Errors
    ///
    /// The output cannot be written, a file cannot be read, or the broker cannot be reached or fails.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub fn answer(
        &self,
        command: &Command,
        out: &mut dyn Write,
        program: &mut clap::Command,
    ) -> anyhow::Result<Verdict> {
        command.answer(&self.setup, out, program)
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(|error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandLine").finish_non_exhaustive()
    }
}
