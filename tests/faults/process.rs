//! The processes that are killed: this test program itself, in the role that its environment says.

use std::fs::File;
use std::future::pending;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use pyventus::EventEmitter;
use pyventus::queue::{QueueBackend, Worker};
use pyventus::sqlite::SqliteBroker;

use crate::ledger::{Line, Writer};
use crate::{PATIENCE, shop};

/// After a kill, others wait for so long.
const LEASE: Duration = Duration::from_secs(1);

/// How many events are emitted together.
const TOGETHER: u64 = 50;

const ROLE: &str = "PYVENTUS_FAULTS_ROLE";
const DIRECTORY: &str = "PYVENTUS_FAULTS_DIRECTORY";

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Emits the events from that number on.
    Producer(u64),
    /// Handles events, unless so many have died of one.
    Worker { max_deaths: u32 },
}

pub(crate) fn database(directory: &Path) -> PathBuf {
    directory.join("events.db")
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A process, which is killed at the end at the latest.
pub(crate) struct Process {
    child: Child,
    directory: PathBuf,
    pub(crate) role: Role,
}

impl Process {
    /// Starts a process: the test of that name plays the role.
    pub(crate) fn start(test: &str, directory: &Path, role: Role) -> Self {
        let played = match role {
            Role::Producer(first) => first.to_string(),
            Role::Worker { max_deaths } => format!("worker {max_deaths}"),
        };
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(ROLE, played)
            .env(DIRECTORY, directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, directory: directory.to_owned(), role }
    }

    /// Kills the process, which does not end by itself.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "{:?} has ended by itself: {status}", self.role);
    }

    /// Tells a worker to end, once it listens.
    fn tell(&self) {
        let since = Instant::now();
        while !listens(&self.directory, self.child.id()).exists() {
            assert!(since.elapsed() < PATIENCE, "the worker does not start");
            sleep(Duration::from_millis(1));
        }
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.unwrap().success(), "there is no such process");
    }

    /// Tells a worker to end, and waits until it has.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.tell();
        self.child.wait().unwrap()
    }

    /// Tells a worker to end, more than once: signals that come at the same time are one.
    pub(crate) fn terminate_at_once(mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            self.tell();
            sleep(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < Duration::from_secs(20), "the worker waits for its handlers");
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended before.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Plays the role of this process, if it has one, and returns whether it had.
pub(crate) fn plays() -> bool {
    let Ok(role) = std::env::var(ROLE) else { return false };
    let directory = PathBuf::from(std::env::var_os(DIRECTORY).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let broker = SqliteBroker::open(database(&directory)).await.unwrap();
        match role.strip_prefix("worker ") {
            None => produce(broker, &Writer::new(&directory), role.parse().unwrap()).await,
            Some(max_deaths) => work(broker, &directory, max_deaths.parse().unwrap()).await,
        }
    });
    true
}

async fn produce(broker: SqliteBroker, ledger: &Writer, mut first: u64) {
    loop {
        let numbers = first..first + TOGETHER;
        ledger.write(&Line::Tried(numbers.clone()));
        shop::emit(&broker, numbers.clone()).await;
        ledger.write(&Line::Accepted(numbers.clone()));
        first = numbers.end;
        // Slowly enough for workers to die in between.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn work(broker: SqliteBroker, directory: &Path, max_deaths: u32) {
    let ledger = Writer::new(directory);
    let emitter = EventEmitter::builder(QueueBackend::new(broker.clone())).state(ledger).build();
    let worker = Worker::new(broker).emitter(emitter).concurrency(shop::CONCURRENCY).max_deaths(max_deaths);
    let worker = worker.lease(LEASE).poll(Duration::from_millis(100));
    tokio::select! {
        // It listens for signals from the first time on that it is polled.
        biased;
        summary = worker.run() => { summary.unwrap(); },
        () = async { drop(File::create(listens(directory, std::process::id()))); pending().await } => {}
    }
}

/// What is there when a worker listens for signals.
fn listens(directory: &Path, process: u32) -> PathBuf {
    directory.join(format!("{process} listens"))
}
