//! Which handlers an event reaches.

use std::io;
use std::sync::Arc;

use pyventus::{Context, Event, EventEmitter, EventKey, EventLinker, InlineBackend, on};

use crate::{Recorder, emitter, emitter_of};

static EXACT: Recorder = Recorder::new();

#[on("keys.Exact")]
fn exact() {
    EXACT.push("exact");
}

// E1
#[test]
fn a_text_matches_exactly() {
    for near in ["keys.exact", " keys.Exact", "keys.Exact ", "keys.*", "keys", "keys.Exact.more"] {
        emitter().emit(near);
    }
    assert!(EXACT.take().is_empty());
    emitter().emit(String::from("keys.Exact"));
    emitter().emit(Arc::<str>::from("keys.Exact"));
    assert_eq!(EXACT.take(), ["exact", "exact"]);
}

#[derive(Event)]
#[event(name = "keys.named")]
struct Named;

#[derive(Event)]
enum Choice {
    Left,
    Right(u8),
}

static NAMED: Recorder = Recorder::new();

#[on("keys.named")]
fn by_given_name(event: &Named) {
    let Named = event;
    NAMED.push("given name");
}

#[on(Named, Choice, "keys.plain")]
fn several(context: Context) {
    NAMED.push(match context.object::<Choice>() {
        Some(Choice::Left) => "left".to_owned(),
        Some(Choice::Right(n)) => format!("right {n}"),
        None => context.event_name().to_owned(),
    });
}

// E10 L10
#[test]
fn keys_of_several_kinds_reach_one_handler_and_a_name_can_be_given() {
    assert_eq!(Named::NAME, "keys.named");
    assert_eq!(Choice::NAME, "Choice");
    emitter().emit(Named);
    assert_eq!(NAMED.take(), ["given name", "keys.named"]);
    emitter().emit(Choice::Left);
    emitter().emit(Choice::Right(2));
    emitter().emit("keys.plain");
    assert_eq!(NAMED.take(), ["left", "right 2", "keys.plain"]);
}

#[derive(Event)]
struct Bare;

static BARE: Recorder = Recorder::new();

#[on(Bare)]
mod bare {
    use super::{BARE, Bare};

    #[on_event]
    fn handle(event: &Bare) {
        let Bare = event;
        BARE.push("object");
    }

    #[on_failure]
    fn failed(error: &anyhow::Error) {
        BARE.push(error.to_string());
    }
}

// E10 H17
#[test]
fn the_bare_text_of_a_type_reaches_its_handler_which_fails_for_want_of_the_object() {
    emitter().emit(Bare);
    assert_eq!(BARE.take(), ["object"]);
    let report = emitter().emit("Bare").wait().unwrap();
    assert_eq!(report.failed(), 1);
    let error = BARE.take().concat();
    for part in
        ["`event`", "behaviour::keys::bare::handle", "keys.rs:", "keys::Bare`", "the text event \"Bare\""]
    {
        assert!(error.contains(part), "{part} in {error}");
    }
}

mod other {
    #[derive(pyventus::Event)]
    pub(super) struct Bare;
}

// E11
#[test]
fn types_of_one_name_do_not_receive_each_others_events() {
    let linker = EventLinker::new();
    linker.subscribe(EventKey::event::<Bare>()).handler(|_: &Bare| ()).unwrap();
    assert_eq!(emitter_of(&linker).emit(Bare).wait().unwrap().succeeded(), 1);
    assert!(emitter_of(&linker).emit(other::Bare).wait().unwrap().outcomes().is_empty());
}

static GLOBAL: EventLinker = EventLinker::namespace("keys.global");
static GLOBALS: Recorder = Recorder::new();

#[derive(Event)]
struct Seen;

#[on(.., linker = GLOBAL)]
fn everything(context: Context) {
    GLOBALS.push(format!("everything {}", context.event_name()));
}

#[on(event(..), linker = GLOBAL)]
fn every_event(context: Context) {
    GLOBALS.push(format!("event {} {}", context.event_name(), context.args().len()));
}

#[on(error(..), linker = GLOBAL)]
fn every_error(error: &dyn std::error::Error) {
    GLOBALS.push(format!("error {error}"));
}

#[on(error(io::Error), linker = GLOBAL)]
fn io_error(error: &io::Error) {
    GLOBALS.push(format!("io {error}"));
}

#[on("keys.text", .., event(..), Seen, linker = GLOBAL)]
fn all_at_once() {
    GLOBALS.push("once per emission");
}

// E22 E27 E28 E35 E36
#[test]
fn global_keys_tell_events_from_errors_and_a_handler_runs_once_however_many_keys_match() {
    let emitter = EventEmitter::builder(InlineBackend::new()).linker(&GLOBAL).build();
    emitter.emit_with("keys.text", pyventus::args![1, b = 2]);
    assert_eq!(GLOBALS.take(), ["everything keys.text", "event keys.text 2", "once per emission"]);
    emitter.emit(Seen);
    assert_eq!(GLOBALS.take(), ["everything Seen", "event Seen 0", "once per emission"]);
    emitter.emit_error(io::Error::other("disk"));
    assert_eq!(GLOBALS.take(), ["everything Error", "error disk", "io disk", "once per emission"]);
    emitter.emit_error(std::fmt::Error);
    assert_eq!(GLOBALS.take().len(), 3);
}

// E30 E34
#[test]
fn no_text_is_magic() {
    let linker = EventLinker::new();
    for text in ["Event", "Exception", "ellipsis", "..", "error(..)"] {
        linker.subscribe(text).handler(|| ()).unwrap();
    }
    assert!(emitter_of(&linker).emit("anything").wait().unwrap().outcomes().is_empty());
    assert!(emitter_of(&linker).emit_error(io::Error::other("e")).wait().unwrap().outcomes().is_empty());
    assert_eq!(emitter_of(&linker).emit("Exception").wait().unwrap().succeeded(), 1);
}

// E7 E23
#[test]
fn the_arguments_of_an_error_follow_it() {
    let linker = EventLinker::new();
    linker
        .subscribe(EventKey::ANY_ERROR)
        .handler(|error: Arc<io::Error>, args: pyventus::Args| {
            assert_eq!((error.to_string().as_str(), args.len()), ("disk", 2));
        })
        .unwrap();
    let args = pyventus::args![1, retries = 3];
    assert_eq!(
        emitter_of(&linker).emit_error_with(io::Error::other("disk"), args).wait().unwrap().succeeded(),
        1
    );
}

// E23
#[test]
fn handlers_share_the_very_error_that_was_emitted() {
    static SHARED: Recorder = Recorder::new();
    let linker = EventLinker::new();
    for _ in 0..2 {
        linker
            .subscribe(EventKey::error::<io::Error>())
            .handler(|error: Arc<io::Error>| {
                SHARED.push(format!("{:p}", Arc::as_ptr(&error)));
            })
            .unwrap();
    }
    emitter_of(&linker).emit_error(io::Error::other("disk"));
    let seen = SHARED.take();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1]);
}
