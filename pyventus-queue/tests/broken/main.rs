//! The laws can fail: each reports a broker that breaks it, and says how.

mod broker;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::thread;

use pyventus_queue::conformance as law;

use broker::{Defect, Workshop};

/// A broker without a defect keeps all laws, those of what survives among them: what is reported below is the defect.
mod without_a_defect {
    use super::{Defect, Workshop};

    pyventus_queue::broker_laws!(|| Workshop::new(Defect::None));
}

/// One test for each defect: the law that has to report it, and what it says.
macro_rules! reports {
    ($($test:ident: $defect:ident, $law:ident, $words:literal;)+) => {
        $(
            #[test]
            fn $test() {
                reports(Defect::$defect, || law::$law(|| Workshop::new(Defect::$defect)), $words);
            }
        )+
    };
}

reports! {
    what_is_forgotten_between_connections_is_reported:
        ForgetsBetweenConnections, what_was_accepted_survives_a_reconnection, "accepted, succeeded, dead";
    letters_that_are_forgotten_between_connections_are_reported:
        ForgetsLettersBetweenConnections, what_was_accepted_survives_a_reconnection, "left: 0";
    what_is_forgotten_at_a_restart_is_reported:
        ForgetsWhenItRestarts, work_goes_on_after_the_broker_was_restarted, "events that were accepted are";
    events_that_are_lost_are_reported:
        LosesEvents, work_goes_on_after_the_broker_was_restarted, "events that were accepted are missing";
    events_that_are_handed_out_twice_are_reported:
        HandsOutTwice, many_producers_and_consumers_lose_nothing_and_see_nothing_twice, "events that are missing, and doubled ones";
    letters_that_are_lost_are_reported:
        LosesLetters, a_dead_letter_keeps_what_was_given_up_and_is_replayed_once, "accepted, succeeded, dead";
    histories_that_are_lost_are_reported:
        LosesHistories, a_dead_letter_keeps_what_was_given_up_and_is_replayed_once, "history: []";
    letters_that_are_replayed_twice_are_reported:
        ReplaysTwice, a_dead_letter_keeps_what_was_given_up_and_is_replayed_once, "a letter is replayed once";
    events_that_are_early_are_reported:
        IsEarly, an_event_that_is_held_back_is_never_early, "it was held back";
    progress_that_is_lost_is_reported:
        LosesProgress, progress_comes_back_as_it_was, "left: None";
    deaths_that_are_not_counted_are_reported:
        CountsNoDeaths, a_lease_that_has_ended_is_taken_over_and_counted_as_a_death, "left: 0";
    messages_that_are_cut_are_reported:
        TakesTooMuch, an_oversized_message_is_refused_before_any_is_sent, "a message beyond the limit was not refused";
    counts_that_are_wrong_are_reported:
        CountsWrongly, what_was_accepted_survives_a_reconnection, "accepted, succeeded, dead";
}

/// Runs a law against a broker with a defect; it has to be reported with these words.
fn reports(defect: Defect, law: impl FnOnce(), words: &str) {
    hush();
    let Err(reported) = catch_unwind(AssertUnwindSafe(law)) else {
        panic!("the law does not report the defect {defect:?}")
    };
    let text = reported.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| reported.downcast_ref::<&str>().copied()).expect("it says something");
    assert!(text.contains(words), "the defect {defect:?} is reported as: {text}");
}

/// Lets the tasks of laws panic silently: what they say is in what the law reports.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let aloud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panicked| {
            if thread::current().name() != Some("tokio-rt-worker") {
                aloud(panicked);
            }
        }));
    });
}
