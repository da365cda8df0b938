//! The handlers of one emission, on their way to the report.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::handler::{BoxFuture, Call, CallResult, Code, HandlerResult, contain, drop_contained};
use crate::offload::Offload;
use crate::outcome::Endings;
use crate::registry::List;
use crate::span::EmissionSpan;
use crate::subscriber::Started;
use crate::view::View;

use super::waiting::Waiting;

/// The handlers of one emission: each is started in order, then those that are not done are driven.
pub(super) struct Course<'a> {
    view: &'a View<'a>,
    list: &'a List,
    timed: bool,
    /// How many were started.
    next: usize,
    waiting: Waiting<'a>,
    endings: Endings,
}

impl<'a> Course<'a> {
    pub(super) fn new(view: &'a View<'a>, list: &'a List, timed: bool) -> Self {
        Self { view, list, timed, next: 0, waiting: Waiting::default(), endings: Endings::default() }
    }

    /// Starts what has not started, and drives the rest.
    pub(super) fn poll(&mut self, offload: &dyn Offload, cx: &mut Context<'_>) -> Poll<()> {
        if self.next < self.list.len() {
            self.start(offload, cx);
            return self.ended();
        }
        self.waiting.poll(&mut self.endings, cx);
        self.ended()
    }

    /// As [`poll`](Self::poll), where somebody may see the emission: each handler runs within a span.
    #[cold]
    pub(super) fn poll_within(
        &mut self,
        span: &EmissionSpan,
        offload: &dyn Offload,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let _entered = span.enter();
        if self.next == self.list.len() {
            return self.poll(offload, cx);
        }
        for subscriber in &self.list.subscribers()[self.next..] {
            let span = span.handler(subscriber.origin());
            let started = subscriber.attempt_within(span, self.view, offload, self.timed, None);
            self.add(started, cx);
            self.next += 1;
        }
        self.ended()
    }

    fn ended(&self) -> Poll<()> {
        if self.waiting.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }

    pub(super) fn end(self) -> Endings {
        self.endings
    }

    fn start(&mut self, offload: &dyn Offload, cx: &mut Context<'_>) {
        if !self.timed
            && let Some(calls) = self.list.calls()
        {
            while let Err(error) = call(self.view, calls, &mut self.next) {
                self.fail(error, cx);
            }
        } else if !self.timed
            && let Some(codes) = self.list.codes()
        {
            self.start_all(codes, cx);
        } else {
            for subscriber in &self.list.subscribers()[self.next..] {
                let started = subscriber.start(self.view, offload, self.timed);
                self.add(started, cx);
                self.next += 1;
            }
        }
    }

    /// Starts handlers of which nothing is to be done but to run their code.
    ///
    /// They are contained together, as in [`call`].
    fn start_all(&mut self, codes: &'a [Code], cx: &mut Context<'_>) {
        // Where a panic may leave it: its own `Drop` is user code.
        let mut future = None;
        while let Err(error) = contain(|| self.start_each(codes, &mut future, cx)).and_then(|result| result) {
            drop_contained(future.take());
            self.fail(error, cx);
        }
    }

    /// The loop that emissions of asynchronous handlers consist of.
    fn start_each(
        &mut self,
        codes: &'a [Code],
        started: &mut Option<BoxFuture<'a, HandlerResult>>,
        cx: &mut Context<'_>,
    ) -> CallResult {
        for code in &codes[self.next..] {
            self.next += 1;
            match code {
                Code::Sync(call) => call.call(self.view, None)?,
                Code::Async(start) => {
                    let future = started.insert(start.start(self.view, false));
                    // Polled in place once: most are done by then, and the next one starts after it.
                    match future.as_mut().poll(cx) {
                        Poll::Ready(result) => {
                            result?;
                            *started = None;
                        }
                        Poll::Pending => self.wait_for(started.take()),
                    }
                }
            }
        }
        Ok(())
    }

    /// The handler that was started last is not done.
    fn wait_for(&mut self, future: Option<BoxFuture<'a, HandlerResult>>) {
        let index = self.next - 1;
        if let Some(future) = future {
            self.waiting.push(index, self.list.subscribers()[index].running(self.view, future));
        }
    }

    /// The handler that was called last has failed.
    fn fail(&mut self, error: anyhow::Error, cx: &mut Context<'_>) {
        let failed = self.next - 1;
        let started = self.list.subscribers()[failed].fail(self.view, error);
        self.add_at(failed, started, cx);
    }

    fn add(&mut self, started: Started<'a>, cx: &mut Context<'_>) {
        self.add_at(self.next, started, cx);
    }

    fn add_at(&mut self, index: usize, started: Started<'a>, cx: &mut Context<'_>) {
        match started {
            Started::Ended(ended) => self.endings.add(index, ended.error, ended.elapsed),
            // Polled in place once: most are done by then, and the next one starts after it.
            Started::Running(mut handler) => match Pin::new(&mut handler).poll(cx) {
                Poll::Ready(ended) => self.endings.add(index, ended.error, ended.elapsed),
                Poll::Pending => self.waiting.push(index, handler),
            },
        }
    }

    /// Goes on behind a handler that was [called](call) and has failed.
    pub(super) fn go_on(&mut self, Failed { next, error }: Failed, cx: &mut Context<'_>) {
        self.next = next;
        self.fail(error, cx);
    }
}

/// A handler that was [called](call) has failed.
pub(crate) struct Failed {
    /// The place behind it.
    pub(crate) next: usize,
    pub(crate) error: anyhow::Error,
}

/// Calls one function after the other from a place on, until one fails; the place is then behind
/// that one.
///
/// They are contained together: what that costs for each of them shows where they do little.
pub(crate) fn call(view: &View<'_>, calls: &[Call], next: &mut usize) -> CallResult {
    contain(|| call_each(view, calls, next)).and_then(|result| result)
}

/// The loop that emissions of sync handlers consist of.
fn call_each(view: &View<'_>, calls: &[Call], next: &mut usize) -> CallResult {
    let mut reached = Reached { number: *next, told: next };
    for call in &calls[reached.number..] {
        reached.number += 1;
        call.call(view, None)?;
    }
    Ok(())
}

/// How many handlers were called, told when the loop is left, and by a panic too: to tell it before
/// each call would be the larger part of the loop.
struct Reached<'a> {
    number: usize,
    told: &'a mut usize,
}

impl Drop for Reached<'_> {
    #[inline]
    fn drop(&mut self) {
        *self.told = self.number;
    }
}
