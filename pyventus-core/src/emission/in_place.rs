//! An emission on the stack of the code that emits.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use crate::offload::Here;
use crate::outcome::Endings;
use crate::registry::List;
use crate::span::EmissionSpan;
use crate::view::View;

use super::course::Course;
pub(crate) use super::course::{Failed, call};

/// How deep emissions run within one another on a stack.
const DEEPEST: usize = 64;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The time during which a thread runs one more emission within those it runs already.
pub(crate) struct Deeper(usize);

impl Deeper {
    /// Goes one deeper, however deep that is.
    pub(crate) fn enter() -> Self {
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        Self(depth)
    }

    /// Goes one deeper, if that is not too deep.
    pub(crate) fn try_enter() -> Option<Self> {
        (DEPTH.get() < DEEPEST).then(Self::enter)
    }

    /// Whether nothing further is to run within this.
    pub(crate) fn is_deepest(&self) -> bool {
        self.0 >= DEEPEST
    }

    /// Whether the thread is beyond the deepest emission.
    pub(crate) fn is_below() -> bool {
        DEPTH.get() > DEEPEST
    }
}

impl Drop for Deeper {
    fn drop(&mut self) {
        DEPTH.set(self.0);
    }
}

/// Runs the handlers to their end, on this thread.
pub(crate) fn run(view: &View<'_>, list: &List, timed: bool) -> Endings {
    drive(Course::new(view, list, timed))
}

/// Goes on behind a handler that was [called](call) and has failed.
#[cold]
#[inline(never)]
pub(crate) fn go_on(view: &View<'_>, list: &List, failed: Failed) -> Endings {
    let mut course = Course::new(view, list, false);
    course.go_on(failed, &mut Context::from_waker(Waker::noop()));
    drive(course)
}

/// As [`run`], within a span.
#[cold]
pub(crate) fn run_within(view: &View<'_>, list: &List, timed: bool, span: &EmissionSpan) -> Endings {
    let mut course = Course::new(view, list, timed);
    pollster::block_on(poll_fn(|cx| course.poll_within(span, &Here, cx)));
    course.end()
}

/// Drives a future to its end, on this thread.
pub(super) fn block_on(mut future: Pin<&mut impl Future<Output = ()>>) {
    // Most have ended when they are polled for the first time: then nobody needs a waker.
    if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        pollster::block_on(future);
    }
}

/// Drives handlers to their end.
fn drive(mut course: Course<'_>) -> Endings {
    block_on(pin!(poll_fn(|cx| course.poll(&Here, cx))));
    course.end()
}
