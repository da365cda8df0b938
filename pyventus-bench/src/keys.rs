//! Linkers with many keys: whether the number of keys is felt by an emission.

use std::sync::Arc;

use pyventus::{Event, EventEmitter, EventLinker, key};

use crate::event::{OrderPlaced, answer_text};
use crate::inline::{emitter, link_typed};
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
            vec![one_key(), many_keys(), one_key_text(), many_keys_text()]
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

/// One of up to a thousand event types, named by its digits.
struct Numbered<const A: u8, const B: u8, const C: u8>;

impl<const A: u8, const B: u8, const C: u8> Numbered<A, B, C> {
    const DIGITS: [u8; 6] = [b'n', b'o', b'.', b'0' + A, b'0' + B, b'0' + C];
}

impl<const A: u8, const B: u8, const C: u8> Event for Numbered<A, B, C> {
    const NAME: &'static str = match std::str::from_utf8(&Self::DIGITS) {
        Ok(name) => name,
        Err(_) => panic!("digits are a text"),
    };
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

macro_rules! hundreds {
    ($($a:literal)+) => { [$(tens!($a 0 1 2 3 4 5 6 7 8 9)),+] };
}

macro_rules! tens {
    ($a:literal $($b:literal)+) => { [$(ones!($a $b 0 1 2 3 4 5 6 7 8 9)),+] };
}

macro_rules! ones {
    ($a:literal $b:literal $($c:literal)+) => { [$(|linker| link(linker, Numbered::<$a, $b, $c>)),+] };
}

/// A debug build measures nothing: it is spared the code of most types.
#[cfg(debug_assertions)]
static TYPES: [[[Link; 10]; 10]; 1] = hundreds!(0);
#[cfg(not(debug_assertions))]
static TYPES: [[[Link; 10]; 10]; 3] = hundreds!(0 1 2);

/// Emits in random order.
fn in_turns(case: &str, mut emits: Vec<Emit>, emitter: EventEmitter) -> Contender {
    fastrand::Rng::with_seed(5).shuffle(&mut emits);
    let mut next = 0;
    Contender::new(case, 1, move || {
        emits[next](&emitter);
        next = (next + 1) % emits.len();
    })
}

/// One event type, emitted by as many closures as there are types.
fn one_key() -> Contender {
    let mut emits = Vec::new();
    let emitter = emitter(|linker| {
        linker.subscribe(key::<Numbered<0, 0, 0>>()).handler(answer_text).expect("the handler is linked");
        let types = TYPES.as_flattened().as_flattened().len();
        emits.extend((0..types).map(|_| emit(Numbered::<0, 0, 0>)));
    });
    in_turns("one_key", emits, emitter)
}

/// Many event types, among further keys.
fn many_keys() -> Contender {
    let types = TYPES.as_flattened().as_flattened();
    let mut emits = Vec::new();
    let emitter = emitter(|linker| {
        link_keys(linker, MANY - types.len());
        emits.extend(types.iter().map(|link| link(linker)));
    });
    in_turns("many_keys", emits, emitter).over("one_key")
}

fn emit_text(name: String) -> Emit {
    Box::new(move |emitter| drop(emitter.emit(&*name)))
}

/// One text, emitted by as many closures as there are texts.
fn one_key_text() -> Contender {
    let emits = (0..MANY).map(|_| emit_text(name(0))).collect();
    in_turns("one_key_text", emits, emitter(|linker| link_keys(linker, 1)))
}

/// Many texts.
fn many_keys_text() -> Contender {
    let emits = (0..MANY).map(|index| emit_text(name(index))).collect();
    in_turns("many_keys_text", emits, emitter(|linker| link_keys(linker, MANY))).over("one_key_text")
}

/// A typed event in a linker of many keys.
fn growth_typed(keys: usize) -> Contender {
    let link = |linker: &EventLinker| {
        link_keys(linker, keys - 1);
        link_typed(linker, 1);
    };
    let (emitter, event) = (emitter(link), OrderPlaced::shared());
    let emit = move || drop(emitter.emit(Arc::clone(&event)));
    Contender::new("growth_typed", keys, emit).over_size("growth_typed", 10)
}

/// A text in a linker of many keys.
fn growth_text(keys: usize) -> Contender {
    let (emitter, name) = (emitter(|linker| link_keys(linker, keys)), name(keys / 2));
    let emit = move || drop(emitter.emit(&*name));
    Contender::new("growth_text", keys, emit).over_size("growth_text", 10)
}
