//! The command line of the example `orders`, as processes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a process may take for what it is expected to do.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with the file of a shop, or the server that is used instead of it.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    server: Option<String>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), server: None }
    }

    pub(crate) fn at(url: String) -> Self {
        Self { server: Some(url), ..Self::new() }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("events.db")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(example("orders"));
        command.args(args).env("ORDERS_FILE", self.file());
        command.env_remove("NO_COLOR").env_remove("PYVENTUS_BROKER").stdin(Stdio::null());
        if let Some(url) = &self.server {
            command.env("PYVENTUS_BROKER", url);
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command prints that succeeds.
    pub(crate) fn printed(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        stdout(&output)
    }

    /// What a command prints as JSON that succeeds.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.printed(args)).unwrap()
    }

    /// What a command says that cannot be carried out, and prints nothing.
    pub(crate) fn refused(&self, args: &[&str]) -> String {
        self.refused_with(args, "")
    }

    /// What a command says that cannot be carried out as a whole, and prints what it has done.
    pub(crate) fn refused_with(&self, args: &[&str], printed: &str) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stdout(&output));
        assert_eq!(stdout(&output), printed, "{args:?}");
        stderr(&output)
    }

    /// Runs a worker until nothing is pending, and tells it to end; returns what it has printed.
    pub(crate) fn work(&self, declined: &str, args: &[&str]) -> String {
        let args = [&["worker"][..], args].concat();
        let worker = Running(
            self.command(&args)
                .env("DECLINED_CARD", declined)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        );
        let since = Instant::now();
        while !self.is_done() {
            assert!(since.elapsed() < PATIENCE, "the worker is stuck");
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = worker.terminate();
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).starts_with("handling events of the queue events for the group billing\n"));
        stdout(&output)
    }

    /// Whether the group is there, and has nothing left.
    fn is_done(&self) -> bool {
        let stats = self.json(&["stats", "--json"]);
        let group = &stats[0]["groups"][0];
        group["accepted"].as_u64() > Some(0) && group["pending"] == 0
    }
}

/// A process, which does not outlive the test.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Tells the process to end, and waits for that.
    pub(crate) fn terminate(mut self) -> Output {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(told.unwrap().success(), "there is no such process");
        let status = self.0.wait().unwrap();
        let read = |pipe: Option<&mut dyn std::io::Read>| {
            let mut bytes = Vec::new();
            pipe.unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        let stdout = read(self.0.stdout.as_mut().map(|pipe| pipe as &mut dyn std::io::Read));
        let stderr = read(self.0.stderr.as_mut().map(|pipe| pipe as &mut dyn std::io::Read));
        Output { status, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _is_gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// An example of this package, which is built once.
pub(crate) fn example(name: &'static str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "-p", "pyventus-cli", "--example", "orders", "--example", "shop"])
            .status()
            .unwrap();
        assert!(built.success());
        // The test stands in `deps` of the profile.
        let this = std::env::current_exe().unwrap();
        this.ancestors().nth(2).map(Path::to_owned).unwrap().join("examples")
    });
    folder.join(name)
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
