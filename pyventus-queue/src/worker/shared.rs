//! What the tasks of a worker have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pyventus_core::EventEmitter;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::broker::Broker;
use crate::delivery::{Delivery, Next, Subscription};
use crate::letter::DeadReason;
use crate::meter::{Ending, Meter};

use super::handle::WorkerHandle;
use super::leases::Leases;
use super::options::Options;
use super::settler::{Order, Settler};

/// How long a broker is waited for, once the worker is to end at once.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How far ahead events are fetched.
const AHEAD: Duration = Duration::from_millis(250);

/// What the tasks of a worker have in common.
pub(super) struct Shared<B> {
    pub(super) broker: B,
    pub(super) subscription: Subscription,
    pub(super) options: Options,
    pub(super) emitter: EventEmitter,
    pub(super) handle: WorkerHandle,
    pub(super) leases: Arc<Leases>,
    pub(super) settler: Settler,
    /// One for each event that is handled at a time.
    pub(super) slots: Semaphore,
    pub(super) pace: Pace,
    pub(super) meter: Meter,
}

impl<B: Broker> Shared<B> {
    /// Settles an event, or hands it back, and counts it.
    pub(super) async fn settle(&self, order: Order, delivery: &Delivery) {
        let tally = &self.handle.tally;
        let (count, ending) = match &order {
            Order::Release(_) => (&tally.released, Ending::Released),
            Order::Settle(settlement) if settlement.next == Next::Done => (&tally.done, Ending::Done),
            Order::Settle(_) => (&tally.again, Ending::Again),
        };
        let letters = letters(&order);
        let carried_out = self.settler.carry_out(order);
        let held = tokio::select! {
            biased;
            held = carried_out => held,
            () = self.last_words() => None,
        };
        let message = delivery.message.id();
        match held {
            Some(true) => {
                count.add(1);
                tally.letters.add(letters.len());
                self.meter.ended(ending);
                for reason in letters {
                    self.meter.gave_up(reason);
                }
            }
            Some(false) => {
                tally.lost.add(1);
                self.meter.ended(Ending::Lost);
                tracing::warn!(target: "pyventus", source = "Worker", %message, "another worker has taken the event over, and handles it again");
            }
            None => {
                tally.lost.add(1);
                self.meter.ended(Ending::Lost);
                tracing::error!(target: "pyventus", source = "Worker", %message, "the event could not be settled, and will be handled again");
            }
        }
    }

    /// Ends when the worker was to end at once, and nobody waits for the broker any more.
    pub(super) async fn last_words(&self) {
        self.handle.cut.cancelled().await;
        sleep(LAST_WORDS).await;
    }

    /// How many events may be received, where so many are here.
    pub(super) fn room(&self, here: usize) -> usize {
        let concurrency = self.options.concurrency;
        let ahead = self.pace.ahead(concurrency).min(self.options.prefetch.unwrap_or(concurrency));
        let room = (concurrency + ahead).saturating_sub(here);
        // Where all are busy, it waits until it is worth while to ask.
        if here < concurrency || room * 2 >= ahead { room } else { 0 }
    }
}

/// Why letters are stored, for each of them.
fn letters(order: &Order) -> Vec<DeadReason> {
    match order {
        Order::Release(_) => Vec::new(),
        Order::Settle(settlement) => settlement.letters.iter().map(|letter| letter.reason).collect(),
    }
}

/// How long events take, on average: no more of them are fetched than can be begun soon, so that they do not wait here
/// while another worker is idle.
#[derive(Default)]
pub(super) struct Pace {
    nanoseconds: AtomicU64,
}

impl Pace {
    /// An event was handled.
    pub(super) fn measured(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX / 8).clamp(1, u64::MAX / 8);
        let before = self.nanoseconds.load(Ordering::Relaxed);
        let mean = if before == 0 { took } else { before - before / 8 + took / 8 };
        // One measurement among many may get lost.
        self.nanoseconds.store(mean.max(1), Ordering::Relaxed);
    }

    /// How many events so many slots can begin soon.
    fn ahead(&self, slots: usize) -> usize {
        let mean = Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed));
        if mean.is_zero() {
            // Nothing is known yet.
            return 0;
        }
        let rounds = AHEAD.as_nanos() / mean.as_nanos();
        usize::try_from(rounds).unwrap_or(usize::MAX).saturating_mul(slots)
    }
}

/// Waits for something, for a while.
pub(super) async fn briefly(future: impl Future<Output = ()>) -> bool {
    timeout(LAST_WORDS, future).await.is_ok()
}
