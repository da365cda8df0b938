//! What a request that ends says of its emissions.

use std::sync::Arc;

use http::StatusCode;

use crate::queue::Queue;
use crate::verdict::{RouteFailed, RunWhen, Verdict};

/// A request that has not ended; when it ends, this is dropped, and the verdict is given.
#[derive(Debug)]
pub(crate) struct Decision {
    queue: Arc<Queue>,
    when: RunWhen,
    verdict: Verdict,
}

impl Decision {
    /// A request that has no response yet.
    pub(crate) fn new(queue: Arc<Queue>, when: RunWhen) -> Self {
        let verdict = when.judge_failure(RouteFailed::NoResponse);
        Self { queue, when, verdict }
    }

    /// There is a response; returns nothing where that has decided the matter.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Option<Self> {
        self.verdict = self.when.judge(status);
        matches!(self.verdict, Verdict::Run).then_some(self)
    }

    /// The body of the response has ended in an error.
    pub(crate) fn body_failed(mut self) {
        self.verdict = self.when.judge_failure(RouteFailed::Body);
    }
}

impl Drop for Decision {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.verdict = self.when.judge_failure(RouteFailed::Panic);
        }
        self.queue.decide(self.verdict);
    }
}
