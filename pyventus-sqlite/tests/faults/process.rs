//! The processes that are killed: this test program itself, in the role that its environment says.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use pyventus_queue::{
    Broker, Bytes, ConsumerName, DeadReason, Delivery, GroupName, Letter, Message, MessageId, QueueName,
    Settled, Settlement, Subscription,
};
use pyventus_sqlite::SqliteBroker;

use crate::ledger::{Batch, Line, Writer};

/// How many events are published together, and held by a consumer, at most.
pub(crate) const BATCH: u64 = 16;

/// How long a consumer has for what it holds. After a kill, others wait for so long.
const LEASE: Duration = Duration::from_secs(2);

const ROLE: &str = "PYVENTUS_FAULTS_ROLE";
const DIRECTORY: &str = "PYVENTUS_FAULTS_DIRECTORY";

/// What a process does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Publishes the events with these numbers.
    Producer(Batch),
    /// Handles events.
    Consumer,
}

/// What becomes of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    /// Settled for later first.
    Again,
    /// Given up.
    Dead,
}

/// 5 of 100 events are given up, and 5 are tried again.
pub(crate) fn fate(number: u64) -> Fate {
    match number % 20 {
        0 => Fate::Dead,
        1 => Fate::Again,
        _ => Fate::Done,
    }
}

/// The bytes of an event.
pub(crate) fn body(number: u64) -> Vec<u8> {
    let mut body = number.to_be_bytes().to_vec();
    body.extend((0..number % 1_500).map(|byte| byte.to_le_bytes()[0]));
    body
}

/// The number of an event, of which every byte is as it was.
pub(crate) fn number(message: &Message) -> u64 {
    let number = message.body()[..8].try_into().map(u64::from_be_bytes).unwrap();
    assert!(message.body() == &body(number), "event {number} has other bytes");
    number
}

pub(crate) fn queue() -> QueueName {
    QueueName::new("orders").unwrap()
}

pub(crate) fn group() -> GroupName {
    GroupName::new("billing").unwrap()
}

pub(crate) fn database(directory: &Path) -> PathBuf {
    directory.join("events.db")
}

/// A process, which is killed at the end at the latest.
pub(crate) struct Process {
    child: Child,
    pub(crate) role: Role,
}

impl Process {
    /// Starts a process: the test of that name plays the role.
    pub(crate) fn start(test: &str, directory: &Path, role: Role) -> Self {
        let played = match &role {
            Role::Producer(events) => format!("{} {}", events.start, events.end),
            Role::Consumer => "consumer".to_owned(),
        };
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(ROLE, played)
            .env(DIRECTORY, directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, role }
    }

    /// Kills the process, which does not end by itself.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "{:?} has ended by itself: {status}", self.role);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have been killed before.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Plays the role of this process, if it has one, and returns whether it had.
pub(crate) fn plays() -> bool {
    let Ok(role) = std::env::var(ROLE) else { return false };
    let directory = PathBuf::from(std::env::var_os(DIRECTORY).unwrap());
    block_on(async {
        let broker = SqliteBroker::open(database(&directory)).await.unwrap();
        let ledger = Writer::new(&directory);
        match role.split_once(' ') {
            Some((start, end)) => produce(broker, ledger, start.parse().unwrap()..end.parse().unwrap()).await,
            None => consume(broker, ledger).await,
        }
    });
    true
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

async fn produce(broker: SqliteBroker, mut ledger: Writer, events: Batch) {
    let mut start = events.start;
    while start < events.end {
        let batch = start..events.end.min(start + 1 + start % BATCH);
        let messages = batch.clone().map(|number| Message::new(MessageId::new(), body(number)));
        ledger.write(&[Line::Tried(batch.clone())]);
        broker.publish(&queue(), messages.collect()).await.unwrap();
        ledger.write(&[Line::Accepted(batch.clone())]);
        start = batch.end;
    }
}

async fn consume(broker: SqliteBroker, mut ledger: Writer) {
    let consumer = ConsumerName::new(format!("consumer-{}", std::process::id())).unwrap();
    let subscription = Subscription::new(queue(), group(), consumer);
    let max = usize::try_from(BATCH).unwrap();
    loop {
        let mut left = broker.receive(&subscription, max, LEASE, Duration::from_secs(1)).await.unwrap();
        // Not all of what is held is settled together.
        while !left.is_empty() {
            let some: Vec<_> = left.drain(..left.len().min(5)).collect();
            let numbers: Vec<_> = some.iter().map(|delivery| number(&delivery.message)).collect();
            let (lines, settlements): (Vec<_>, _) = some.into_iter().map(handle).unzip();
            ledger.write(&lines);
            let settled = broker.settle(settlements).await.unwrap();
            let lost = numbers.into_iter().zip(settled).filter(|(_, settled)| *settled == Settled::NotHeld);
            ledger.write(&lost.map(|(number, _)| Line::Lost(number)).collect::<Vec<_>>());
        }
    }
}

fn handle(delivery: Delivery) -> (Line, Settlement) {
    let number = number(&delivery.message);
    let (receipt, resume) = (delivery.receipt, Bytes::from(number.to_string()));
    match fate(number) {
        Fate::Again if delivery.progress.is_none() => {
            let soon = SystemTime::now() + Duration::from_millis(number % 50);
            (Line::Again(number), Settlement::again(receipt, soon, Some(resume)))
        }
        Fate::Dead => {
            let letter = Letter::of_handler(DeadReason::Exhausted, "a_handler", resume);
            (Line::Done(number), Settlement::done(receipt).with_letter(letter))
        }
        Fate::Again | Fate::Done => (Line::Done(number), Settlement::done(receipt)),
    }
}
