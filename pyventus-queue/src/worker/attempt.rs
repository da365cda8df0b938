//! One handler of an event, run once: what becomes of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use pyventus_core::{
    BindError, BlockingJob, HandlerCancelled, Offload, Permanent, RemoteEmission, RemoteHandler, RemoteRun,
    Retry, Timeout, anyhow,
};
use tokio::time::sleep;

use crate::current::run_within;
use crate::envelope::TraceParent;
use crate::letter::{Attempt, DeadReason, Letter};
use crate::meter::Meter;
use crate::progress::{HandlerProgress, Progress, ProgressError};

use super::options::Options;
use super::pause;
use super::summary::Tally;

/// The most attempts that are remembered: the last ones.
const HISTORY: usize = 10;

/// The longest text of an error that is remembered, in bytes.
const LONGEST_ERROR: usize = 4 << 10;

/// What becomes of a handler.
pub(super) enum Verdict {
    /// It has succeeded.
    Done,
    /// It is to run again.
    Again(HandlerProgress),
    /// It is given up.
    Dead(Letter),
}

/// What a handler is run with.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) emission: &'a RemoteEmission,
    pub(super) options: &'a Options,
    pub(super) tally: &'a Tally,
    pub(super) meter: &'a Meter,
    pub(super) trace_parent: Option<&'a TraceParent>,
}

impl Ground<'_> {
    /// How long a handler may take.
    pub(super) fn limit(self, handler: usize) -> Option<Duration> {
        self.emission.handlers()[handler].timeout.or(self.options.timeout)
    }

    /// Runs a handler. One that is claimed by this program alone is tried again here, the others some time later, by
    /// whichever worker that is.
    pub(super) async fn run(self, handler: usize, mut progress: HandlerProgress) -> Verdict {
        let known = &self.emission.handlers()[handler];
        let retry = known.retry.unwrap_or(self.options.retry);
        loop {
            let attempt = progress.attempts.saturating_add(1);
            let Some(failure) = self.attempt(handler, retry, attempt).await else { return Verdict::Done };
            if failure.was_cancelled {
                return Verdict::Again(progress);
            }
            progress.attempts = attempt;
            progress.history.push(failure.attempt);
            let old = progress.history.len().saturating_sub(HISTORY);
            progress.history.drain(..old);
            if let Some(reason) = failure.gave_up {
                return give_up(known, progress, reason);
            }
            self.meter.tries_again(&known.key);
            let pause = pause::before_next(retry, attempt);
            if !known.once {
                progress.due = pause::after(pause);
                return Verdict::Again(progress);
            }
            sleep(pause).await;
        }
    }

    /// Runs a handler once; returns how it failed, if it did.
    async fn attempt(self, handler: usize, retry: Retry, attempt: u32) -> Option<Failure> {
        let is_last = |error: &anyhow::Error| is_permanent(error) || retry.bound(attempt).is_none();
        let timeout = self.limit(handler).map(|limit| Timeout { limit, over: Box::pin(sleep(limit)) });
        let offload = Arc::new(Threads { trace_parent: self.trace_parent.cloned() });
        let run = RemoteRun { attempt, timeout, is_last: &is_last, offload };
        let ended = self.emission.run(handler, run).await;
        let Some(error) = ended.outcome.error() else {
            self.tally.succeeded.add(1);
            return None;
        };
        let was_cancelled = error.is::<HandlerCancelled>();
        if !was_cancelled {
            self.tally.failed.add(1);
        }
        let reason = if is_permanent(error) { DeadReason::Permanent } else { DeadReason::Exhausted };
        let attempt = Attempt { at: SystemTime::now(), error: text_of(error) };
        Some(Failure { attempt, gave_up: ended.gave_up.then_some(reason), was_cancelled })
    }
}

/// How a handler failed.
struct Failure {
    attempt: Attempt,
    gave_up: Option<DeadReason>,
    /// Its thread has ended, and not the handler.
    was_cancelled: bool,
}

/// Whether another attempt would fail as this one did.
fn is_permanent(error: &anyhow::Error) -> bool {
    error.is::<Permanent>() || error.is::<BindError>()
}

/// What lets a handler, and it alone, run again as if it never had.
pub(super) fn resume(handler: &str) -> Result<Bytes, ProgressError> {
    Progress::new(vec![HandlerProgress::fresh(handler)]).encode()
}

fn give_up(handler: &RemoteHandler, progress: HandlerProgress, reason: DeadReason) -> Verdict {
    match resume(&handler.key) {
        Ok(resume) => {
            let letter =
                Letter::of_handler(reason, &handler.key, resume).with_origin(handler.origin.to_string());
            Verdict::Dead(letter.with_history(progress.attempts, progress.history))
        }
        Err(error) => {
            tracing::error!(target: "pyventus", source = "Worker", handler = %handler.key, "the handler cannot be given up: {error}");
            Verdict::Again(progress)
        }
    }
}

/// The text of an error and of its causes. The author of the error wrote the code that runs here.
fn text_of(error: &anyhow::Error) -> String {
    let text = catch_unwind(AssertUnwindSafe(|| format!("{error:#}")));
    let mut text = text.unwrap_or_else(|_| "an error whose text cannot be shown".to_owned());
    if text.len() > LONGEST_ERROR {
        text.truncate(text.floor_char_boundary(LONGEST_ERROR));
        text.push_str(" ..");
    }
    text
}

/// The threads of the runtime that may block.
struct Threads {
    trace_parent: Option<TraceParent>,
}

impl Offload for Threads {
    fn offload(&self, job: BlockingJob) {
        let trace_parent = self.trace_parent.clone();
        drop(tokio::task::spawn_blocking(move || run_within(trace_parent, job)));
    }
}
