//! How many events of a group wait, measured while a worker runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use crate::broker::Broker;

use super::Worker;
use super::shared::Shared;

impl<B: Broker> Worker<B> {
    /// Asks the broker that often how many events of the group wait and how many are dead, for the metrics
    /// `pyventus_queue_pending` and `pyventus_queue_dead`: every 15 seconds unless it is said, or never.
    pub fn counts_every(mut self, pause: impl Into<Option<Duration>>) -> Self {
        self.options.counts = pause.into();
        self
    }
}

/// Asks the broker every now and then, until the handle is dropped.
pub(super) fn measure<B: Broker>(shared: &Arc<Shared<B>>) -> Option<AbortOnDropHandle<()>> {
    let pause = shared.options.counts?;
    let shared = Arc::clone(shared);
    Some(AbortOnDropHandle::new(tokio::spawn(async move {
        let (queue, group) = (shared.subscription.queue(), shared.subscription.group());
        loop {
            match shared.broker.counts(queue, group).await {
                Ok(counts) => shared.meter.counted(&counts),
                Err(error) => {
                    tracing::debug!(target: "pyventus", source = "Worker", "the events of the group were not counted: {error}");
                }
            }
            sleep(pause).await;
        }
    })))
}
