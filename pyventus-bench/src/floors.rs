//! The least that a delivery costs: lists of closures, and ways to find such a list.

use std::hint::black_box;
use std::sync::Arc;

use arc_swap::ArcSwap;
use futures::future::BoxFuture;
use rustc_hash::FxHashMap;

use crate::event::{OrderPlaced, TEXT, answer, answer_text};
use crate::sample::Contender;

/// A synchronous handler as a list holds it.
pub(crate) type Handler = Box<dyn Fn(&OrderPlaced) + Send + Sync>;

/// An asynchronous handler as a list holds it.
pub(crate) type AsyncHandler = Box<dyn Fn(Arc<OrderPlaced>) -> BoxFuture<'static, ()> + Send + Sync>;

/// Synchronous handlers.
pub(crate) fn handlers(n: usize) -> Vec<Handler> {
    (0..n).map(|_| Box::new(answer) as _).collect()
}

/// Asynchronous handlers that are ready when they are polled first.
pub(crate) fn ready_handlers(n: usize) -> Vec<AsyncHandler> {
    let handler = || -> AsyncHandler { Box::new(|event| Box::pin(async move { answer(&event) })) };
    (0..n).map(|_| handler()).collect()
}

/// Runs all handlers of a list.
#[inline]
pub(crate) fn run(handlers: &[Handler], event: &OrderPlaced) {
    for handler in black_box(handlers) {
        handler(event);
    }
}

/// A list of closures, called with the same event.
pub(crate) fn dyn_loop(n: usize) -> Contender {
    Contender::new("dyn_loop", n, move || {
        let (handlers, event) = (handlers(n), OrderPlaced::build());
        move || run(&handlers, &event)
    })
}

/// The same with an event that is built each time.
pub(crate) fn dyn_loop_build(n: usize) -> Contender {
    Contender::new("dyn_loop_build", n, move || {
        let handlers = handlers(n);
        move || run(&handlers, &OrderPlaced::build())
    })
}

/// The same with a shared event that is built each time.
pub(crate) fn dyn_loop_arc(n: usize) -> Contender {
    Contender::new("dyn_loop_arc", n, move || {
        let handlers = handlers(n);
        move || run(&handlers, &OrderPlaced::shared())
    })
}

/// A list that can be replaced while it is read.
pub(crate) fn slot_loop(n: usize) -> Contender {
    let prepare = move || {
        let (slot, event) = (ArcSwap::from_pointee(handlers(n)), OrderPlaced::build());
        move || run(&black_box(&slot).load(), &event)
    };
    Contender::new("slot_loop", n, prepare).over("dyn_loop")
}

/// A list found by its name, in a map that can be replaced while it is read.
pub(crate) fn str_loop(n: usize) -> Contender {
    let prepare = move || {
        let mut lists: FxHashMap<String, Vec<Box<dyn Fn() + Send + Sync>>> = FxHashMap::default();
        lists.insert(TEXT.to_owned(), (0..n).map(|_| Box::new(answer_text) as _).collect());
        let lists = ArcSwap::from_pointee(lists);
        move || {
            if let Some(handlers) = black_box(&lists).load().get(black_box(TEXT)) {
                for handler in black_box(handlers) {
                    handler();
                }
            }
        }
    };
    Contender::new("str_loop", n, prepare).over("dyn_loop")
}
