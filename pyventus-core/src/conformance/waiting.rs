//! Whom a handler that waits holds up.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use futures_channel::oneshot;

use crate::Capability;

use super::ground::{Ground, wait};
use super::{Fixture, PATIENCE};

/// While a handler waits, an emission of another thread runs to its end.
///
/// Holds for backends with [`Capability::Isolated`].
///
/// # Panics
///
/// The backend breaks the law.
pub fn a_handler_that_waits_holds_up_no_other_emission<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    if !ground.has(Capability::Isolated) {
        return;
    }
    let gate = Gate::link(&ground);
    ground.linker.subscribe("other").handler(|| ()).expect("the linker has no limit");
    thread::scope(|scope| {
        let held_up = scope.spawn(|| wait(ground.emit(|emitter| emitter.emit("waits"))));
        gate.wait_until_reached();
        let other = scope.spawn(|| wait(ground.emit(|emitter| emitter.emit("other"))));
        let report = other.join().expect("it holds").expect("nothing is refused");
        assert_eq!(report.succeeded(), 1);
        gate.open();
        let report = held_up.join().expect("it holds").expect("nothing is refused");
        assert_eq!(report.succeeded(), 1);
    });
}

/// While a handler that was declared `blocking` blocks, the other handlers of its emission run.
///
/// Holds for backends with [`Capability::Offloads`].
///
/// # Panics
///
/// The backend breaks the law.
pub fn a_handler_that_blocks_holds_up_no_other_handler<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    if !ground.has(Capability::Offloads) {
        return;
    }
    let (other_ran, ran) = mpsc::channel();
    let ran = Mutex::new(ran);
    ground
        .linker
        .subscribe("e")
        .blocking()
        .handler(move || ran.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(PATIENCE))
        .expect("the linker has no limit");
    ground.linker.subscribe("e").handler(move || other_ran.send(())).expect("the linker has no limit");
    assert_eq!(ground.report("e").succeeded(), 2);
}

/// A handler of the event `waits` that goes on when it is told to.
pub(super) struct Gate {
    reached: Mutex<mpsc::Receiver<()>>,
    open: Mutex<Option<oneshot::Sender<()>>>,
}

impl Gate {
    pub(super) fn link<F: Fixture>(ground: &Ground<F>) -> Self {
        let (reach, reached) = mpsc::channel();
        let (open, opened) = oneshot::channel();
        let opened = Arc::new(Mutex::new(Some(opened)));
        ground
            .linker
            .subscribe("waits")
            .handler(move || {
                let opened = opened.lock().unwrap_or_else(PoisonError::into_inner).take();
                // Nobody waits for it to be reached again.
                let _second = reach.send(());
                async move {
                    match opened {
                        Some(opened) => opened.await,
                        None => Ok(()),
                    }
                }
            })
            .expect("the linker has no limit");
        Self { reached: Mutex::new(reached), open: Mutex::new(Some(open)) }
    }

    /// Waits until the handler has started.
    pub(super) fn wait_until_reached(&self) {
        self.reached
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv_timeout(PATIENCE)
            .expect("the backend is stuck: a handler does not start");
    }

    /// Lets the handler go on.
    pub(super) fn open(&self) {
        if let Some(open) = self.open.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // The handler may have been cancelled.
            let _cancelled = open.send(());
        }
    }
}
