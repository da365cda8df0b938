//! What a linker tells about its links, and how they are removed.

use pyventus::{Event, EventKey, EventLinker, KeysError, Subscription, key};

use crate::{emitter_of, logging};

#[derive(Event)]
struct Placed;

/// `a` answers "x" and `Placed`; `b` answers "x" and everything; `c` answers "y" once.
fn linked() -> (EventLinker, [Subscription; 3]) {
    let linker = EventLinker::new();
    let a = linker.subscribe(("x", key::<Placed>())).handler(|| ()).unwrap();
    let b = linker.subscribe((EventKey::ANY, "x")).handler(|| ()).unwrap();
    let c = linker.subscribe("y").once().handler(|| ()).unwrap();
    (linker, [a, b, c])
}

fn text(name: &str) -> EventKey {
    EventKey::text(name).unwrap()
}

// L32 L34 L35
#[test]
fn everything_is_listed_in_the_order_it_was_linked() {
    let (linker, [a, b, c]) = linked();
    assert_eq!(linker.events(), [text("x"), key::<Placed>(), EventKey::ANY, text("y")]);
    assert_eq!(linker.handlers(), [a.clone(), b.clone(), c.clone()]);
    assert_eq!(
        linker.links(),
        [
            (text("x"), vec![a.clone(), b.clone()]),
            (key::<Placed>(), vec![a]),
            (EventKey::ANY, vec![b]),
            (text("y"), vec![c]),
        ]
    );
}

// L33
#[test]
fn a_list_is_a_copy() {
    let (linker, _) = linked();
    linker.events().clear();
    linker.handlers().clear();
    linker.links().clear();
    assert_eq!((linker.event_count(), linker.handler_count()), (4, 3));
}

// L36
#[test]
fn the_events_of_handlers_are_their_union_and_strangers_have_none() {
    let (linker, [a, b, _]) = linked();
    let (_, [stranger, ..]) = linked();
    assert_eq!(linker.events_of([&a]), [text("x"), key::<Placed>()]);
    assert_eq!(linker.events_of([&b, &a]), [text("x"), key::<Placed>(), EventKey::ANY]);
    assert!(linker.events_of([&stranger]).is_empty());
    assert!(linker.events_of([]).is_empty());
}

// L37 V9
#[test]
fn the_handlers_of_events_are_their_union_and_the_events_have_to_be_named() {
    let (linker, [a, b, c]) = linked();
    assert_eq!(linker.handlers_of("x").unwrap(), [a.clone(), b.clone()]);
    assert_eq!(linker.handlers_of(("y", "x", "x", "unknown")).unwrap(), [a.clone(), b, c]);
    assert_eq!(linker.handlers_of(key::<Placed>()).unwrap(), [a]);
    assert!(linker.handlers_of("unknown").unwrap().is_empty());
    let none: &[EventKey] = &[];
    assert_eq!(linker.handlers_of(none), Err(KeysError::NoEvents));
}

// E3 V4
#[test]
fn an_empty_text_is_refused_by_queries_and_removals_alike() {
    let (linker, [a, ..]) = linked();
    let empty = KeysError::EmptyEventName(pyventus::EmptyEventName);
    assert_eq!(linker.handlers_of(""), Err(empty));
    assert_eq!(linker.handler_count_of(("x", "")), Err(empty));
    assert_eq!(linker.contains_event(""), Err(empty));
    assert_eq!(linker.is_linked("", &a), Err(empty));
    assert_eq!(linker.unlink(("x", ""), &a), Err(empty));
    assert_eq!(linker.remove_event(("x", "")), Err(empty));
    assert_eq!(linker.event_count(), 4, "nothing was removed");
}

// L39 L40
#[test]
fn counts_and_predicates_agree_with_the_lists_and_the_unknown_counts_nothing() {
    let (linker, [a, b, c]) = linked();
    let (_, [stranger, ..]) = linked();
    assert_eq!(
        (linker.event_count_of(&a), linker.event_count_of(&c), linker.event_count_of(&stranger)),
        (2, 1, 0)
    );
    assert_eq!((linker.handler_count_of("x"), linker.handler_count_of("unknown")), (Ok(2), Ok(0)));
    assert!(!linker.is_empty() && EventLinker::new().is_empty());
    assert_eq!(linker.contains_event(("x", key::<Placed>())), Ok(true));
    assert_eq!(linker.contains_event(("x", "unknown")), Ok(false));
    assert!(linker.contains_handler(&b) && !linker.contains_handler(&stranger));
    assert_eq!((linker.is_linked("x", &a), linker.is_linked("y", &a)), (Ok(true), Ok(false)));
}

// L23 L26 L27
#[test]
fn unlinking_counts_the_links_and_the_last_one_takes_handler_and_event_along() {
    let (linker, [a, b, _]) = linked();
    assert_eq!(linker.unlink("y", &a), Ok(0));
    assert_eq!(linker.unlink(("x", "y"), &a), Ok(1));
    assert_eq!(linker.handlers_of("x").unwrap(), [b]);
    assert!(linker.contains_handler(&a));
    assert_eq!(linker.unlink(key::<Placed>(), &a), Ok(1));
    assert!(!linker.contains_handler(&a));
    assert_eq!(linker.contains_event(key::<Placed>()), Ok(false));
}

// L24 L30
#[test]
fn removing_a_handler_is_true_once_and_a_stranger_is_not_found() {
    let (linker, [a, ..]) = linked();
    let (other, [stranger, ..]) = linked();
    assert!(!linker.remove_handler(&stranger));
    assert!(other.contains_handler(&stranger));
    assert!(linker.remove_handler(&a));
    assert!(!linker.remove_handler(&a));
    assert_eq!(emitter_of(&linker).emit(Placed).wait().unwrap().succeeded(), 1);
}

// L26 L29
#[test]
fn removing_events_keeps_handlers_that_are_linked_elsewhere() {
    let (linker, [a, b, c]) = linked();
    assert_eq!(linker.remove_event(("x", "y", "unknown")), Ok(2));
    assert!(linker.contains_handler(&a) && linker.contains_handler(&b) && !linker.contains_handler(&c));
    assert_eq!(linker.events(), [key::<Placed>(), EventKey::ANY]);
    assert_eq!(linker.remove_event("x"), Ok(0));
}

// L3 L28
#[test]
fn clearing_says_whether_there_was_anything_and_leaves_other_linkers_alone() {
    let (linker, _) = linked();
    let (other, _) = linked();
    assert!(linker.clear());
    assert!(!linker.clear());
    assert!(linker.is_empty() && !other.is_empty());
    assert!(emitter_of(&linker).emit("x").wait().unwrap().outcomes().is_empty());
}

// H25 H26 H28 U12
#[test]
fn a_handler_tells_where_it_was_written_when_it_was_linked_and_whether_it_runs_once() {
    let before = std::time::SystemTime::now();
    let (_, [a, _, c]) = linked();
    assert!(!a.is_once() && c.is_once());
    assert!(a.timestamp() >= before && a.timestamp() <= std::time::SystemTime::now());
    let shown = a.to_string();
    assert!(shown.starts_with("behaviour::queries::linked::{{closure}} ("), "{shown}");
    assert!(shown.contains("queries.rs:"), "{shown}");
    assert!(format!("{c:?}").contains("once: true"));
    assert_eq!(a.origin().krate(), "behaviour");
}

// L6
#[test]
fn a_linker_tells_its_settings() {
    fn ignore(_: &anyhow::Error) {}
    let plain = EventLinker::new();
    assert_eq!(
        (plain.handler_limit(), plain.has_default_success(), plain.has_default_failure()),
        (None, false, false)
    );
    let set = EventLinker::namespace("set").max_handlers(3).default_success(|| ()).default_failure(ignore);
    assert_eq!(
        (set.handler_limit(), set.has_default_success(), set.has_default_failure()),
        (Some(3), true, true)
    );
    // L4: settings belong to one linker.
    assert_eq!(EventLinker::namespace("set").handler_limit(), None);
}

// G13
#[test]
fn effective_changes_are_logged_and_others_are_not() {
    let log = logging::at_debug(|| {
        let (linker, [a, ..]) = linked();
        assert!(linker.remove_handler(&a) && !linker.remove_handler(&a));
        linker.remove_event("unknown").unwrap();
        linker.remove_event("x").unwrap();
        assert!(linker.clear() && !linker.clear());
    });
    assert_eq!(log.matches("[EventLinker]").count(), 6, "{log}");
    assert_eq!(log.matches("Subscribed").count(), 3, "{log}");
}
