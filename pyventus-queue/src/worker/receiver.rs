//! The loop of a worker: it receives events, has them handled, and waits for what is left when it is to end.

use std::future::pending;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::broker::Broker;
use crate::delivery::Delivery;
use crate::error::BrokerError;
use crate::meter::Ending;

use super::event::carry_out;
use super::pause::Trouble;
use super::settler::Order;
use super::shared::{Shared, briefly};

/// Receives events and has them handled, until the worker is to end and has nothing left.
pub(super) async fn run<B: Broker>(shared: &Arc<Shared<B>>) {
    let deadline = async {
        shared.handle.stopping.cancelled().await;
        sleep(shared.options.grace).await;
        shared.handle.cut.cancel();
        pending::<()>().await;
    };
    tokio::select! {
        biased;
        () = receive_all(shared) => {}
        () = deadline => {}
    }
}

async fn receive_all<B: Broker>(shared: &Arc<Shared<B>>) {
    let (stopping, mut tasks) = (&shared.handle.stopping, JoinSet::new());
    let mut trouble = Trouble::none();
    while !stopping.is_cancelled() {
        while let Some(ended) = tasks.try_join_next() {
            ended_well(ended);
        }
        let room = shared.room(tasks.len());
        if room == 0 {
            tokio::select! {
                () = stopping.cancelled() => {}
                ended = tasks.join_next() => ended.into_iter().for_each(ended_well),
            }
            continue;
        }
        match receive(shared, room).await {
            None => break,
            Some(Ok(deliveries)) => {
                trouble.is_over();
                start(shared, deliveries, &mut tasks).await;
            }
            Some(Err(error)) => {
                let pause = trouble.failed(&error);
                let _waited = timeout(pause, stopping.cancelled()).await;
            }
        }
    }
    finish(shared, tasks).await;
}

/// Receives events; nothing where the worker is to end at once and the broker does not answer. It is not given up
/// before: what it leases would be gone until the lease ends.
async fn receive<B: Broker>(shared: &Shared<B>, room: usize) -> Option<Result<Vec<Delivery>, BrokerError>> {
    let (lease, poll) = (shared.options.lease, shared.options.poll);
    tokio::select! {
        biased;
        received = shared.broker.receive(&shared.subscription, room, lease, poll) => Some(received),
        () = shared.last_words() => None,
    }
}

/// Has events handled.
///
/// Of those that workers may have died of, which have their last chance, one is handled at a time, and nothing further is
/// received meanwhile; the others are handed back before they can take a death from it.
async fn start<B: Broker>(shared: &Arc<Shared<B>>, deliveries: Vec<Delivery>, tasks: &mut JoinSet<()>) {
    shared.handle.tally.received.add(deliveries.len());
    let is_suspect = |delivery: &Delivery| shared.options.is_suspect(delivery.deaths);
    let (mut suspects, others): (Vec<_>, Vec<_>) = deliveries.into_iter().partition(is_suspect);
    let suspect = if suspects.is_empty() { None } else { Some(suspects.remove(0)) };
    for other in suspects {
        let order = Order::Release(other.receipt.clone());
        shared.settle(order, &other).await;
    }
    for delivery in others {
        // In a box: a task is moved several times, and this one is large.
        tasks.spawn(Box::pin(carry_out(Arc::clone(shared), delivery)));
    }
    if let Some(suspect) = suspect {
        let (ends, ended) = oneshot::channel::<()>();
        let carry_out = carry_out(Arc::clone(shared), suspect);
        tasks.spawn(async move {
            // Dropped at the end, however that comes.
            let _ends = ends;
            carry_out.await;
        });
        tokio::select! {
            _ended = ended => {}
            () = shared.handle.stopping.cancelled() => {}
        }
    }
}

/// Waits for what has begun, as long as it may take.
async fn finish<B: Broker>(shared: &Shared<B>, mut tasks: JoinSet<()>) {
    let drain = async |tasks: &mut JoinSet<()>| {
        while let Some(ended) = tasks.join_next().await {
            ended_well(ended);
        }
    };
    tokio::select! {
        biased;
        () = drain(&mut tasks) => return,
        () = shared.handle.cut.cancelled() => {}
    }
    // What does not end now is a handler that does not wait for anything, or a broker that fails.
    if !briefly(drain(&mut tasks)).await {
        let left = tasks.len();
        shared.handle.tally.lost.add(left);
        (0..left).for_each(|_| shared.meter.ended(Ending::Lost));
        tracing::error!(target: "pyventus", source = "Worker", left, "handlers do not end; their events will be handled again");
        tasks.abort_all();
    }
}

fn ended_well(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(target: "pyventus", source = "Worker", "an event is left to other workers: {error}");
    }
}
