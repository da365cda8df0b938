//! What was read from a broker as it is shown, and what is typed as it is meant.

use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};

/// A text that anybody may have written: what a terminal could take for a command is spelt out.
pub(crate) fn safe(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let reorders = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || reorders {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The beginning of a text, on one line.
pub(crate) fn brief(text: &str, most: usize) -> String {
    let text = safe(text);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A moment, to the second.
pub(crate) fn time(at: SystemTime) -> String {
    match Timestamp::try_from(at) {
        Ok(at) => format!("{at:.0}"),
        Err(_) => "beyond the calendar".to_owned(),
    }
}

/// A moment, as exactly as it is known.
pub(crate) fn exact_time(at: SystemTime) -> Option<String> {
    Timestamp::try_from(at).ok().map(|at| at.to_string())
}

/// A time such as `30s`, `1m 30s` or `250ms`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<SignedDuration>().map_err(|_| "a time is `30s`, `1m 30s` or `250ms`, say")?;
    Duration::try_from(duration).map_err(|_| "a time is not negative".to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{brief, duration, safe, time};

    #[test]
    fn what_a_terminal_could_take_for_a_command_is_spelt_out() {
        assert_eq!(safe("“ß”\u{1b}[2J\r\n\u{9b}"), "“ß”\\u{1b}[2J\\r\\n\\u{9b}");
        assert_eq!(brief("äöü", 3), "äöü");
        assert_eq!(brief("äöüß", 3), "äöü…");
    }

    #[test]
    fn times_are_those_of_a_clock() {
        assert_eq!(time(UNIX_EPOCH + Duration::from_millis(1_767_225_600_900)), "2026-01-01T00:00:00Z");
        assert_eq!(duration("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["", "30", "-1s", "soon"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
