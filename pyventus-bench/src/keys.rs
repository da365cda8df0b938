//! Linkers with many keys: whether the number of keys is felt by an emission.

use std::sync::Arc;

use pyventus::{Event, EventEmitter, EventLinker, key};

use crate::event::{OrderPlaced, answer_text};
use crate::inline::{emit_shared, emitter, link_typed};
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// How many keys the linker of the random ones has.
const MANY: usize = 10_000;

/// The races of random keys and of growth.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let counts = options.sizes(&[10, 100, 1000, 10_000, 100_000], &[10, 1000, 10_000]);
    vec![
        Race::new("a random one of many keys, inline", || {
            vec![
                in_turns("one_key", one_key),
                in_turns("many_keys", many_keys).over("one_key"),
                in_turns("one_key_text", one_key_text),
                in_turns("many_keys_text", many_keys_text).over("one_key_text"),
            ]
        }),
        Race::new("growth with the number of keys (as n), one handler, inline", move || {
            counts.iter().flat_map(|&count| [growth_typed(count), growth_text(count)]).collect()
        }),
    ]
}

/// Links one handler to each of many texts.
fn link_keys(linker: &EventLinker, count: usize) {
    for index in 0..count {
        linker.subscribe(name(index)).handler(answer_text).expect("the handler is linked");
    }
}

fn name(index: usize) -> String {
    format!("order.placed.{index}")
}

/// Emits one event of a type.
type Emit = Box<dyn Fn(&EventEmitter)>;

/// Links a handler of a type, and returns what emits it.
type Link = fn(&EventLinker) -> Emit;

fn link<T: Event>(linker: &EventLinker, event: T) -> Emit {
    linker.subscribe(key::<T>()).handler(answer_text).expect("the handler is linked");
    emit(event)
}

fn emit<T: Event>(event: T) -> Emit {
    let event = Arc::new(event);
    Box::new(move |emitter| drop(emitter.emit(Arc::clone(&event))))
}

/// Declares event types, one in each module of a list of modules of modules.
macro_rules! event_types {
    ($types:ident: $($module:ident)+) => {
        $(event_types!(@tens $module);)+

        /// All of the types.
        static $types: &[&[Link]] = &[$($module::LINKS),+];
    };
    (@tens $module:ident) => {
        mod $module {
            use super::{Link, link};

            event_types!(@ones a b c d e f g h i j k l m n o p q r s t);
        }
    };
    (@ones $($module:ident)+) => {
        $(mod $module {
            #[derive(pyventus::Event)]
            pub(super) struct Named;
        })+

        pub(super) static LINKS: &[Link] = &[$(|linker| link(linker, $module::Named)),+];
    };
}

// A debug build measures nothing: it is spared the code of most types.
#[cfg(debug_assertions)]
event_types! { TYPES: a }
#[cfg(not(debug_assertions))]
event_types! { TYPES: a b c d e f g h i j k l m n o p }

/// An emitter, and what emits its events.
type Prepared = (EventEmitter, Vec<Emit>);

/// Emits in random order.
fn in_turns(case: &str, prepare: fn() -> Prepared) -> Contender {
    Contender::new(case, 1, move || {
        let (emitter, mut emits) = prepare();
        fastrand::Rng::with_seed(5).shuffle(&mut emits);
        let mut next = 0;
        move || {
            emits[next](&emitter);
            next = (next + 1) % emits.len();
        }
    })
}

/// One event type, emitted by as many closures as there are types.
fn one_key() -> Prepared {
    let mut emits = Vec::new();
    let emitter = emitter(|linker| link_typed(linker, 1));
    emits.resize_with(TYPES.iter().copied().flatten().count(), || emit(OrderPlaced::build()));
    (emitter, emits)
}

/// Many event types, among further keys.
fn many_keys() -> Prepared {
    let types = || TYPES.iter().copied().flatten();
    let mut emits = Vec::new();
    let emitter = emitter(|linker| {
        link_keys(linker, MANY - types().count());
        emits.extend(types().map(|link| link(linker)));
    });
    (emitter, emits)
}

fn emit_text(name: String) -> Emit {
    Box::new(move |emitter| drop(emitter.emit(&*name)))
}

/// One text, emitted by as many closures as there are texts.
fn one_key_text() -> Prepared {
    (emitter(|linker| link_keys(linker, 1)), (0..MANY).map(|_| emit_text(name(0))).collect())
}

/// Many texts.
fn many_keys_text() -> Prepared {
    let emits = (0..MANY).map(|index| emit_text(name(index))).collect();
    (emitter(|linker| link_keys(linker, MANY)), emits)
}

/// A typed event in a linker of many keys.
fn growth_typed(keys: usize) -> Contender {
    let link = move |linker: &EventLinker| {
        link_keys(linker, keys - 1);
        link_typed(linker, 1);
    };
    Contender::new("growth_typed", keys, move || emit_shared(emitter(link))).over_size("growth_typed", 10)
}

/// A text in a linker of many keys.
fn growth_text(keys: usize) -> Contender {
    let contender = Contender::new("growth_text", keys, move || {
        let (emitter, name) = (emitter(|linker| link_keys(linker, keys)), name(keys / 2));
        move || drop(emitter.emit(&*name))
    });
    contender.over_size("growth_text", 10)
}
