//! What the laws stand on: an emitter over a fixture, futures with a deadline.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

use crate::{
    Capability, EmissionHandle, EmissionReport, EmitError, EventEmitter, EventLinker, InlineBackend,
};

use super::{Fixture, PATIENCE};

/// A backend under test, with a linker of its own.
pub(super) struct Ground<F> {
    pub(super) fixture: F,
    pub(super) linker: EventLinker,
}

impl<F: Fixture> Ground<F> {
    pub(super) fn new(fixture: F) -> Self {
        Self { fixture, linker: EventLinker::new() }
    }

    pub(super) fn has(&self, capability: Capability) -> bool {
        self.fixture.backend().capabilities().has(capability)
    }

    pub(super) fn emitter(&self) -> EventEmitter {
        EventEmitter::builder(self.fixture.backend()).linker(&self.linker).build()
    }

    /// Emits as users of the backend do.
    pub(super) fn emit<T: Send>(&self, code: impl FnOnce(&EventEmitter) -> T) -> T {
        let emitter = self.emitter();
        let (mut code, mut result) = (Some(code), None);
        self.fixture.emitting(&mut || {
            if let Some(code) = code.take() {
                result = Some(code(&emitter));
            }
        });
        result.expect("a fixture runs the code that it is given")
    }

    /// Emits a text and returns its report.
    #[track_caller]
    pub(super) fn report(&self, event: &'static str) -> EmissionReport {
        let handle = self.emit(|emitter| emitter.emit(event));
        self.fixture.settle();
        wait(handle).expect("an emission that is not refused comes to a report")
    }

    /// Runs code while another thread settles the backend, for laws that hold handlers up.
    pub(super) fn settling<T>(&self, code: impl FnOnce() -> T) -> T {
        thread::scope(|scope| {
            scope.spawn(|| self.fixture.settle());
            code()
        })
    }
}

/// Waits for a handle.
#[track_caller]
pub(super) fn wait(handle: EmissionHandle) -> Result<EmissionReport, EmitError> {
    within_patience(handle).expect("the backend is stuck: an emission does not end")
}

/// Runs a future on this thread; `None` where it does not end.
pub(super) fn within_patience<T>(future: impl Future<Output = T>) -> Option<T> {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(value);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

/// Lets other tasks of the thread go first.
pub(super) async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs an emission that was given back.
pub(super) fn run_elsewhere(emission: crate::EventEmission) {
    use crate::Backend as _;

    InlineBackend::new().submit(emission).expect("this backend refuses nothing");
}
