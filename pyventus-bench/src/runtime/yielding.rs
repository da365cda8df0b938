//! Handlers that wait, to the end of the emission.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use pyventus::{EventLinker, TokioBackend, key};

use crate::event::OrderPlaced;
use crate::floors::AsyncHandler;
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

use super::pattern::{Pattern, Waiting};
use super::{Flavour, emit_to_the_end, emitter, in_task, races_of};

pub(super) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[10, 100, 1000], &[10, 100]);
    races_of("async handlers that wait", &sizes, contenders)
}

fn contenders(n: usize, flavour: Flavour) -> Vec<Contender> {
    let pair =
        |(pattern, name)| [spawn_unordered(n, flavour, pattern, name), waiting(n, flavour, pattern, name)];
    Pattern::EACH.into_iter().flat_map(pair).collect()
}

/// One task for each emission, which drives all handlers at once.
fn spawn_unordered(n: usize, flavour: Flavour, pattern: Pattern, name: &str) -> Contender {
    let boxed =
        |waiting: Waiting| -> AsyncHandler { Box::new(move |event| Box::pin(waiting.clone().answer(event))) };
    in_task(&format!("spawn_unordered_{name}"), n, flavour, move |_| {
        let handlers: Arc<[AsyncHandler]> = pattern.handlers(n).map(boxed).collect();
        let event = OrderPlaced::shared();
        move || {
            let (handlers, event) = (Arc::clone(&handlers), Arc::clone(&event));
            let task = tokio::spawn(async move {
                let mut running: FuturesUnordered<_> =
                    handlers.iter().map(|handler| handler(Arc::clone(&event))).collect();
                while running.next().await.is_some() {}
            });
            async move { task.await.expect("the task ends") }
        }
    })
}

fn waiting(n: usize, flavour: Flavour, pattern: Pattern, name: &str) -> Contender {
    let link = move |linker: &EventLinker| {
        for waiting in pattern.handlers(n) {
            let handler = move |event: Arc<OrderPlaced>| waiting.clone().answer(event);
            linker.subscribe(key::<OrderPlaced>()).handler(handler).expect("the handler is linked");
        }
    };
    let emitter = move || emitter(TokioBackend::new(), link);
    emit_to_the_end(&format!("tokio_yield_{name}"), n, flavour, emitter)
        .over(format!("spawn_unordered_{name}_{flavour}"))
}
