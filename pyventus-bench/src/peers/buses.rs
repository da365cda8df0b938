//! Buses that look handlers up by type or by name.
#![expect(deprecated, reason = "the macros of `eventbus` are from 2018")]

use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use eventbus::{EventBus, post_event, register_hook};

use crate::event::{OrderPlaced, TEXT, answer, answer_text};
use crate::sample::Contender;

pub(super) fn contenders(n: usize) -> Vec<Contender> {
    let mut contenders = vec![eventbus(n)];
    if n <= 10 {
        // A thread for each handler.
        contenders.push(event_emitter(n));
    }
    contenders
}

/// A handler of that library is there for good, and a second bus of a process refuses handlers:
/// there is one bus, and for each number of handlers an event of its own.
static BUS: LazyLock<EventBus> = LazyLock::new(EventBus::new);

macro_rules! eventbus_of {
    ($n:ident: $($size:literal)+) => {
        match $n {
            $($size => {
                struct Placed(Arc<OrderPlaced>);

                impl eventbus::Event for Placed {}

                Contender::new("peer_eventbus", $n, || {
                    for _ in 0..$size {
                        register_hook!(&BUS, 0, Placed, |placed: &mut Placed| answer(&placed.0));
                    }
                    let event = OrderPlaced::shared();
                    move || {
                        let mut placed = Placed(Arc::clone(&event));
                        black_box(post_event!(&BUS, &mut placed, Placed));
                    }
                })
            })+
            _ => unreachable!("there is no event for that number of handlers"),
        }
    };
}

fn eventbus(n: usize) -> Contender {
    eventbus_of!(n: 1 10 100 1000 10_000)
}

fn event_emitter(n: usize) -> Contender {
    Contender::new("peer_event_emitter_rs", n, move || {
        let mut emitter = event_emitter_rs::EventEmitter::new();
        for _ in 0..n {
            emitter.on(TEXT, |_: (u64, u64, String)| answer_text());
        }
        move || {
            for thread in emitter.emit(TEXT, (7_u64, 1200_u64, "a customer")) {
                thread.join().expect("the handler ends");
            }
        }
    })
}
