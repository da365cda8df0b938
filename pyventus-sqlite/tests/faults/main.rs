//! What is left when processes that share one file are killed at any moment.
//!
//! `PYVENTUS_FAULTS_PERCENT` makes the runs longer: with `1000`, there are ten times as many events and kills.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ledger;
mod process;
mod verify;

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pyventus_queue::Broker;
use pyventus_sqlite::SqliteBroker;

use ledger::Line;
use process::{BATCH, Process, Role, block_on, database, group, queue};

/// How long something may take before it is taken to be stuck.
const PATIENCE: Duration = Duration::from_mins(2);

/// How many events one process would publish if it had the time.
const FAR: u64 = 1 << 40;

/// So many, where nothing else was asked for.
fn scaled(count: u64) -> u64 {
    let percent = std::env::var("PYVENTUS_FAULTS_PERCENT").ok().and_then(|percent| percent.parse().ok());
    (count * percent.unwrap_or(100) / 100).max(1)
}

/// Numbers that look random, and are others each time.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        use std::hash::{BuildHasher as _, RandomState};
        Self(RandomState::new().hash_one(()) | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Lets some time pass: what is killed after that may be doing anything.
    fn pause(&mut self, at_most: Duration) {
        sleep(Duration::from_micros(self.below(at_most.as_micros().try_into().unwrap())));
    }
}

/// Two processes publish numbered events, three handle them, of which some fail, and one after the other is killed:
/// nothing that was accepted is lost, a batch was accepted as a whole or not at all, and nothing is handled twice but what
/// was in the hands of those who were killed.
#[test]
fn nothing_is_lost_however_often_processes_are_killed() {
    if process::plays() {
        return;
    }
    let test = "nothing_is_lost_however_often_processes_are_killed";
    let directory = tempfile::tempdir().unwrap();
    let start = |role| Process::start(test, directory.path(), role);
    let mut dice = Dice::new();
    // More than there is time for: they publish as long as anybody is killed.
    let roles = [Role::Producer(0..FAR), Role::Producer(FAR..2 * FAR)];
    let mut processes: Vec<_> = roles.into_iter().chain([const { Role::Consumer }; 3]).map(start).collect();
    let (mut kills, mut consumers_killed, since) = (0, 0, Instant::now());
    while kills < scaled(40) || accepted(directory.path()).iter().sum::<u64>() < scaled(2_000) {
        assert!(since.elapsed() < PATIENCE * 5, "nothing is accepted any more");
        dice.pause(Duration::from_millis(200));
        let victim = &mut processes[usize::try_from(dice.below(5)).unwrap()];
        let role = victim.role.clone();
        victim.kill();
        kills += 1;
        consumers_killed += u64::from(role == Role::Consumer);
        *victim = start(match role {
            Role::Producer(events) => Role::Producer(untried(directory.path(), &events)..events.end),
            Role::Consumer => role,
        });
    }
    processes[..2].iter_mut().for_each(Process::kill);
    let counts = block_on(all_are_done(directory.path()));
    drop(processes);

    let in_hands = consumers_killed * BATCH;
    let stored = verify::ledger(&ledger::read(directory.path()), in_hands);
    let dead = stored.iter().filter(|number| process::fate(**number) == process::Fate::Dead).count() as u64;
    assert_eq!(
        (counts.accepted, counts.succeeded, counts.dead, counts.dropped),
        (stored.len() as u64, stored.len() as u64 - dead, dead, 0)
    );
    block_on(verify::letters(directory.path(), &stored));
    verify::file(directory.path(), dead);
}

/// How many batches of two producers were accepted, of which one starts far behind the other.
fn accepted(directory: &Path) -> [u64; 2] {
    let mut accepted = [0; 2];
    for line in ledger::read(directory) {
        if let Line::Accepted(batch) = line {
            accepted[usize::from(batch.start >= FAR)] += 1;
        }
    }
    accepted
}

/// The first event that no producer has tried to publish.
fn untried(directory: &Path, events: &ledger::Batch) -> u64 {
    let tried = ledger::read(directory).into_iter().filter_map(|line| match line {
        Line::Tried(batch) if events.contains(&batch.start) => Some(batch.end),
        _ => None,
    });
    tried.max().unwrap_or(events.start)
}

/// Waits until nothing is left to do.
async fn all_are_done(directory: &Path) -> pyventus_queue::Counts {
    let (since, broker) = (Instant::now(), SqliteBroker::open(database(directory)).await.unwrap());
    loop {
        let counts = broker.counts(&queue(), &group()).await.unwrap();
        assert!(counts.is_conserved(), "{counts}");
        if counts.pending == 0 {
            return counts;
        }
        assert!(since.elapsed() < PATIENCE, "the consumers are stuck: {counts}");
        sleep(Duration::from_millis(10));
    }
}

/// Two processes make a file at the same time, and are killed while they do, or soon after: the next one can open it, and
/// finds what was accepted.
#[test]
fn a_file_is_whole_whenever_those_who_make_it_are_killed() {
    if process::plays() {
        return;
    }
    let mut dice = Dice::new();
    for round in 0..scaled(25) {
        let directory = tempfile::tempdir().unwrap();
        let test = "a_file_is_whole_whenever_those_who_make_it_are_killed";
        let start = |first| Process::start(test, directory.path(), Role::Producer(first..first + FAR));
        let mut processes = [0, FAR].map(start);
        if round % 2 == 0 {
            // One of them has begun at least.
            let since = Instant::now();
            while !database(directory.path()).exists() {
                assert!(since.elapsed() < PATIENCE, "nobody makes the file");
                std::thread::yield_now();
            }
        }
        dice.pause(Duration::from_millis(40));
        processes.iter_mut().for_each(Process::kill);
        let counts = block_on(async {
            let broker = SqliteBroker::open(database(directory.path())).await.unwrap();
            let counts = broker.counts(&queue(), &group()).await.unwrap();
            broker.close().await;
            counts
        });
        let (mut accepted, mut tried) = (0, 0);
        for line in ledger::read(directory.path()) {
            match line {
                Line::Accepted(batch) => accepted += batch.end - batch.start,
                Line::Tried(batch) => tried += batch.end - batch.start,
                _ => panic!("nobody consumes"),
            }
        }
        assert!((accepted..=tried).contains(&counts.pending), "{accepted} to {tried}: {counts}");
        verify::file(directory.path(), counts.pending);
    }
}

/// Two processes publish all the time: neither keeps the other out.
#[test]
fn processes_that_write_all_the_time_take_turns() {
    if process::plays() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let test = "processes_that_write_all_the_time_take_turns";
    let start = |first| Process::start(test, directory.path(), Role::Producer(first..first + FAR));
    let processes = [0, FAR].map(start);
    let since = Instant::now();
    // Both are there, and from then on both are counted.
    let count_until = |enough: &dyn Fn([u64; 2]) -> bool| loop {
        let accepted = accepted(directory.path());
        if enough(accepted) {
            return accepted;
        }
        assert!(since.elapsed() < PATIENCE, "one of them is kept out: {accepted:?}");
        sleep(Duration::from_millis(10));
    };
    let before = count_until(&|[one, other]| one > 0 && other > 0);
    let after = count_until(&|[one, other]| one + other >= before[0] + before[1] + scaled(400));
    drop(processes);
    let [one, other] = [after[0] - before[0], after[1] - before[1]];
    assert!(one.min(other) * 10 >= one.max(other), "they do not take turns: {one} and {other}");
}
