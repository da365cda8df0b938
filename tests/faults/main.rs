//! What is left when the processes of producers and workers end at any moment: this test program plays all of them.
//!
//! `PYVENTUS_FAULTS_PERCENT` makes the runs longer: with `1000`, there are ten times as many events and kills.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ledger;
mod process;
mod shop;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pyventus::queue::{Broker, Counts, DeadLetter, DeadReason, GroupName, Page, QueueName};
use pyventus::sqlite::SqliteBroker;

use ledger::Line;
use process::{Process, Role};
use shop::{Fate, fate};

/// How long something may take before it is taken to be stuck.
const PATIENCE: Duration = Duration::from_mins(2);

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

/// A worker that gives no event up because others have died of it.
const INVINCIBLE: Role = Role::Worker { max_deaths: u32::MAX };

/// A worker as it is if nothing is said.
const WORKER: Role = Role::Worker { max_deaths: 3 };

/// What the broker says.
struct Shop {
    broker: SqliteBroker,
}

impl Shop {
    fn open(directory: &Path) -> Self {
        Self { broker: process::block_on(SqliteBroker::open(process::database(directory))).unwrap() }
    }

    fn counts(&self) -> Counts {
        let counts =
            process::block_on(self.broker.counts(&QueueName::default(), &GroupName::default())).unwrap();
        assert!(counts.is_conserved(), "{counts}");
        counts
    }

    fn letters(&self) -> Vec<DeadLetter> {
        let all = Page::first(usize::MAX >> 1);
        process::block_on(self.broker.letters(&QueueName::default(), &GroupName::default(), all)).unwrap()
    }

    /// Waits until a condition holds, while others work.
    fn until(&self, mut wanted: impl FnMut(Counts) -> bool) -> Counts {
        let since = Instant::now();
        loop {
            let counts = self.counts();
            if wanted(counts) {
                return counts;
            }
            assert!(since.elapsed() < PATIENCE, "nobody goes on: {counts}");
            sleep(Duration::from_millis(10));
        }
    }
}

/// How often each handler ran for each event, by its attempts.
type Runs = BTreeMap<(String, u64), Vec<u32>>;

fn runs(lines: &[Line]) -> Runs {
    let mut runs = Runs::new();
    for line in lines {
        if let Line::Ran { handler, number, attempt } = line {
            runs.entry((handler.clone(), *number)).or_default().push(*attempt);
        }
    }
    runs
}

/// The events that were accepted for certain, and those that may have been.
fn emitted(lines: &[Line]) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let of = |wanted: fn(&Line) -> Option<&std::ops::Range<u64>>| {
        lines.iter().filter_map(wanted).cloned().flatten().collect()
    };
    let accepted = of(|line| if let Line::Accepted(numbers) = line { Some(numbers) } else { None });
    (accepted, of(|line| if let Line::Tried(numbers) = line { Some(numbers) } else { None }))
}

/// A producer emits numbered events, three workers handle them, of which one of twenty fails, and one process after the
/// other is killed: nothing that was accepted is lost, and nothing runs twice but what was in the hands of those who were
/// killed.
#[test]
fn nothing_is_lost_however_often_workers_are_killed() {
    if process::plays() {
        return;
    }
    let test = "nothing_is_lost_however_often_workers_are_killed";
    let directory = tempfile::tempdir().unwrap();
    let start = |role| Process::start(test, directory.path(), role);
    let (mut dice, shop) = (Dice::new(), Shop::open(directory.path()));
    let mut processes: Vec<_> =
        [Role::Producer(0), INVINCIBLE, INVINCIBLE, INVINCIBLE].into_iter().map(start).collect();
    let (mut kills, mut producers_killed, since) = (0, 0, Instant::now());
    while kills < scaled(25) || shop.counts().accepted < scaled(10_000) {
        assert!(since.elapsed() < PATIENCE * 5, "nothing is accepted any more");
        dice.pause(Duration::from_millis(250));
        let victim = &mut processes[usize::try_from(dice.below(4)).unwrap()];
        victim.kill();
        let role = match victim.role {
            Role::Producer(_) => {
                producers_killed += 1;
                let (_, tried) = emitted(&ledger::read(directory.path()));
                Role::Producer(tried.last().map_or(0, |last| last + 1))
            }
            role @ Role::Worker { .. } => {
                kills += 1;
                role
            }
        };
        *victim = start(role);
    }
    processes[0].kill();
    let counts = shop.until(|counts| counts.pending == 0);
    drop(processes);

    let lines = ledger::read(directory.path());
    let ((accepted, tried), runs) = (emitted(&lines), runs(&lines));
    let handled: BTreeSet<u64> = runs.keys().map(|(_, number)| *number).collect();
    assert_eq!(accepted.difference(&handled).count(), 0, "events that were accepted were not handled");
    assert!(handled.is_subset(&tried), "events were handled that nobody has emitted");
    assert_eq!(counts.accepted, handled.len() as u64, "{counts}");
    let letters = shop.letters();
    let dead: BTreeSet<_> = letters.iter().map(shop::number).collect();
    let doomed: BTreeSet<_> = handled.iter().copied().filter(|number| fate(*number) == Fate::Dead).collect();
    assert_eq!(dead, doomed);
    assert_eq!((counts.dead, dead.len()), (dead.len() as u64, letters.len()));
    let mut twice = 0;
    for ((handler, number), mut attempts) in runs {
        let all = attempts.len();
        attempts.sort_unstable();
        attempts.dedup();
        twice += (all - attempts.len()) as u64;
        let wanted: Vec<u32> = (1..=shop::attempts(&handler, number)).collect();
        assert_eq!(attempts, wanted, "{handler} and the event {number}");
    }
    // Two handlers of each event that a worker had begun.
    let in_hands = kills * shop::CONCURRENCY as u64 * 2;
    assert!(twice <= in_hands, "{twice} runs twice, and {in_hands} were in the hands of the dead");
    assert!(producers_killed > 0 || kills < 25, "the producer was never killed");
}

/// Three workers are replaced one after the other, by `SIGTERM`, while events come: all of them end well, and no handler
/// runs oftener than it has to.
#[test]
fn workers_are_replaced_without_a_trace() {
    if process::plays() {
        return;
    }
    let test = "workers_are_replaced_without_a_trace";
    let directory = tempfile::tempdir().unwrap();
    let start = |role| Process::start(test, directory.path(), role);
    let (mut dice, shop) = (Dice::new(), Shop::open(directory.path()));
    let mut producer = start(Role::Producer(0));
    let mut workers = [(); 3].map(|()| start(WORKER));
    for round in 0..usize::try_from(scaled(9)).unwrap() {
        let before = shop.counts().succeeded;
        shop.until(|counts| counts.succeeded > before);
        dice.pause(Duration::from_millis(150));
        let ended = std::mem::replace(&mut workers[round % 3], start(WORKER));
        assert!(ended.terminate().success(), "a worker that is told to end ends well");
    }
    producer.kill();
    shop.until(|counts| counts.pending == 0);
    for worker in workers {
        assert!(worker.terminate().success());
    }
    let lines = ledger::read(directory.path());
    let (accepted, _) = emitted(&lines);
    let runs = runs(&lines);
    assert!(accepted.iter().all(|number| runs.contains_key(&("count".to_owned(), *number))));
    for ((handler, number), attempts) in runs {
        let wanted: Vec<u32> = (1..=shop::attempts(&handler, number)).collect();
        assert_eq!(attempts, wanted, "{handler} and the event {number}");
    }
}

/// A worker whose handler does not end: the second `SIGTERM` ends it at once, and the next worker has the event at once.
#[test]
fn a_second_signal_ends_a_worker_at_once() {
    if process::plays() {
        return;
    }
    let test = "a_second_signal_ends_a_worker_at_once";
    let directory = tempfile::tempdir().unwrap();
    let shop = Shop::open(directory.path());
    process::block_on(shop::emit(&shop.broker, shop::ENDLESS..shop::ENDLESS + 1));
    let started = |count| {
        let since = Instant::now();
        let ran = |line: &&Line| matches!(line, Line::Ran { handler, .. } if handler == "note");
        while ledger::read(directory.path()).iter().filter(ran).count() < count {
            assert!(since.elapsed() < PATIENCE, "the handler does not start");
            sleep(Duration::from_millis(5));
        }
    };
    let worker = Process::start(test, directory.path(), WORKER);
    started(1);
    assert!(worker.terminate_at_once().success());
    // Its lease would have lasted longer than a test is waited for.
    let next = Process::start(test, directory.path(), WORKER);
    started(2);
    assert!(next.terminate_at_once().success());
    assert_eq!((shop.counts().pending, shop.letters().len()), (1, 0));
}

/// An event whose handler aborts the process: after three deaths it is put into quarantine, and all other events that came
/// with it are handled.
#[test]
fn an_event_that_aborts_the_process_is_put_into_quarantine_and_others_flow() {
    if process::plays() {
        return;
    }
    let test = "an_event_that_aborts_the_process_is_put_into_quarantine_and_others_flow";
    let directory = tempfile::tempdir().unwrap();
    let (events, shop) = (scaled(200), Shop::open(directory.path()));
    process::block_on(shop::emit(&shop.broker, 1..events + 1));
    process::block_on(shop::emit(&shop.broker, shop::DEADLY..shop::DEADLY + 1));
    process::block_on(shop::emit(&shop.broker, events + 1..2 * events + 1));
    let start = || Process::start(test, directory.path(), WORKER);
    let (mut workers, mut deaths) = ([start(), start()], 0);
    let counts = shop.until(|counts| {
        for worker in &mut workers {
            // Whoever keeps workers running starts a new one.
            if worker.has_ended() {
                deaths += 1;
                *worker = start();
            }
        }
        counts.pending == 0
    });
    assert_eq!(deaths, 3);
    let letters = shop.letters();
    let poison: Vec<_> = letters.iter().filter(|dead| dead.letter.reason == DeadReason::Poisonous).collect();
    assert_eq!(poison.len(), 1);
    assert_eq!(shop::number(poison[0]), shop::DEADLY);
    let doomed = (1..=2 * events).filter(|number| fate(*number) == Fate::Dead).count() as u64;
    assert_eq!((counts.succeeded, counts.dead), (2 * events - doomed, doomed + 1), "{counts}");
}
