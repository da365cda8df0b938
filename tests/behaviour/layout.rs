//! The lines of the log layer: the parts of one, and the time in it.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::logging;

// G7 G8
#[test]
fn a_line_without_action_and_source_says_message_and_the_target() {
    let log = logging::of(|| tracing::warn!(target: "billing", "no receipt"));
    logging::assert_layout(&log, "WARN", "billing", "Message: no receipt");
    let log =
        logging::of(|| tracing::error!(source = "Billing", action = "Failed:", amount = 7, "no receipt"));
    logging::assert_layout(&log, "ERROR", "Billing", "Failed: no receipt amount=7");
}

// G3 G9
#[test]
fn every_level_is_right_aligned_to_eight_columns_and_debug_lines_stay_away_unless_wanted() {
    let lines = || {
        tracing::error!("e");
        tracing::warn!("e");
        tracing::info!("e");
        tracing::debug!("e");
    };
    let levels = |log: &str| -> Vec<String> {
        log.lines().map(|line| line.split_once('M').unwrap().1[1..9].to_owned()).collect()
    };
    assert_eq!(levels(&logging::of(lines)), ["   ERROR", "    WARN", "    INFO"]);
    assert_eq!(levels(&logging::at_debug(lines)), ["   ERROR", "    WARN", "    INFO", "   DEBUG"]);
}

/// Marks the process that prints one line for the test below.
const PRINTS: &str = "PYVENTUS_TEST_PRINTS_A_LINE";

// Z12 G4 N2
#[test]
fn the_time_is_local_and_utc_where_the_zone_is_unknown() {
    const HALF_A_DAY: u64 = 12 * 60 * 60;
    if std::env::var_os(PRINTS).is_some() {
        let subscriber = {
            use tracing_subscriber::layer::SubscriberExt;
            tracing_subscriber::registry().with(pyventus::fmt::layer())
        };
        tracing::subscriber::with_default(subscriber, || tracing::info!("what time is it"));
        return;
    }
    for (zone, offset) in
        [("XST-5:30", 5 * 3600 + 1800), ("XST+3", HALF_A_DAY - 3 * 3600), ("Nowhere/Unknown", 0)]
    {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let expected = (now + offset) % HALF_A_DAY;
        let printed = printed_in(zone);
        // It was printed a little later, and the clock shows twelve hours.
        let late = (printed + HALF_A_DAY - expected) % HALF_A_DAY;
        assert!(late < 600, "{late} s late in {zone}");
    }
}

/// The seconds since twelve o'clock in a line printed in that time zone.
fn printed_in(zone: &str) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "layout::the_time_is_local_and_utc_where_the_zone_is_unknown", "--nocapture"])
        .env("TZ", zone)
        .env(PRINTS, "")
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let line =
        stdout.lines().find(|line| line.contains("what time is it")).unwrap_or_else(|| panic!("{stdout}"));
    let time = line.split_once("[Logger] ").unwrap().1.split(' ').nth(1).unwrap();
    let parts: Vec<u64> = time.split(':').map(|part| part.parse().unwrap()).collect();
    parts[0] % 12 * 3600 + parts[1] * 60 + parts[2]
}
