//! The leases that a worker holds, and the thread that extends them.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;
use crate::delivery::Receipt;
use crate::error::BrokerError;

/// The leases that a worker holds.
#[derive(Default)]
pub(super) struct Leases {
    held: Mutex<Table>,
    ended: CancellationToken,
}

#[derive(Default)]
struct Table {
    last: u64,
    leases: HashMap<u64, Held>,
}

struct Held {
    receipt: Receipt,
    /// When whoever uses the lease has to be through.
    until: Option<Instant>,
    lost: CancellationToken,
}

/// One lease, which is extended until it is dropped.
pub(super) struct Lease {
    leases: Arc<Leases>,
    number: u64,
    lost: CancellationToken,
}

impl Leases {
    /// Starts the thread that extends leases. It is not one of the runtime: handlers that hold those up lose no leases.
    pub(super) fn keep<B: Broker>(self: &Arc<Self>, broker: B, lease: Duration) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let leases = Arc::clone(self);
        let keep = async move {
            let ended = leases.ended.clone();
            let _ended = ended.run_until_cancelled(leases.extend_all(&broker, lease)).await;
        };
        thread::Builder::new().name("pyventus-leases".into()).spawn(move || runtime.block_on(keep))?;
        Ok(())
    }

    /// Extends leases for as long as there are any.
    async fn extend_all<B: Broker>(&self, broker: &B, lease: Duration) {
        let mut pause = lease / 3;
        loop {
            sleep(pause).await;
            let (numbers, receipts) = self.due();
            if receipts.is_empty() {
                continue;
            }
            let extended = timeout(lease, broker.extend(&receipts, lease)).await;
            let extended =
                extended.unwrap_or_else(|_| Err(BrokerError::new("extend leases", "it does not answer")));
            match extended {
                Ok(held) => {
                    self.lose(
                        numbers.into_iter().zip(held).filter(|(_, held)| !held).map(|(number, _)| number),
                    );
                    pause = lease / 3;
                }
                Err(error) => {
                    let cause =
                        std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                    tracing::warn!(target: "pyventus", source = "Worker", leases = receipts.len(), "{error}: {cause}");
                    pause = lease / 10;
                }
            }
        }
    }

    /// The leases that are to be extended.
    fn due(&self) -> (Vec<u64>, Vec<Receipt>) {
        let now = Instant::now();
        let table = self.lock();
        let due = table.leases.iter().filter(|(_, held)| held.until.is_none_or(|until| until > now));
        due.map(|(number, held)| (*number, held.receipt.clone())).unzip()
    }

    fn lose(&self, numbers: impl Iterator<Item = u64>) {
        let table = self.lock();
        let lost: Vec<_> =
            numbers.filter_map(|number| table.leases.get(&number)).map(|held| held.lost.clone()).collect();
        drop(table);
        lost.iter().for_each(CancellationToken::cancel);
    }

    /// Holds a lease that was just received.
    pub(super) fn hold(self: &Arc<Self>, receipt: Receipt) -> Lease {
        let lost = CancellationToken::new();
        let mut table = self.lock();
        table.last += 1;
        let number = table.last;
        table.leases.insert(number, Held { receipt, until: None, lost: lost.clone() });
        drop(table);
        Lease { leases: Arc::clone(self), number, lost }
    }

    /// Extends nothing any more.
    pub(super) fn end(&self) {
        self.ended.cancel();
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// Lets the lease end by itself if it is still held after that time.
    pub(super) fn within(&self, time: Option<Duration>) {
        let until = time.and_then(|time| Instant::now().checked_add(time));
        if let Some(held) = self.leases.lock().leases.get_mut(&self.number) {
            held.until = until;
        }
    }

    /// Ends when the broker says that somebody else has taken over.
    pub(super) async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let held = self.leases.lock().leases.remove(&self.number);
        drop(held);
    }
}
