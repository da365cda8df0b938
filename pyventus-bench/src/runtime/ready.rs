//! Handlers that are done when they are polled first, to the end of the emission.

use std::sync::Arc;

use futures::future::BoxFuture;
use pyventus::{EventEmitter, EventLinker, TokioBackend, key, on};
use tokio::sync::{mpsc, oneshot};

use crate::event::{OrderPlaced, answer};
use crate::floors::{AsyncHandler, Handler, handlers, ready_handlers, run};
use crate::inline::link_typed;
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

use super::{Flavour, emit_to_the_end, emitter, in_task, races_of};

pub(super) fn races(options: &Options) -> Vec<Race> {
    let sizes = options.sizes(&[1, 10, 100, 1000], &[1, 10, 100]);
    [
        races_of("ready async handlers", &sizes, ready),
        races_of("declared async handlers, which borrow the event", &[1, 10], declared),
        races_of("sync handlers", &sizes, sync_handlers),
        races_of("ready async handlers in order", &[1, 10], ordered),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Links asynchronous handlers.
pub(crate) fn link_ready(linker: &EventLinker, n: usize) {
    for _ in 0..n {
        let handler = |event: Arc<OrderPlaced>| async move { answer(&event) };
        linker.subscribe(key::<OrderPlaced>()).handler(handler).expect("the handler is linked");
    }
}

fn ready(n: usize, flavour: Flavour) -> Vec<Contender> {
    let emitter = move || emitter(TokioBackend::new(), |linker| link_ready(linker, n));
    let ours =
        emit_to_the_end("tokio_ready", n, flavour, emitter).over(format!("spawn_sequential_{flavour}"));
    #[cfg_attr(not(feature = "peers"), expect(unused_mut, reason = "peers are added"))]
    let mut contenders = vec![spawn_sequential(n, flavour), ours];
    #[cfg(feature = "peers")]
    contenders.extend(crate::peers::async_contenders(n, flavour));
    contenders
}

/// One task for each emission, which awaits the handlers one after the other.
fn spawn_sequential(n: usize, flavour: Flavour) -> Contender {
    in_task("spawn_sequential", n, flavour, move |_| {
        let handlers: Arc<[AsyncHandler]> = ready_handlers(n).into();
        let event = OrderPlaced::shared();
        move || {
            let (handlers, event) = (Arc::clone(&handlers), Arc::clone(&event));
            let task = tokio::spawn(async move {
                for handler in handlers.iter() {
                    handler(Arc::clone(&event)).await;
                }
            });
            async move { task.await.expect("the task ends") }
        }
    })
}

static ONE: EventLinker = EventLinker::namespace("one async");
static TEN: EventLinker = EventLinker::namespace("ten async");

#[on(OrderPlaced, linker = ONE)]
async fn alone(event: &OrderPlaced) {
    answer(event);
}

macro_rules! declared_handlers {
    ($($handler:ident)+) => {$(
        #[on(OrderPlaced, linker = TEN)]
        async fn $handler(event: &OrderPlaced) {
            answer(event);
        }
    )+};
}

declared_handlers! { first second third fourth fifth sixth seventh eighth ninth tenth }

fn declared(n: usize, flavour: Flavour) -> Vec<Contender> {
    let linker = if n == 1 { &ONE } else { &TEN };
    let emitter = || EventEmitter::builder(TokioBackend::new()).linker(linker).build();
    vec![
        spawn_borrowing(n, flavour),
        emit_to_the_end("tokio_ready_declared", n, flavour, emitter)
            .over(format!("spawn_borrowing_{flavour}")),
    ]
}

type BorrowingHandler = Box<dyn for<'a> Fn(&'a OrderPlaced) -> BoxFuture<'a, ()> + Send + Sync>;

/// One task for each emission, of which the handlers borrow the event.
fn spawn_borrowing(n: usize, flavour: Flavour) -> Contender {
    let handler = || -> BorrowingHandler { Box::new(|event| Box::pin(async move { answer(event) })) };
    in_task("spawn_borrowing", n, flavour, move |_| {
        let handlers: Arc<[BorrowingHandler]> = (0..n).map(|_| handler()).collect();
        let event = OrderPlaced::shared();
        move || {
            let (handlers, event) = (Arc::clone(&handlers), Arc::clone(&event));
            let task = tokio::spawn(async move {
                for handler in handlers.iter() {
                    handler(&event).await;
                }
            });
            async move { task.await.expect("the task ends") }
        }
    })
}

fn sync_handlers(n: usize, flavour: Flavour) -> Vec<Contender> {
    let emitter = move || emitter(TokioBackend::new(), |linker| link_typed(linker, n));
    let ours =
        emit_to_the_end("tokio_sync_handlers", n, flavour, emitter).over(format!("spawn_dyn_loop_{flavour}"));
    #[cfg_attr(not(feature = "peers"), expect(unused_mut, reason = "peers are added"))]
    let mut contenders = vec![spawn_dyn_loop(n, flavour), ours];
    #[cfg(feature = "peers")]
    contenders.extend(crate::peers::sync_contenders(n, flavour));
    contenders
}

/// One task for each emission, which calls the handlers one after the other.
fn spawn_dyn_loop(n: usize, flavour: Flavour) -> Contender {
    in_task("spawn_dyn_loop", n, flavour, move |_| {
        let handlers: Arc<[Handler]> = handlers(n).into();
        let event = OrderPlaced::shared();
        move || {
            let (handlers, event) = (Arc::clone(&handlers), Arc::clone(&event));
            let task = tokio::spawn(async move { run(&handlers, &event) });
            async move { task.await.expect("the task ends") }
        }
    })
}

fn ordered(n: usize, flavour: Flavour) -> Vec<Contender> {
    let emitter = move || emitter(TokioBackend::new().ordered(), |linker| link_ready(linker, n));
    vec![
        queue_sequential(n, flavour),
        emit_to_the_end("tokio_ordered", n, flavour, emitter).over(format!("queue_sequential_{flavour}")),
    ]
}

/// A task that takes events from a queue, awaits the handlers one after the other and says when
/// they are done.
fn queue_sequential(n: usize, flavour: Flavour) -> Contender {
    in_task("queue_sequential", n, flavour, move |runtime| {
        let (queue, mut queued) = mpsc::unbounded_channel::<(Arc<OrderPlaced>, oneshot::Sender<()>)>();
        let event = OrderPlaced::shared();
        runtime.spawn(async move {
            let handlers = ready_handlers(n);
            while let Some((event, done)) = queued.recv().await {
                for handler in &handlers {
                    handler(Arc::clone(&event)).await;
                }
                done.send(()).expect("the emission is awaited");
            }
        });
        move || {
            let (done, is_done) = oneshot::channel();
            queue.send((Arc::clone(&event), done)).expect("the queue is drained");
            async move { is_done.await.expect("the queue is drained") }
        }
    })
}
