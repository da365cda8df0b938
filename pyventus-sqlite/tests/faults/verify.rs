//! What is compared with the ledger when nothing is left to do.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use pyventus_queue::{Broker as _, Page};
use pyventus_sqlite::SqliteBroker;

use crate::ledger::Line;
use crate::process::{Fate, database, fate, group, number, queue};

/// Compares what was handled with what was accepted, and returns all events that were stored.
///
/// Besides `in_hands`, the events that were held by processes when they were killed, none is handled twice.
pub(crate) fn ledger(lines: &[Line], in_hands: u64) -> BTreeSet<u64> {
    let (mut times, mut again) = (HashMap::<_, u64>::new(), HashMap::<_, u64>::new());
    let (mut tried, mut accepted, mut lost) = (Vec::new(), BTreeSet::new(), 0);
    for line in lines {
        match line {
            Line::Tried(batch) => tried.push(batch.clone()),
            Line::Accepted(batch) => accepted.extend(batch.clone()),
            Line::Done(number) => *times.entry(*number).or_default() += 1,
            Line::Again(number) => *again.entry(*number).or_default() += 1,
            Line::Lost(_) => lost += 1,
        }
    }
    let stored: BTreeSet<u64> = times.keys().copied().collect();
    let missing: Vec<_> = accepted.difference(&stored).collect();
    assert!(missing.is_empty(), "{} events were accepted and are lost: {missing:?}", missing.len());
    for batch in tried {
        let found = batch.clone().filter(|number| stored.contains(number)).count() as u64;
        let all = batch.end - batch.start;
        assert!(found == 0 || found == all, "of the batch {batch:?}, {found} of {all} events were stored");
    }
    for number in stored.iter().filter(|number| fate(**number) == Fate::Again) {
        assert!(again.contains_key(number), "event {number} was never settled for later");
    }
    let total: u64 = times.values().chain(again.values()).sum();
    let twice = total - stored.len() as u64 - again.len() as u64;
    let most = in_hands + lost;
    assert!(twice <= most, "{twice} events were handled twice, at most {most} were in somebody's hands");
    stored
}

/// Each event that was given up has one dead letter, with its bytes.
pub(crate) async fn letters(directory: &Path, stored: &BTreeSet<u64>) {
    let broker = SqliteBroker::open(database(directory)).await.unwrap();
    let (mut found, mut page) = (Vec::new(), Page::first(100));
    loop {
        let letters = broker.letters(&queue(), &group(), page).await.unwrap();
        let Some(last) = letters.last() else { break };
        page = Page::after(last.id, 100);
        for letter in letters {
            let number = number(&letter.message);
            assert_eq!(letter.letter.resume.unwrap(), number.to_string());
            found.push(number);
        }
    }
    found.sort_unstable();
    let wanted: Vec<_> = stored.iter().copied().filter(|number| fate(*number) == Fate::Dead).collect();
    assert_eq!(found, wanted, "events with dead letters");
    broker.close().await;
}

/// The file is whole, and has so many events and nothing else that would be in the way.
pub(crate) fn file(directory: &Path, events: u64) {
    let file = rusqlite::Connection::open(database(directory)).unwrap();
    let ask = |query| file.query_row(query, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(ask("PRAGMA integrity_check"), "ok");
    assert_eq!(ask("SELECT format('%d', count(*)) FROM events"), events.to_string());
    assert_eq!(ask("SELECT format('%d', coalesce(sum(stored), 0)) FROM queues"), events.to_string());
    assert_eq!(ask("SELECT format('%d', count(*)) FROM items"), "0");
    assert_eq!(ask("SELECT format('%d', count(*)) FROM ranges"), "0");
}
