//! Synchronous handlers on the thread that emits.

use std::hint::black_box;
use std::sync::Arc;

use pyventus::{EventEmitter, EventLinker, InlineBackend, key};

use crate::event::{OrderPlaced, TEXT, answer, answer_text};
use crate::floors::{dyn_loop, dyn_loop_arc, dyn_loop_build, slot_loop, str_loop};
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// One race for each number of handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[0, 1, 10, 100, 1000, 10_000], &[0, 1, 10, 100, 1000]);
    sizes.into_iter().map(|n| Race::new("inline", move || contenders(n))).collect()
}

fn contenders(n: usize) -> Vec<Contender> {
    let mut contenders = vec![dyn_loop(n), dyn_loop_build(n), dyn_loop_arc(n), slot_loop(n), str_loop(n)];
    if n == 0 {
        contenders.extend([dyn_loop(1), unhandled()]);
    } else {
        contenders.extend([typed(n), typed_report(n), typed_owned(n), text(n)]);
    }
    contenders
}

/// An emitter whose linker has that many handlers for the typed event, or for the text.
fn emitter(typed: usize, text: usize) -> EventEmitter {
    let linker = EventLinker::new();
    // Never emitted: a linker that has no handlers at all would be a case of its own.
    linker.subscribe("another.event").handler(answer_text).expect("the handler is linked");
    for _ in 0..typed {
        linker.subscribe(key::<OrderPlaced>()).handler(answer).expect("the handler is linked");
    }
    for _ in 0..text {
        linker.subscribe(TEXT).handler(answer_text).expect("the handler is linked");
    }
    EventEmitter::builder(InlineBackend::new()).linker(&linker).build()
}

/// A shared event.
fn typed(n: usize) -> Contender {
    let (emitter, event) = (emitter(n, 0), OrderPlaced::shared());
    Contender::new("typed_inline", n, ("dyn_loop", n), move || {
        emitter.emit(Arc::clone(&event));
    })
}

/// A shared event whose report is looked at.
fn typed_report(n: usize) -> Contender {
    let (emitter, event) = (emitter(n, 0), OrderPlaced::shared());
    Contender::new("typed_inline_report", n, ("dyn_loop", n), move || {
        let report = emitter.emit(Arc::clone(&event)).wait().expect("the emission ends");
        assert_eq!(black_box(report).succeeded(), n);
    })
}

/// An event that is built for each emission.
fn typed_owned(n: usize) -> Contender {
    let emitter = emitter(n, 0);
    Contender::new("typed_inline_owned", n, ("dyn_loop_build", n), move || {
        emitter.emit(OrderPlaced::build());
    })
}

/// A shared event that nobody answers.
fn unhandled() -> Contender {
    let (emitter, event) = (emitter(0, 0), OrderPlaced::shared());
    Contender::new("typed_unhandled", 0, ("dyn_loop", 1), move || {
        emitter.emit(Arc::clone(&event));
    })
}

/// A text.
fn text(n: usize) -> Contender {
    let emitter = emitter(0, n);
    Contender::new("text_inline", n, ("dyn_loop", n), move || {
        emitter.emit(black_box(TEXT));
    })
}
