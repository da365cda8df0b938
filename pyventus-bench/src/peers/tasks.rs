//! Buses on tokio, and what is written by hand there.

use std::sync::Arc;

use futures::future::join_all;
use jaeb::EventBus;
use typed_emitter::TypedEmitter;

use crate::event::{OrderPlaced, TEXT, answer};
use crate::runtime::{Flavour, in_task, in_task_of};
use crate::sample::Contender;

/// Those with asynchronous handlers.
pub(crate) fn async_contenders(n: usize, flavour: Flavour) -> Vec<Contender> {
    [spawn_each(n, flavour), typed_emitter(n, flavour)]
        .map(|peer| peer.over(format!("spawn_sequential_{flavour}")).beside(format!("tokio_ready_{flavour}")))
        .into()
}

/// Those with synchronous handlers.
pub(crate) fn sync_contenders(n: usize, flavour: Flavour) -> Vec<Contender> {
    let ours = format!("tokio_sync_handlers_{flavour}");
    vec![jaeb(n, flavour).over(format!("spawn_dyn_loop_{flavour}")).beside(ours)]
}

/// One task for each handler, which is what comes to mind first.
fn spawn_each(n: usize, flavour: Flavour) -> Contender {
    let event = OrderPlaced::shared();
    in_task("peer_spawn_each", n, flavour, move || {
        let spawn = |event: Arc<OrderPlaced>| tokio::spawn(async move { answer(&event) });
        let tasks: Vec<_> = (0..n).map(|_| spawn(Arc::clone(&event))).collect();
        async move { drop(join_all(tasks).await) }
    })
}

fn typed_emitter(n: usize, flavour: Flavour) -> Contender {
    let emitter: Arc<TypedEmitter<&'static str, Arc<OrderPlaced>, ()>> = Arc::new(TypedEmitter::new());
    for _ in 0..n {
        emitter.on(TEXT, |event: Arc<OrderPlaced>| async move { answer(&event) });
    }
    let event = OrderPlaced::shared();
    in_task("peer_typed_emitter", n, flavour, move || {
        let (emitter, event) = (Arc::clone(&emitter), Arc::clone(&event));
        async move { emitter.emit(TEXT, event).await }
    })
}

fn jaeb(n: usize, flavour: Flavour) -> Contender {
    let runtime = flavour.runtime();
    let (bus, event) = (runtime.block_on(jaeb_bus(n)), OrderPlaced::shared());
    in_task_of(runtime, "peer_jaeb", n, flavour, move || {
        let (bus, event) = (bus.clone(), Arc::clone(&event));
        async move { bus.publish(event).await.expect("the event is published") }
    })
}

async fn jaeb_bus(n: usize) -> EventBus {
    let bus = EventBus::builder().build().await.expect("the bus is built");
    for _ in 0..n {
        let handler = |event: &Arc<OrderPlaced>, _: &EventBus| {
            answer(event);
            Ok(())
        };
        let subscribed = bus.subscribe::<Arc<OrderPlaced>, _, _>(handler).await;
        drop(subscribed.expect("the handler is subscribed"));
    }
    bus
}
