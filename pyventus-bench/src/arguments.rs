//! Texts with arguments, bound to the parameters of declared handlers.

use std::hint::black_box;

use pyventus::{EventEmitter, EventLinker, InlineBackend, args, on};

use crate::event::answer_arguments;
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// The text that is emitted.
const TEXT: &str = "order.placed";

static ONE: EventLinker = EventLinker::namespace("one");
static TEN: EventLinker = EventLinker::namespace("ten");

#[on("order.placed", linker = ONE)]
fn alone(customer: &str, amount: u64) {
    answer_arguments(customer, amount);
}

macro_rules! handlers {
    ($($handler:ident)+) => {$(
        #[on("order.placed", linker = TEN)]
        fn $handler(customer: &str, amount: u64) {
            answer_arguments(customer, amount);
        }
    )+};
}

handlers! { first second third fourth fifth sixth seventh eighth ninth tenth }

/// One race for each number of handlers.
pub(crate) fn races(_: &Options) -> Vec<Race> {
    let race = |n, linker: &'static EventLinker| {
        Race::new("sync handlers with arguments, inline", move || vec![loop_of(n), declared(n, linker)])
    };
    vec![race(1, &ONE), race(10, &TEN)]
}

/// A list of closures, called with arguments of which the text is allocated each time.
fn loop_of(n: usize) -> Contender {
    type Handler = Box<dyn Fn(&str, u64)>;

    Contender::new("dyn_loop_arguments", n, move || {
        let handlers: Vec<Handler> = (0..n).map(|_| Box::new(answer_arguments) as _).collect();
        move || {
            let (customer, amount) = (String::from(black_box("a customer")), black_box(1200));
            for handler in black_box(&handlers) {
                handler(&customer, amount);
            }
        }
    })
}

fn declared(n: usize, linker: &'static EventLinker) -> Contender {
    let prepare = move || {
        let emitter = EventEmitter::builder(InlineBackend::new()).linker(linker).build();
        move || {
            let args = args![black_box("a customer"), amount = black_box(1200_u64)];
            drop(emitter.emit_with(TEXT, args));
        }
    };
    Contender::new("arguments_inline", n, prepare).over("dyn_loop_arguments")
}
