//! How the handlers of an emission are run: as a future, or on a thread that it has to itself.

use std::future::{Future, poll_fn};

use crate::handler::contain_drop;
use crate::offload::{Here, Offload};
use crate::outcome::Endings;
use crate::span::{EmissionOutcome, EmissionSpan};
use crate::view::View;

use super::course::{Course, Failed};
use super::{Content, EventEmission, in_place};

impl Content {
    /// Runs all handlers, where somebody may see them.
    async fn run_within(&self, mut span: Box<EmissionSpan>, offload: &dyn Offload) -> Endings {
        let view = self.parts.view();
        span.in_scope(|| log_running(&view, self.list.len()));
        let mut course = Course::new(&view, &self.list, self.parts.source.timed());
        poll_fn(|cx| course.poll_within(&span, offload, cx)).await;
        let endings = course.end();
        span.ends(EmissionOutcome::of(endings.has_failures()));
        endings
    }
}

impl EventEmission {
    /// Runs all handlers in place, on a backend that recognises nested emissions by itself.
    pub(crate) fn run_plain(self) -> impl Future<Output = ()> + Send {
        self.carry_out(Here)
    }

    pub(super) async fn carry_out(mut self, offload: impl Offload) {
        let content = self.content_mut();
        let endings = if let Some(span) = content.span.take() {
            // In a box: an emission that nobody may see has no place for it.
            Box::pin(content.run_within(span, &offload)).await
        } else {
            let view = content.parts.view();
            log_running(&view, content.list.len());
            let mut course = Course::new(&view, &content.list, content.parts.source.timed());
            poll_fn(|cx| course.poll(&offload, cx)).await;
            course.end()
        };
        self.finish(endings);
    }

    /// Calls all handlers, where they are no more than functions that are called and nobody may see
    /// them. Otherwise it is given back: nothing was done, or a handler has failed.
    pub(super) fn call(self) -> Result<(), (Self, Option<Failed>)> {
        let Content { parts, list, span, .. } = self.content();
        let Some(calls) = list.calls().filter(|_| span.is_none() && !parts.source.timed()) else {
            return Err((self, None));
        };
        let view = parts.view();
        log_running(&view, list.len());
        let mut next = 0;
        if let Err(error) = in_place::call(&view, calls, &mut next) {
            return Err((self, Some(Failed { next, error })));
        }
        self.finish(Endings::default());
        Ok(())
    }

    /// Runs what is left behind a handler that was [called](Self::call) and has failed.
    pub(super) async fn go_on(self, failed: Failed, offload: impl Offload) {
        let view = self.content().parts.view();
        let mut course = Course::new(&view, &self.content().list, false);
        let mut failed = Some(failed);
        poll_fn(|cx| {
            if let Some(failed) = failed.take() {
                course.go_on(failed, cx);
            }
            course.poll(&offload, cx)
        })
        .await;
        let endings = course.end();
        self.finish(endings);
    }

    /// All handlers have ended: tells it.
    fn finish(mut self, endings: Endings) {
        let content = self.content_mut();
        let report = content.is_wanted().then(|| endings.report(content.list.origins()));
        let reply_to = content.reply_to.take();
        #[cfg(feature = "testing")]
        let observers = std::mem::take(&mut content.observers);
        // The last references to the event object and to handlers may go here.
        contain_drop(|| *self.content = None);
        if let Some(report) = report {
            #[cfg(feature = "testing")]
            for observer in observers {
                observer(&report);
            }
            reply_to.send(Ok(report), self.content);
        }
    }
}

/// Says that an emission runs.
pub(crate) fn log_running(view: &View<'_>, handlers: usize) {
    let event = view.event.name();
    if view.source.debug() {
        tracing::info!(target: "pyventus", source = "EventEmission", event, emission = %view.identity.get().0, action = "Running:", "{handlers} handlers");
    } else {
        tracing::debug!(target: "pyventus", source = "EventEmission", event, emission = %view.identity.get().0, action = "Running:", "{handlers} handlers");
    }
}
