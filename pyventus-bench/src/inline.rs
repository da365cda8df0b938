//! Synchronous handlers on the thread that emits.

use std::hint::black_box;

use pyventus::{EventEmitter, EventKey, EventLinker, InlineBackend, key};

use crate::event::{OrderPlaced, TEXT, answer, answer_text};
use crate::floors::{dyn_loop, dyn_loop_arc, dyn_loop_build, slot_loop, str_loop};
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// One race for each number of handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[0, 1, 10, 100, 1000, 10_000], &[0, 1, 10, 100, 1000]);
    sizes.into_iter().map(|n| Race::new("sync handlers, inline", move || contenders(n))).collect()
}

fn contenders(n: usize) -> Vec<Contender> {
    let floors = [dyn_loop(n), dyn_loop_build(n), dyn_loop_arc(n), slot_loop(n), str_loop(n)];
    let mut contenders = Vec::from(floors);
    if n == 0 {
        contenders.extend([dyn_loop(1), unhandled(), text_unhandled()]);
    } else {
        contenders.extend([typed(n), typed_report(n), typed_owned(n), text(n), beside_global(n)]);
        #[cfg(feature = "peers")]
        contenders.extend(crate::peers::inline(n));
    }
    contenders
}

/// An emitter for those handlers.
pub(crate) fn emitter(link: impl FnOnce(&EventLinker)) -> EventEmitter {
    let linker = EventLinker::new();
    // Never emitted: a linker that has no handlers at all would be a case of its own.
    linker.subscribe("another.event").handler(answer_text).expect("the handler is linked");
    link(&linker);
    EventEmitter::builder(InlineBackend::new()).linker(&linker).build()
}

/// Links handlers of the typed event.
pub(crate) fn link_typed(linker: &EventLinker, n: usize) {
    for _ in 0..n {
        linker.subscribe(key::<OrderPlaced>()).handler(answer).expect("the handler is linked");
    }
}

/// Links handlers of the text.
pub(crate) fn link_text(linker: &EventLinker, n: usize) {
    for _ in 0..n {
        linker.subscribe(TEXT).handler(answer_text).expect("the handler is linked");
    }
}

/// A shared event.
fn typed(n: usize) -> Contender {
    let prepare = move || emit_shared(emitter(|linker| link_typed(linker, n)));
    Contender::new("typed_inline", n, prepare).over("dyn_loop")
}

/// Emits the same event again and again.
pub(crate) fn emit_shared(emitter: EventEmitter) -> impl FnMut() {
    let event = OrderPlaced::shared();
    move || drop(emitter.emit(&event))
}

/// Emits the text again and again.
fn emit_text(emitter: EventEmitter) -> impl FnMut() {
    move || drop(emitter.emit(black_box(TEXT)))
}

/// A shared event whose report is looked at.
fn typed_report(n: usize) -> Contender {
    let prepare = move || {
        let (emitter, event) = (emitter(|linker| link_typed(linker, n)), OrderPlaced::shared());
        move || {
            let report = emitter.emit(&event).wait().expect("the emission ends");
            assert_eq!(black_box(report).succeeded(), n);
        }
    };
    Contender::new("typed_inline_report", n, prepare).over("dyn_loop")
}

/// An event that is built for each emission.
fn typed_owned(n: usize) -> Contender {
    let prepare = move || {
        let emitter = emitter(|linker| link_typed(linker, n));
        move || drop(emitter.emit(OrderPlaced::build()))
    };
    Contender::new("typed_inline_owned", n, prepare).over("dyn_loop_build")
}

/// A shared event that nobody answers.
fn unhandled() -> Contender {
    Contender::new("typed_unhandled", 0, || emit_shared(emitter(|_| ()))).over_size("dyn_loop", 1)
}

/// A text that nobody answers.
fn text_unhandled() -> Contender {
    Contender::new("text_unhandled", 0, || emit_text(emitter(|_| ()))).over_size("dyn_loop", 1)
}

/// A text.
fn text(n: usize) -> Contender {
    let prepare = move || emit_text(emitter(|linker| link_text(linker, n)));
    Contender::new("text_inline", n, prepare).over("dyn_loop")
}

/// A shared event of which one handler answers everything, and the others that type.
fn beside_global(n: usize) -> Contender {
    let link = move |linker: &EventLinker| {
        link_typed(linker, n - 1);
        linker.subscribe(EventKey::ANY).handler(answer).expect("the handler is linked");
    };
    Contender::new("global_inline", n, move || emit_shared(emitter(link))).over("dyn_loop")
}
