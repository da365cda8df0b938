//! `dead`.

use serde_json::Value;

use crate::process::{Place, stderr, stdout};
use crate::shop::{give_up, place_orders};

/// A place with a letter for each card.
fn with_letters(cards: &[&str]) -> Place {
    let place = Place::new();
    place_orders(&place, cards);
    place.work("stolen", &[]);
    place
}

fn ids(place: &Place, args: &[&str]) -> Vec<String> {
    let letters = place.json(&[&["dead", "list", "--json"][..], args].concat());
    letters.as_array().unwrap().iter().map(|letter| letter["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn dead_letters_are_listed() {
    let place = with_letters(&["stolen", "good", "stolen"]);
    let letters = place.json(&["dead", "list", "--json"]);
    assert_eq!(letters.as_array().map(Vec::len), Some(2));
    for letter in letters.as_array().unwrap() {
        assert_eq!((&letter["queue"], &letter["group"]), (&"events".into(), &"billing".into()));
        assert_eq!((&letter["handler"], &letter["reason"]), (&"orders::charge".into(), &"exhausted".into()));
        assert_eq!(letter["attempts"], 2);
        assert_eq!(letter["event"]["name"], "order.placed");
        assert!(letter["origin"].as_str().unwrap().contains("examples/orders.rs:"), "{letter}");
        assert!(letter["history"][1]["error"].as_str().unwrap().ends_with("was declined"), "{letter}");
        assert_eq!(letter.get("payload"), None);
    }

    let table = place.printed(&["dead", "list"]);
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    assert!(lines[0].trim_start().starts_with("LETTER "), "{table}");
    for part in ["order.placed", "orders::charge", "exhausted", "was declined", "billing"] {
        assert!(lines[1].contains(part), "{part} in {table}");
    }

    assert_eq!(place.run(&["dead", "list", "--exit-code"]).status.code(), Some(1));
    assert_eq!(ids(&place, &["--handler", "orders::ship"]).len(), 0);
    assert_eq!(ids(&place, &["--handler", "orders::charge"]).len(), 2);
    assert_eq!(place.run(&["dead", "list", "--handler", "none", "--exit-code"]).status.code(), Some(0));
    let none = place.printed(&["dead", "list", "--handler", "none"]);
    assert_eq!(none, "there is no dead letter that fits\n");
}

#[test]
fn many_dead_letters_are_listed_in_pages_and_replayed_and_dropped_together() {
    let place = Place::new();
    for group in ["billing", "shipping"] {
        give_up(&place, group, vec![b"nothing".to_vec(); 450], "no envelope");
    }
    let all = ids(&place, &["--limit", "2000"]);
    assert_eq!(all.len(), 450 + 450);
    assert!(all.is_sorted(), "letters are not listed in their order");
    let page = place.run(&["dead", "list", "--limit", "300", "--json"]);
    let listed: Value = serde_json::from_str(&stdout(&page)).unwrap();
    assert_eq!(listed.as_array().map(Vec::len), Some(300));
    let after = stderr(&page).split('`').nth(1).unwrap().to_owned();
    assert_eq!(after, format!("--after {}", all[299]));
    assert_eq!(ids(&place, &["--limit", "2000", "--after", &all[299]]), all[300..]);
    assert!(stderr(&place.run(&["dead", "list", "--limit", "900"])).is_empty());

    let args = ["dead", "replay", "--all", "--group", "billing"];
    assert_eq!(place.printed(&args), "450 dead letters were replayed\n");
    assert_eq!(ids(&place, &["--limit", "2000"]).len(), 450);
    let stats = place.json(&["stats", "--group", "billing", "--json"]);
    // What the other group has given up waits for this one, too.
    assert_eq!((&stats[0]["groups"][0]["dead"], &stats[0]["groups"][0]["waiting"]), (&0.into(), &900.into()));

    let drop = ["dead", "drop", "--all", "--group", "shipping"];
    let error = place.refused(&drop);
    assert!(error.contains("Drop 450 dead letters for good?") && error.contains("`--yes`"), "{error}");
    assert_eq!(ids(&place, &["--limit", "2000"]).len(), 450);
    let dropped = place.json(&[&drop[..], &["--yes", "--json"]].concat());
    assert_eq!((&dropped["dropped"], &dropped["unknown"]), (&450.into(), &Value::Array(vec![])));
    assert_eq!(place.run(&["dead", "list", "--exit-code"]).status.code(), Some(0));
    assert_eq!(place.printed(&drop), "0 dead letters were dropped\n");
}

#[test]
fn a_letter_is_shown_with_its_history_and_its_payload_only_where_that_is_asked_for() {
    let place = with_letters(&["stolen"]);
    let id = &ids(&place, &[])[0];
    let shown = place.printed(&["dead", "show", id]);
    for part in [
        id.as_str(),
        "order.placed",
        "orders::charge",
        "examples/orders.rs:",
        "the handler failed as often as it may",
        "signed   no",
        "attempts 2",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert_eq!(shown.matches("the card of order 1 was declined").count(), 2, "{shown}");
    assert!(!shown.contains("stolen"), "{shown}");
    assert!(place.printed(&["dead", "show", id, "--payload"]).contains("\"card\": \"stolen\""));

    let data = place.json(&["dead", "show", id, "--json"]);
    assert_eq!((&data["id"], data.get("payload")), (&id.as_str().into(), None));
    assert_eq!(data["event"]["key"], Value::Null);
    let data = place.json(&["dead", "show", id, "--payload", "--json"]);
    assert_eq!(data["payload"]["data"], serde_json::json!({ "id": 1, "card": "stolen" }));
    assert_eq!(data["payload"]["arguments"], Value::Null);
}

#[test]
fn a_letter_is_replayed_for_the_handler_that_gave_it_up_or_dropped() {
    let place = with_letters(&["stolen", "stolen"]);
    let letters = ids(&place, &[]);
    assert_eq!(place.printed(&["dead", "replay", &letters[0]]), "1 dead letter was replayed\n");
    let again = place.refused_with(&["dead", "replay", &letters[0]], "0 dead letters were replayed\n");
    assert!(again.contains(&format!("there is no dead letter {}", letters[0])), "{again}");
    let printed = place.work("nothing", &[]);
    assert!(!printed.contains("shipped"), "another handler ran: {printed}");
    assert!(printed.ends_with("accepted=2 succeeded=1 dead=1 dropped=0 pending=0\n"), "{printed}");

    let both = place.refused_with(&["dead", "drop", &letters[0], &letters[1]], "1 dead letter was dropped\n");
    assert!(both.contains(&letters[0]) && !both.contains(&letters[1]), "{both}");
    let stats = place.json(&["stats", "--json"]);
    let group = &stats[0]["groups"][0];
    assert_eq!([&group["succeeded"], &group["dropped"], &group["dead"]], [1, 1, 0]);
}

#[test]
fn what_others_have_written_tells_a_terminal_nothing() {
    let place = Place::new();
    let clear = "\u{1b}[2J\u{202e}\nsecond line";
    let envelope = serde_json::json!({
        "specversion": "1.0", "id": "01890a5d-ac96-774b-bcce-b302099a8057", "source": "/shop",
        "type": format!("order{clear}"), "time": "2026-01-01T00:00:00Z",
        "pyvschema": 1, "pyvkind": "text", "pyvqueue": "events",
    });
    give_up(&place, "billing", vec![envelope.to_string().into_bytes(), clear.into()], clear);
    for id in ids(&place, &[]) {
        for args in [&["dead", "list"][..], &["dead", "show", &id], &["dead", "show", &id, "--payload"]] {
            let printed = place.printed(args);
            assert!(printed.contains("\\u{1b}[2J\\u{202e}\\nsecond line"), "{printed}");
            let told =
                |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
            assert!(!printed.contains(told), "{printed:?}");
        }
    }
    let table = place.printed(&["dead", "list"]);
    assert_eq!(
        (table.matches("(unreadable)").count(), table.matches("order\\u{1b}").count()),
        (1, 1),
        "{table}"
    );
}

#[test]
fn letters_that_are_not_meant_are_refused() {
    let place = with_letters(&["stolen"]);
    let id = ids(&place, &[]).remove(0);
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (args, says) in [
        (&["dead", "show", unknown][..], "there is no dead letter 01890a5d"),
        (&["dead", "show", "7"], "the text is no UUID, and not the identity of a dead letter"),
        (&["dead", "show"], "<LETTER>"),
        (&["dead", "replay"], "<LETTER>..."),
        (&["dead", "replay", &id, "--all"], "cannot be used with"),
        (&["dead", "drop", &id, "--queue", "events"], "restrict `--all`"),
        (&["dead", "list", "--queue", "orders"], "there is no queue \"orders\"; there is \"events\""),
        (
            &["dead", "drop", "--all", "--group", "x", "--yes"],
            "there is no group \"x\"; there is \"billing\"",
        ),
    ] {
        let error = place.refused(args);
        assert!(error.contains(says), "{args:?}: {error}");
    }
    assert_eq!(ids(&place, &[]), [id]);
}
