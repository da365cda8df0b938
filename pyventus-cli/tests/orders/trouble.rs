//! Brokers that are not there, and what tells of all that.

use std::process::Command;

use crate::process::{Place, example, stderr, stdout};
use crate::shop::place_orders;

#[test]
fn the_option_names_another_broker_than_that_of_the_program() {
    let (place, elsewhere) = (Place::new(), Place::new());
    place_orders(&elsewhere, &["good"]);
    let url = format!("sqlite:{}", elsewhere.file().display());
    let stats = place.json(&["stats", "--broker", &url, "--json"]);
    assert_eq!(stats[0]["retained"], 1);
    assert!(!place.file().exists(), "the broker of the program was opened");
    let by_environment = place.command(&["stats", "--json"]).env("PYVENTUS_BROKER", &url).output().unwrap();
    assert!(stdout(&by_environment).contains("\"retained\": 1"));
}

#[test]
fn a_broker_that_is_not_there_is_an_error_that_says_why() {
    let place = Place::new();
    let missing = format!("sqlite:{}", place.file().display());
    let damaged = format!("sqlite:{}", place.file().with_extension("txt").display());
    std::fs::write(place.file().with_extension("txt"), "no database, but long enough to be one ".repeat(99))
        .unwrap();
    for (url, says) in [
        (missing.as_str(), "there is no file "),
        (&damaged, "is not opened"),
        ("events.db", "`--broker` is a URL"),
        ("kafka://user:secret@host", "there are no brokers at `kafka:` URLs"),
        ("redis://user:secret@127.0.0.1:1", "127.0.0.1:1"),
    ] {
        let error = place.refused(&["stats", "--broker", url]);
        assert!(error.starts_with("error: ") && error.contains(says), "{url}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    assert!(!place.file().exists(), "a file was made of a name that may be misspelt");
}

#[test]
fn a_program_that_gives_no_broker_says_how_one_is_given() {
    for command in [&["stats"][..], &["worker"], &["dead", "list"]] {
        let mut shop = Command::new(example("shop"));
        let output = shop.args(command).env_remove("PYVENTUS_BROKER").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let error = stderr(&output);
        assert!(error.contains("`--broker URL`") && error.contains("`CommandLine::broker`"), "{error}");
    }
}

#[test]
fn shells_complete_the_commands_and_their_options() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = place.printed(&["completions", shell]);
        for word in ["worker", "stats", "dead", "replay", "drop", "group", "remove", "broker", "payload"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    let help = place.printed(&["--help"]);
    for command in ["worker", "stats", "dead", "group"] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
    }
}
