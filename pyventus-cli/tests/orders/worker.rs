//! `worker`.

use serde_json::Value;

use crate::process::Place;
use crate::shop::place_orders;

#[test]
fn a_worker_handles_events_until_it_is_told_to_end_and_says_what_became_of_them() {
    let place = Place::new();
    place_orders(&place, &["good", "stolen", "good", "stolen"]);
    let printed = place.work("stolen", &["--concurrency", "8", "--prefetch", "2", "--grace", "5s"]);
    let lines: Vec<_> = printed.lines().collect();
    let shipped = lines.iter().filter(|line| line.ends_with("is shipped")).count();
    assert_eq!(shipped, 4, "{printed}");
    let [worker, group] = lines[lines.len() - 2..] else { panic!("{printed}") };
    assert!(worker.starts_with("received=6 done=4 again=2 released=0 lost=0 letters=2"), "{worker}");
    assert_eq!(group, "accepted=4 succeeded=2 dead=2 dropped=0 pending=0");
}

#[test]
fn what_a_worker_has_done_is_printed_as_data() {
    let place = Place::new();
    place_orders(&place, &["good", "stolen"]);
    let printed = place.work("stolen", &["--json", "--lease", "10s", "--skip-unknown"]);
    let done: Value = serde_json::from_str(&printed[printed.find('{').unwrap()..]).unwrap();
    assert_eq!((&done["worker"]["letters"], &done["worker"]["failed"]), (&1.into(), &2.into()));
    assert_eq!((&done["group"]["succeeded"], &done["group"]["dead"]), (&1.into(), &1.into()));
}

#[test]
fn options_of_a_worker_that_make_no_sense_are_refused() {
    let place = Place::new();
    for (args, says) in [
        (["worker", "--concurrency", "0"], "--concurrency"),
        (["worker", "--grace", "soon"], "a time is `30s`"),
        (["worker", "--queue", "no name"], "the name of a queue has letters"),
        (["worker", "--group", ""], "the name of a group cannot be empty"),
    ] {
        let error = place.refused(&args);
        assert!(error.contains(says), "{error}");
    }
    assert!(!place.file().exists(), "a file was made");
}
