//! The handlers of one event, beside one another.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::progress::HandlerProgress;

use super::attempt::Verdict;

/// The handlers of one event, which are started in order and do not wait for one another.
pub(super) struct Course<'a> {
    runs: Vec<Run<'a>>,
}

struct Run<'a> {
    /// What is left to do if it is cut off.
    before: HandlerProgress,
    state: State<'a>,
}

enum State<'a> {
    Running(Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>),
    Ended(Verdict),
}

impl<'a> Course<'a> {
    pub(super) fn new() -> Self {
        Self { runs: Vec::new() }
    }

    pub(super) fn add(&mut self, before: HandlerProgress, run: impl Future<Output = Verdict> + Send + 'a) {
        self.runs.push(Run { before, state: State::Running(Box::pin(run)) });
    }

    /// Drives the handlers until all have ended. Where the future is dropped, they stay as they are.
    pub(super) async fn drive(&mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut poll = Poll::Ready(());
        for run in &mut self.runs {
            let State::Running(future) = &mut run.state else { continue };
            match future.as_mut().poll(cx) {
                Poll::Ready(verdict) => run.state = State::Ended(verdict),
                Poll::Pending => poll = Poll::Pending,
            }
        }
        poll
    }

    /// What became of the handlers. Those that have not ended are dropped where they wait: they have yet to run. Says
    /// whether any has ended.
    pub(super) fn end(self) -> (Vec<Verdict>, bool) {
        let mut has_ended = false;
        let verdict = |Run { before, state }: Run<'a>| match state {
            State::Ended(verdict) => {
                has_ended = true;
                verdict
            }
            State::Running(future) => {
                // What a handler holds is dropped with it.
                if catch_unwind(AssertUnwindSafe(|| drop(future))).is_err() {
                    tracing::error!(target: "pyventus", source = "Worker", handler = before.handler, "the handler has panicked when it was dropped");
                }
                Verdict::Again(before)
            }
        };
        let verdicts = self.runs.into_iter().map(verdict).collect();
        (verdicts, has_ended)
    }
}
