//! `stats`, and `group`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use pyventus::EventEmitter;
use pyventus::queue::{Broker as _, QueueBackend, QueueName};
use serde_json::Value;

use crate::process::{Place, Running};
use crate::shop::{give_up, place_orders, with};

#[test]
fn numbers_say_where_the_events_of_each_group_are() {
    let place = Place::new();
    place_orders(&place, &["good", "stolen", "good"]);
    place.work("stolen", &[]);
    with(&place, async |broker| {
        let backend = QueueBackend::new(broker.clone());
        EventEmitter::new(backend.clone()).emit("order.placed.late").await.unwrap();
        let delayed = backend.clone().delayed(Duration::from_hours(1));
        EventEmitter::new(delayed).emit("reminder").await.unwrap();
        let other = backend.queue("unread").unwrap();
        EventEmitter::new(other).emit("nobody").await.unwrap();
    });

    let stats = place.json(&["stats", "--json"]);
    let events = &stats[0];
    assert_eq!((&events["queue"], &events["retained"]), (&"events".into(), &2.into()));
    let group = &events["groups"][0];
    for (name, wanted) in [
        ("waiting", 1),
        ("delayed", 1),
        ("leased", 0),
        ("accepted", 5),
        ("succeeded", 2),
        ("dead", 1),
        ("dropped", 0),
        ("pending", 2),
    ] {
        assert_eq!(group[name], wanted, "{name} of {group}");
    }
    assert_eq!((&stats[1]["queue"], &stats[1]["retained"]), (&"unread".into(), &1.into()));
    assert_eq!(stats[1]["groups"].as_array().map(Vec::len), Some(0));

    let table = place.printed(&["stats"]);
    let rows: Vec<Vec<_>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    let head = "QUEUE GROUP WAITING DELAYED LEASED DEAD DROPPED SUCCEEDED ACCEPTED RETAINED";
    assert_eq!(rows[0].join(" "), head);
    assert_eq!(rows[1].join(" "), "events billing 1 1 0 1 0 2 5 2");
    assert_eq!(rows[2].join(" "), "unread - - - - - - - - 1");
    assert!(!table.contains('\u{1b}'), "{table:?}");

    assert_eq!(place.json(&["stats", "--queue", "unread", "--json"]).as_array().map(Vec::len), Some(1));
    let only = place.json(&["stats", "--group", "billing", "--json"]);
    assert_eq!((only.as_array().map(Vec::len), &only[0]["queue"]), (Some(1), &"events".into()));
}

#[test]
fn who_watches_sees_the_numbers_change() {
    let place = Place::new();
    place_orders(&place, &["good"]);
    let mut watching = place.command(&["stats", "--watch=10ms", "--json"]);
    let mut watching = Running(watching.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(watching.0.stdout.take().unwrap()).lines();
    let mut retained = || {
        let line = lines.next().unwrap().unwrap();
        serde_json::from_str::<Value>(&line).unwrap()[0]["retained"].as_u64().unwrap()
    };
    assert_eq!(retained(), 1);
    place_orders(&place, &["good", "good"]);
    while retained() != 3 {}
}

#[test]
fn a_group_that_is_not_needed_any_more_is_removed_and_retains_nothing() {
    let place = Place::new();
    place_orders(&place, &["good", "good"]);
    place.work("stolen", &[]);
    give_up(&place, "legacy", vec![b"one".to_vec()], "unreadable");
    place_orders(&place, &["good"]);
    // Of its own, it retains what it has not settled; what `billing` has left stays.
    let stats = place.json(&["stats", "--json"]);
    assert_eq!(stats[0]["groups"].as_array().map(Vec::len), Some(2));

    let remove = ["group", "remove", "--queue", "events", "--group", "legacy"];
    let error = place.refused(&remove);
    assert!(error.contains("Remove the group legacy of the queue events? It has accepted="), "{error}");
    assert!(error.contains("`--yes`"), "{error}");
    assert_eq!(place.json(&["stats", "--json"])[0]["groups"].as_array().map(Vec::len), Some(2));

    let printed = place.printed(&[&remove[..], &["--yes"]].concat());
    assert!(printed.starts_with("the group legacy of the queue events was removed: accepted="), "{printed}");
    let left = place.json(&["stats", "--json"]);
    assert_eq!(left[0]["groups"].as_array().map(Vec::len), Some(1));
    assert_eq!(left[0]["groups"][0]["group"], "billing");
    assert_eq!(place.json(&["dead", "list", "--json"]).as_array().map(Vec::len), Some(0));

    let error = place.refused(&[&remove[..], &["--yes"]].concat());
    assert!(error.contains("there is no group \"legacy\"; there is \"billing\""), "{error}");
    let last = ["group", "remove", "--queue", "events", "--group", "billing", "--yes", "--json"];
    assert_eq!(place.json(&last)["group"], "billing");
    assert_eq!(place.printed(&["stats"]), "there is no queue\n");
    let queues = with(&place, async |broker| broker.queues().await.unwrap());
    assert!(queues.iter().all(|queue| queue.name != QueueName::default()));
}
