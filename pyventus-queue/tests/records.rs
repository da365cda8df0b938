//! What brokers store for workers: letters and progress; and what names may be.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use pyventus_queue::{
    Attempt, Bytes, DeadReason, GroupName, HandlerProgress, InvalidName, Letter, Progress, ProgressError,
    QueueName,
};

fn time(seconds: i64, nanos: u32) -> SystemTime {
    let since = Duration::new(seconds.unsigned_abs(), 0);
    let time = if seconds < 0 { UNIX_EPOCH - since } else { UNIX_EPOCH + since };
    time + Duration::from_nanos(u64::from(nanos))
}

fn any_time() -> impl Strategy<Value = SystemTime> {
    (-100_000_000_000_i64..200_000_000_000, 0..1_000_000_000_u32)
        .prop_map(|(seconds, nanos)| time(seconds, nanos))
}

fn any_history() -> impl Strategy<Value = Vec<Attempt>> {
    prop::collection::vec((any_time(), "(?s).*").prop_map(|(at, error)| Attempt { at, error }), 0..4)
}

prop_compose! {
    fn any_handler()(handler in ".*", attempts: u32, due in any_time(), history in any_history()) -> HandlerProgress {
        let mut progress = HandlerProgress::fresh(handler);
        (progress.attempts, progress.due, progress.history) = (attempts, due, history);
        progress
    }
}

proptest! {
    #[test]
    fn progress_is_read_as_it_was_written(handlers in prop::collection::vec(any_handler(), 0..4)) {
        let progress = Progress::new(handlers);
        prop_assert_eq!(Progress::decode(&progress.encode().unwrap()).unwrap(), progress);
    }

    #[test]
    fn any_bytes_are_progress_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _any = Progress::decode(&bytes);
    }

    #[test]
    fn a_letter_is_read_as_it_was_written(
        resume in prop::collection::vec(any::<u8>(), 0..100),
        attempts: u32,
        history in any_history(),
        whole: bool,
    ) {
        let letter = if whole {
            Letter::of_event(DeadReason::Poisonous, "died")
        } else {
            Letter::of_handler(DeadReason::Exhausted, "a_handler", Bytes::from(resume)).with_origin("here")
        };
        let letter = letter.with_history(attempts, history);
        let written = serde_json::to_string(&letter).unwrap();
        prop_assert_eq!(serde_json::from_str::<Letter>(&written).unwrap(), letter);
    }

    #[test]
    fn a_name_is_taken_exactly_where_it_keeps_to_the_rules(name in "[a-zA-Z0-9._ äß/:-]{0,110}") {
        let sound = (1..=100).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        prop_assert_eq!(QueueName::new(&name).is_ok(), sound);
    }
}

// K2
#[test]
fn a_wrong_name_is_refused_with_what_is_wrong() {
    assert_eq!(QueueName::new("orders").unwrap().as_str(), "orders");
    let text = |error: InvalidName| error.to_string();
    assert_eq!(text(QueueName::new("").unwrap_err()), "the name of a queue cannot be empty");
    assert_eq!(
        text(GroupName::new("a b").unwrap_err()),
        "the name of a group has letters, digits, `.`, `_` and `-` of ASCII, not ' '"
    );
    let long = GroupName::new("x".repeat(101)).unwrap_err();
    assert_eq!(text(long), "the name of a group has at most 100 characters, not 101");
}

#[test]
fn the_first_handler_that_is_due_decides_when_an_event_goes_on() {
    let mut late = HandlerProgress::fresh("late");
    late.due = time(7, 0);
    let mut later = HandlerProgress::fresh("later");
    later.due = time(8, 0);
    assert_eq!(Progress::new(vec![later, late]).due(), Some(time(7, 0)));
    assert_eq!(Progress::default().due(), None);
}

#[test]
fn progress_of_another_version_is_refused_with_both_versions() {
    let later = br#"{"version":2,"handlers":[],"more":true}"#;
    let refused = Progress::decode(later).unwrap_err();
    assert!(matches!(refused, ProgressError::Version { wanted: 1, found: 2, .. }));
    assert_eq!(refused.to_string(), "the progress of the event says version 2, not 1");
    let more = br#"{"version":1,"handlers":[],"more":true}"#;
    assert!(matches!(Progress::decode(more), Err(ProgressError::Malformed(_))));
}

#[test]
fn a_reason_that_a_later_version_gives_is_read() {
    let reason: DeadReason = serde_json::from_str("\"struck_by_lightning\"").unwrap();
    assert_eq!(reason, DeadReason::Other);
    let reason: DeadReason = serde_json::from_str("\"handler_gone\"").unwrap();
    assert_eq!(reason, DeadReason::HandlerGone);
}

#[test]
fn progress_and_letters_are_written_as_they_always_were() {
    let mut handler = HandlerProgress::fresh("shop::ship");
    handler.history = vec![Attempt { at: time(1, 2), error: "no".to_owned() }];
    let progress = Progress::new(vec![handler.clone()]).encode().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&progress),
        r#"{"version":1,"handlers":[{"handler":"shop::ship","attempts":0,"due":"1970-01-01T00:00:00Z","history":[{"at":"1970-01-01T00:00:01.000000002Z","error":"no"}]}]}"#
    );
    let letter = Letter::of_handler(DeadReason::Exhausted, "shop::ship", Bytes::from_static(b"\xffresume"))
        .with_origin("shop::ship (src/shop.rs:7)")
        .with_history(3, handler.history);
    assert_eq!(
        serde_json::to_string(&letter).unwrap(),
        r#"{"reason":"exhausted","handler":"shop::ship","origin":"shop::ship (src/shop.rs:7)","attempts":3,"history":[{"at":"1970-01-01T00:00:01.000000002Z","error":"no"}],"resume":"/3Jlc3VtZQ=="}"#
    );
}
