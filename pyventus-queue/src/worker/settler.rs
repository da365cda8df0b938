//! The task that settles: what is settled at about the same time is settled together.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::broker::Broker;
use crate::delivery::{Receipt, Settled, Settlement};
use crate::error::BrokerError;

use super::pause::Trouble;

/// The most that is settled at a time: a disk that is waited for is waited for once for all of them.
const BATCH: usize = 1024;

/// What is to become of a delivery.
pub(super) enum Order {
    Settle(Settlement),
    Release(Receipt),
}

/// An order, and who waits for whether the delivery was held.
type Job = (Order, oneshot::Sender<bool>);

/// The way to the task.
#[derive(Clone)]
pub(super) struct Settler(mpsc::UnboundedSender<Job>);

impl Settler {
    /// Returns the way to the task, and the task, which ends when all ways to it are gone.
    pub(super) fn new<B: Broker>(broker: B) -> (Self, impl Future<Output = ()> + Send) {
        let (jobs, received) = mpsc::unbounded_channel();
        (Self(jobs), settle_all(broker, received))
    }

    /// Waits until the broker has carried an order out, and returns whether the delivery was held. While the broker
    /// fails, it is asked again; nothing comes of it where the task has ended.
    pub(super) async fn carry_out(&self, order: Order) -> Option<bool> {
        let (reply, replied) = oneshot::channel();
        self.0.send((order, reply)).ok()?;
        replied.await.ok()
    }
}

async fn settle_all<B: Broker>(broker: B, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let broker = Arc::new(broker);
    let (mut again, mut trouble, mut at) = (Vec::new(), Trouble::none(), Instant::now());
    loop {
        let mut new = Vec::new();
        let is_closed = tokio::select! {
            received = jobs.recv_many(&mut new, BATCH) => received == 0,
            () = sleep_until(at), if !again.is_empty() => false,
        };
        if is_closed {
            if again.is_empty() {
                return;
            }
            sleep_until(at).await;
        }
        if let Err(error) = together(&*broker, &mut new).await {
            // One of them may be why: each is tried by itself.
            again.append(&mut new);
            at = Instant::now() + trouble.failed(&error);
        }
        while Instant::now() >= at
            && let Some(job) = again.pop()
        {
            let mut job = vec![job];
            match together(&*broker, &mut job).await {
                Ok(()) => trouble.is_over(),
                Err(error) => {
                    again.splice(..0, job);
                    at = Instant::now() + trouble.failed(&error);
                }
            }
        }
    }
}

/// Carries orders out, which are gone then. Where the broker fails, those are left that it is not known of.
async fn together<B: Broker>(broker: &B, jobs: &mut Vec<Job>) -> Result<(), BrokerError> {
    let (mut settlements, mut receipts) = (Vec::new(), Vec::new());
    for (order, _) in &*jobs {
        match order {
            Order::Settle(settlement) => settlements.push(settlement.clone()),
            Order::Release(receipt) => receipts.push(receipt.clone()),
        }
    }
    let settled = if settlements.is_empty() { Vec::new() } else { broker.settle(settlements).await? };
    answer(
        jobs,
        |order| matches!(order, Order::Settle(_)),
        settled.into_iter().map(|settled| settled == Settled::Applied),
    );
    let released = if receipts.is_empty() { Vec::new() } else { broker.release(&receipts).await? };
    answer(jobs, |order| matches!(order, Order::Release(_)), released.into_iter());
    Ok(())
}

/// Tells who waits for orders of a kind.
fn answer(jobs: &mut Vec<Job>, is_of_kind: impl Fn(&Order) -> bool, mut held: impl Iterator<Item = bool>) {
    for (_, reply) in jobs.extract_if(.., |(order, _)| is_of_kind(order)) {
        // Who does not wait any more needs not know.
        let _unheard = reply.send(held.next().unwrap_or(false));
    }
}
