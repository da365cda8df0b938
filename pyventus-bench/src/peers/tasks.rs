//! Buses on tokio, and what is written by hand there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use jaeb::EventBus;
use tokio::sync::{Notify, broadcast};
use typed_emitter::TypedEmitter;

use crate::event::{OrderPlaced, TEXT, answer};
use crate::runtime::{Flavour, in_task};
use crate::sample::Contender;

/// Those with asynchronous handlers.
pub(crate) fn async_contenders(n: usize, flavour: Flavour) -> Vec<Contender> {
    [spawn_each(n, flavour), broadcast_tasks(n, flavour), typed_emitter(n, flavour)]
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
    in_task("peer_spawn_each", n, flavour, move |_| {
        let event = OrderPlaced::shared();
        move || {
            let spawn = |event: Arc<OrderPlaced>| tokio::spawn(async move { answer(&event) });
            let tasks: Vec<_> = (0..n).map(|_| spawn(Arc::clone(&event))).collect();
            async move { drop(join_all(tasks).await) }
        }
    })
}

/// A channel whose every receiver has a task; the last one to answer says so.
fn broadcast_tasks(n: usize, flavour: Flavour) -> Contender {
    in_task("peer_tokio_broadcast", n, flavour, move |runtime| {
        let (sender, receiver) = broadcast::channel::<Arc<OrderPlaced>>(16);
        let (event, answered) = (OrderPlaced::shared(), Arc::new(Answered::default()));
        for _ in 0..n {
            let (mut receiver, answered) = (receiver.resubscribe(), Arc::clone(&answered));
            runtime.spawn(async move {
                while let Ok(event) = receiver.recv().await {
                    answer(&event);
                    if answered.count.fetch_add(1, Ordering::AcqRel) + 1 == n {
                        answered.count.store(0, Ordering::Release);
                        answered.all.notify_one();
                    }
                }
            });
        }
        move || {
            let answered = Arc::clone(&answered);
            sender.send(Arc::clone(&event)).expect("there are receivers");
            async move { answered.all.notified().await }
        }
    })
}

#[derive(Default)]
struct Answered {
    count: AtomicUsize,
    all: Notify,
}

fn typed_emitter(n: usize, flavour: Flavour) -> Contender {
    in_task("peer_typed_emitter", n, flavour, move |_| {
        let emitter: Arc<TypedEmitter<&'static str, Arc<OrderPlaced>, ()>> = Arc::new(TypedEmitter::new());
        for _ in 0..n {
            emitter.on(TEXT, |event: Arc<OrderPlaced>| async move { answer(&event) });
        }
        let event = OrderPlaced::shared();
        move || {
            let (emitter, event) = (Arc::clone(&emitter), Arc::clone(&event));
            async move { emitter.emit(TEXT, event).await }
        }
    })
}

fn jaeb(n: usize, flavour: Flavour) -> Contender {
    in_task("peer_jaeb", n, flavour, move |runtime| {
        let (bus, event) = (runtime.block_on(jaeb_bus(n)), OrderPlaced::shared());
        move || {
            let (bus, event) = (bus.clone(), Arc::clone(&event));
            async move { bus.publish(event).await.expect("the event is published") }
        }
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
