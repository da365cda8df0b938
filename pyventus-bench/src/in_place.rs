//! Asynchronous handlers on the thread that emits.

use std::sync::Arc;

use futures::FutureExt;

use crate::event::OrderPlaced;
use crate::floors::{AsyncHandler, ready_handlers};
use crate::inline::{emit_shared, emitter};
use crate::options::Options;
use crate::race::Race;
use crate::runtime::link_ready;
use crate::sample::Contender;

/// One race for each number of handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[1, 10, 100, 1000], &[1, 10, 100]);
    let contenders = |n| vec![await_in_place(n), async_ready_inline(n)];
    sizes.into_iter().map(|n| Race::new("async handlers, inline", move || contenders(n))).collect()
}

/// Boxed futures that are awaited one after the other; they are ready at once.
fn await_in_place(n: usize) -> Contender {
    Contender::new("await_in_place", n, move || {
        let (handlers, event) = (ready_handlers(n), OrderPlaced::shared());
        move || {
            one_after_the_other(&handlers, &event).now_or_never().expect("the handlers are ready");
        }
    })
}

async fn one_after_the_other(handlers: &[AsyncHandler], event: &Arc<OrderPlaced>) {
    for handler in handlers {
        handler(Arc::clone(event)).await;
    }
}

fn async_ready_inline(n: usize) -> Contender {
    let prepare = move || emit_shared(emitter(|linker| link_ready(linker, n)));
    Contender::new("async_ready_inline", n, prepare).over("await_in_place")
}
