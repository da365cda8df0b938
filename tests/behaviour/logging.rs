//! What is logged, and when.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::sync::Once;

use pyventus::{EventEmitter, EventLinker, InlineBackend, fmt};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::{Recorder, emitter_of};

thread_local! {
    /// What this thread logs, while it is listened to.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static LEVEL: Cell<LevelFilter> = const { Cell::new(LevelFilter::OFF) };
}

/// Writes to the lines of the thread.
struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a piece of code logs on this thread, in the layout of the documentation.
pub(crate) fn of(code: impl FnOnce()) -> String {
    at(LevelFilter::INFO, code)
}

/// The same, with the lines for debugging.
pub(crate) fn at_debug(code: impl FnOnce()) -> String {
    at(LevelFilter::DEBUG, code)
}

fn at(level: LevelFilter, code: impl FnOnce()) -> String {
    // One subscriber for the whole process, asked anew for each line: what one test listens to does
    // not depend on what others do meanwhile.
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let of_this_thread = dynamic_filter_fn(|line, _| *line.level() <= LEVEL.get());
        let subscriber =
            tracing_subscriber::registry().with(fmt::layer_to(Lines).with_filter(of_this_thread));
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    LEVEL.set(level);
    code();
    LEVEL.set(LevelFilter::OFF);
    String::from_utf8(LINES.take()).unwrap()
}

/// Checks the one line of a log, place by place.
pub(crate) fn assert_layout(log: &str, level: &str, source: &str, text: &str) {
    assert_eq!(log.lines().count(), 1, "{log}");
    let words: Vec<_> = log.split_whitespace().collect();
    assert_eq!(words[0], "[Logger]");
    let (date, time, half) = (words[1], words[2], words[3]);
    let shape = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(shape(date), "0000-00-00");
    assert_eq!(shape(time), "00:00:00");
    assert!((1..=12).contains(&time[..2].parse().unwrap()), "{time}");
    assert!(half == "AM" || half == "PM", "{half}");
    let rest = format!("{half} {level:>8} [{source}] {text}");
    assert!(log.contains(&rest), "{rest:?} in {log:?}");
}

// G4
#[test]
fn a_failing_handler_logs_one_line_in_the_layout_of_the_documentation() {
    let linker = EventLinker::new();
    linker.subscribe("fails").handler(|| Err::<(), _>(io::Error::other("100% {wrong}\nagain"))).unwrap();
    let log = of(|| drop(emitter_of(&linker).emit("fails")));
    // G12
    assert_layout(&log, "ERROR", "EventHandler", "Exception: 100% {wrong}\\nagain event=fails handler=");
    assert!(log.contains("logging.rs:"), "{log}");
}

// H12
#[test]
fn the_error_is_logged_before_the_failure_callback_runs() {
    static SEEN: Recorder = Recorder::new();
    let linker = EventLinker::new();
    linker
        .subscribe("fails")
        .on_failure(|_: &anyhow::Error| tracing::error!("the callback runs"))
        .handler(|| Err::<(), _>(io::Error::other("disk")))
        .unwrap();
    SEEN.push(of(|| drop(emitter_of(&linker).emit("fails"))));
    let log = SEEN.take().concat();
    let (logged, called) = (log.find("Exception: disk").unwrap(), log.find("the callback runs").unwrap());
    assert!(logged < called, "{log}");
}

// H13
#[test]
fn without_a_failure_callback_the_line_is_all_there_is() {
    let linker = EventLinker::new();
    linker.subscribe("fails").handler(|| Err::<(), _>(io::Error::other("disk"))).unwrap();
    let log = of(|| assert_eq!(emitter_of(&linker).emit("fails").wait().unwrap().failed(), 1));
    assert_eq!(log.lines().count(), 1, "{log}");
}

// H16
#[test]
fn an_error_in_a_callback_is_logged_and_runs_no_other_callback() {
    let linker = EventLinker::new();
    linker
        .subscribe("succeeds")
        .on_success(|| Err::<(), _>(io::Error::other("in success")))
        .on_failure(|_: &anyhow::Error| tracing::error!("the failure callback runs"))
        .handler(|| ())
        .unwrap();
    let log = of(|| assert_eq!(emitter_of(&linker).emit("succeeds").wait().unwrap().succeeded(), 1));
    assert!(log.contains("a success callback failed: in success"), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

// G3 G15 G16
#[test]
fn debug_raises_the_lines_about_an_emission_to_info() {
    let linker = EventLinker::new();
    linker.subscribe("debugged").handler(|| ()).unwrap();
    let quiet = of(|| drop(emitter_of(&linker).emit("debugged")));
    assert_eq!(quiet, "");

    let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).debug(true).build();
    let log = of(|| {
        emitter.emit("debugged");
        emitter.emit("nobody answers");
    });
    assert_eq!(log.matches("INFO [EventEmitter]").count(), 2, "{log}");
    assert_eq!(log.matches("INFO [EventEmission] Running:").count(), 1, "{log}");
}
