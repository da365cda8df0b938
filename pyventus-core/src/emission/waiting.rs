//! Handlers that wait for something, and which of them were woken.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::outcome::Endings;
use crate::subscriber::Running;

/// How many handlers are too few to be told apart.
const FEW: usize = 8;

/// The handlers of one emission that wait for something.
///
/// While they are few, or most go on whenever the emission is woken, all are polled: nothing is
/// cheaper. Once twice as many were polled in vain as there are, each gets a waker of its own, and
/// those alone are polled that were woken.
#[derive(Default)]
pub(super) struct Waiting<'a> {
    handlers: Vec<Waiter<'a>>,
    /// How many have not ended.
    count: usize,
    /// How many were polled in vain.
    in_vain: usize,
    /// Those that were woken, once there are wakers.
    woken: Option<Arc<Woken>>,
    /// Room for those that are polled.
    places: Vec<usize>,
}

struct Waiter<'a> {
    /// The place of the handler in the list.
    index: usize,
    /// Absent where it has ended.
    running: Option<Running<'a>>,
    /// Absent as long as all are polled.
    bell: Option<Arc<Bell>>,
}

impl<'a> Waiting<'a> {
    pub(super) fn push(&mut self, index: usize, running: Running<'a>) {
        self.handlers.push(Waiter { index, running: Some(running), bell: None });
        self.count += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Polls those that may have something to do, and tells how they ended.
    pub(super) fn poll(&mut self, endings: &mut Endings, cx: &mut Context<'_>) {
        if self.woken.is_some() {
            self.poll_woken(endings, cx);
            return;
        }
        if self.count >= FEW && self.in_vain > 2 * self.count {
            self.tell_apart(endings, cx);
            return;
        }
        self.handlers.retain_mut(|waiter| {
            let Some(running) = &mut waiter.running else { return false };
            match Pin::new(running).poll(cx) {
                Poll::Ready(ended) => {
                    endings.add(waiter.index, ended.error, ended.elapsed);
                    self.count -= 1;
                    false
                }
                Poll::Pending => {
                    self.in_vain += 1;
                    true
                }
            }
        });
    }

    /// Gives each a waker of its own, by which it is to be woken from now on.
    fn tell_apart(&mut self, endings: &mut Endings, cx: &mut Context<'_>) {
        let woken = Arc::new(Woken::default());
        for (place, waiter) in self.handlers.iter_mut().enumerate() {
            let woken = Arc::clone(&woken);
            waiter.bell = Some(Arc::new(Bell { woken, place, has_rung: AtomicBool::new(false) }));
        }
        self.woken = Some(woken);
        for place in 0..self.handlers.len() {
            self.poll_one(place, endings);
        }
        self.poll_woken(endings, cx);
    }

    /// Polls those that were woken, and those that they wake in turn.
    fn poll_woken(&mut self, endings: &mut Endings, cx: &mut Context<'_>) {
        let Some(woken) = self.woken.clone() else { return };
        let mut places = std::mem::take(&mut self.places);
        let mut polled = 0;
        // Handlers that wake one another for ever are not to keep the thread from others.
        while self.count > 0 && woken.take(&mut places, cx) {
            polled += places.len();
            for place in places.drain(..) {
                self.poll_one(place, endings);
            }
            if polled > self.handlers.len() {
                cx.waker().wake_by_ref();
                break;
            }
        }
        self.places = places;
    }

    fn poll_one(&mut self, place: usize, endings: &mut Endings) {
        let waiter = &mut self.handlers[place];
        let (Some(running), Some(bell)) = (&mut waiter.running, &waiter.bell) else { return };
        // What rings from here on is for the next time.
        bell.has_rung.swap(false, Ordering::AcqRel);
        let waker = Waker::from(Arc::clone(bell));
        if let Poll::Ready(ended) = Pin::new(running).poll(&mut Context::from_waker(&waker)) {
            waiter.running = None;
            endings.add(waiter.index, ended.error, ended.elapsed);
            self.count -= 1;
        }
    }
}

/// Those that were woken and not polled since.
#[derive(Default)]
struct Woken(Mutex<State>);

#[derive(Default)]
struct State {
    places: Vec<usize>,
    /// The task of the emission, asleep.
    waker: Option<Waker>,
}

impl Woken {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves those that were woken into a list that is empty; where there are none, the task hears of
    /// the next one.
    fn take(&self, places: &mut Vec<usize>, cx: &Context<'_>) -> bool {
        let mut state = self.lock();
        std::mem::swap(&mut state.places, places);
        if !places.is_empty() {
            return true;
        }
        drop(state);
        // It is foreign code: not under the lock.
        let waker = cx.waker().clone();
        let mut state = self.lock();
        std::mem::swap(&mut state.places, places);
        let before = if places.is_empty() { state.waker.replace(waker) } else { None };
        drop(state);
        drop(before);
        !places.is_empty()
    }
}

/// The waker of one handler.
struct Bell {
    woken: Arc<Woken>,
    place: usize,
    /// Whether it was woken and not polled since.
    has_rung: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.has_rung.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut state = self.woken.lock();
        state.places.push(self.place);
        let waker = state.waker.take();
        drop(state);
        // It is foreign code: not under the lock.
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
