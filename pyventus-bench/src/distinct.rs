//! Handlers that are not all the same code, in random order: their calls are not predicted.

use std::hint::black_box;

use pyventus::{EventLinker, key};

use crate::event::{OrderPlaced, answer_by};
use crate::floors::{Handler, run};
use crate::inline::{emit_shared, emitter};
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// Two functions of a number: the handler of that body for a list, and its subscription.
macro_rules! bodies {
    ($($body:literal)+) => {
        /// How many bodies there are.
        const BODIES: usize = [$($body),+].len();

        fn handler(body: usize) -> Handler {
            match body {
                $($body => Box::new(answer_by::<{ $body + 1 }>),)+
                _ => unreachable!("there is no such body"),
            }
        }

        fn subscribe(linker: &EventLinker, body: usize) {
            let subscribe = linker.subscribe(key::<OrderPlaced>());
            let subscribed = match body {
                $($body => subscribe.handler(answer_by::<{ $body + 1 }>),)+
                _ => unreachable!("there is no such body"),
            };
            subscribed.expect("the handler is linked");
        }
    };
}

bodies! {
     0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
}

/// One race for each number of handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[10, 100, 1000], &[100]);
    let contenders = |n| vec![distinct_loop(n), distinct_inline(n)];
    sizes.into_iter().map(|n| Race::new("distinct sync handlers, inline", move || contenders(n))).collect()
}

/// The bodies of the handlers, the same sequence for all contenders.
fn sequence(n: usize) -> impl Iterator<Item = usize> {
    let mut random = fastrand::Rng::with_seed(64);
    (0..n).map(move |_| random.usize(..BODIES))
}

fn distinct_loop(n: usize) -> Contender {
    Contender::new("distinct_loop", n, move || {
        let handlers: Vec<Handler> = sequence(n).map(handler).collect();
        let event = OrderPlaced::build();
        move || run(black_box(&handlers), &event)
    })
}

fn distinct_inline(n: usize) -> Contender {
    let link = move |linker: &EventLinker| sequence(n).for_each(|body| subscribe(linker, body));
    Contender::new("distinct_inline", n, move || emit_shared(emitter(link))).over("distinct_loop")
}
