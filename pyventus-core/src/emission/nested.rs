//! Emissions that run as a part of the one that they were emitted in.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::ops::DerefMut;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{self, Poll, Waker};

use crate::capabilities::BackendId;
use crate::offload::Offload;

use super::within::{self, Moved, Scoped, Within};
use super::{EventEmission, in_place};

/// Where what is emitted within an emission goes.
pub(crate) enum Nesting {
    /// Elsewhere: it is no part of it.
    Refused,
    /// Nothing was emitted as yet.
    Unused,
    Used(Arc<Nested>),
}

impl Nesting {
    /// The queue, unless there is none; made when it is asked for.
    fn queue(&mut self) -> Option<&Arc<Nested>> {
        if let Self::Unused = self {
            *self = Self::Used(Arc::default());
        }
        self.used()
    }

    fn used(&self) -> Option<&Arc<Nested>> {
        match self {
            Self::Used(nested) => Some(nested),
            Self::Refused | Self::Unused => None,
        }
    }

    /// The same for other code of the emission.
    pub(super) fn share(&mut self) -> Self {
        self.queue().map_or(Self::Refused, |nested| Self::Used(Arc::clone(nested)))
    }
}

/// What was emitted within an emission and is to run as a part of it, in order.
#[derive(Default)]
pub(crate) struct Nested(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<(EventEmission, Box<dyn Place>)>,
    /// The task of the outer emission, asleep.
    waker: Option<Waker>,
    ended: bool,
}

/// The place of an emission among those that its backend has taken and not ended.
///
/// It goes along with a nested emission; one that is dropped was cancelled.
pub trait Place: Send + 'static {
    /// The emission has ended.
    fn leave(self: Box<Self>);
}

impl Place for () {
    fn leave(self: Box<Self>) {}
}

impl Nested {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an emission in; gives it back where the outer one has ended.
    fn push<P: Place>(&self, emission: EventEmission, place: P) -> Result<(), (EventEmission, P)> {
        let mut state = self.lock();
        if state.ended {
            return Err((emission, place));
        }
        state.waiting.push_back((emission, Box::new(place)));
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// The next emission; where there is none, the task is woken when one comes.
    fn next(&self, cx: &task::Context<'_>) -> Option<(EventEmission, Box<dyn Place>)> {
        let mut state = self.lock();
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.waker = Some(cx.waker().clone());
        }
        next
    }

    /// Takes no further emissions, unless some wait still.
    fn end(&self) -> bool {
        let mut state = self.lock();
        state.ended = state.waiting.is_empty();
        state.ended
    }
}

/// The run of an emission within which others may be emitted.
trait Run: Future<Output = ()> + Send {
    /// What was emitted within it, if anything was.
    fn nested(self: Pin<&mut Self>) -> Option<Arc<Nested>>;
}

impl<F: Future<Output = ()> + Send> Run for Scoped<F> {
    fn nested(self: Pin<&mut Self>) -> Option<Arc<Nested>> {
        self.nesting()?.used().cloned()
    }
}

/// An emission and what was emitted within it.
struct Level<R> {
    /// The emission itself, until its handlers have ended.
    run: Option<Pin<R>>,
    /// Absent until something is emitted within it.
    nested: Option<Arc<Nested>>,
    /// Absent on the outermost level, whose place is the backend's own affair.
    place: Option<Box<dyn Place>>,
}

/// An emission that was emitted within another one.
type Inner<'a> = Level<Box<dyn Run + 'a>>;

impl<'a> Inner<'a> {
    fn new(emission: EventEmission, place: Box<dyn Place>, offload: &'a impl Offload) -> Self {
        let run = emission.run_within(Nesting::Unused, offload);
        Self { run: Some(Box::pin(run)), nested: None, place: Some(place) }
    }
}

impl<R: DerefMut<Target: Run>> Level<R> {
    /// Whether the emission and all that was emitted within it have ended.
    fn has_ended(&mut self, cx: &mut task::Context<'_>) -> bool {
        if let Some(run) = &mut self.run {
            let is_ready = run.as_mut().poll(cx).is_ready();
            if self.nested.is_none() {
                self.nested = run.as_mut().nested();
            }
            if is_ready {
                self.run = None;
                if let Some(place) = self.place.take() {
                    place.leave();
                }
            }
        }
        self.run.is_none() && self.nested.as_ref().is_none_or(|nested| nested.end())
    }

    /// The next of those that were emitted within it.
    fn next(&self, cx: &task::Context<'_>) -> Option<(EventEmission, Box<dyn Place>)> {
        self.nested.as_ref()?.next(cx)
    }
}

/// Runs an emission and all that is emitted within it.
async fn run_levels<R: DerefMut<Target: Run>>(mut outermost: Level<R>, offload: &impl Offload) {
    let mut has_ended = false;
    // From the outer to the innermost. A level that has ended goes, even if one above it has not.
    let mut levels: Vec<Inner<'_>> = Vec::new();
    poll_fn(|cx| {
        loop {
            let before = (levels.len(), has_ended);
            has_ended = has_ended || outermost.has_ended(cx);
            levels.retain_mut(|level| !level.has_ended(cx));
            let next = match levels.last() {
                Some(innermost) => innermost.next(cx),
                None if has_ended => return Poll::Ready(()),
                None => outermost.next(cx),
            };
            match next {
                Some((emission, place)) => levels.push(Inner::new(emission, place, offload)),
                // The end of one level may be what another awaits.
                None if (levels.len(), has_ended) != before => {}
                None => return Poll::Pending,
            }
        }
    })
    .await;
}

// For backends that run one emission after the other, or few at a time: there, an emission that
// waited for its turn behind the handler that awaits it would wait for ever.
impl EventEmission {
    /// As [`run_with`](Self::run_with), and runs what its handlers [`nest`](Self::nest) as a part
    /// of it: in the order they were emitted, each beside the handler that emitted it, which may
    /// await it. It ends when all of them have ended.
    ///
    /// A cascade of emissions that nobody awaits takes no more memory than one of them, however
    /// long it is.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run); nested emissions that have not ended are cancelled with it.
    pub async fn run_nesting(self, offload: impl Offload) {
        // Most emit nothing: the outermost level is neither in a box nor in a list.
        let run = pin!(self.run_within(Nesting::Unused, &offload));
        run_levels(Level { run: Some(run), nested: None, place: None }, &offload).await;
    }

    /// As [`run_nesting`](Self::run_nesting), on this thread, which it blocks until all of them have
    /// ended: for threads that belong to a backend. Synchronous handlers are called without a future
    /// around them.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::thread;
    ///
    /// use pyventus_core::{Backend, BlockingJob, EventEmission, EventEmitter, EventLinker, Offload, SubmitError};
    ///
    /// /// A thread that runs one emission after the other.
    /// struct OneThread(mpsc::Sender<EventEmission>);
    ///
    /// /// A thread for each blocking handler.
    /// struct Threads;
    ///
    /// impl Offload for Threads {
    ///     fn offload(&self, job: BlockingJob) {
    ///         thread::spawn(job);
    ///     }
    /// }
    ///
    /// impl Backend for OneThread {
    ///     fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
    ///         match emission.nest(()) {
    ///             Ok(()) => Ok(()),
    ///             Err((emission, ())) => self.0.send(emission).map_err(|unsent| {
    ///                 SubmitError::refused(unsent.0, mpsc::SendError(()))
    ///             }),
    ///         }
    ///     }
    /// }
    ///
    /// let (sender, emissions) = mpsc::channel::<EventEmission>();
    /// thread::spawn(move || emissions.into_iter().for_each(|emission| emission.run_to_end(Threads)));
    ///
    /// let linker = EventLinker::new();
    /// linker.subscribe("e").handler(|| ())?;
    /// let emitter = EventEmitter::builder(OneThread(sender)).linker(&linker).build();
    /// assert_eq!(emitter.emit("e").wait()?.succeeded(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_to_end(self, offload: impl Offload) {
        let within = Within::new(&self.content().parts, Nesting::Unused);
        let (within, called) = within.enter(|| self.call());
        match called {
            Ok(()) => {
                if let Some(nested) = within.nesting.used() {
                    let ended = Inner { run: None, nested: Some(Arc::clone(nested)), place: None };
                    in_place::block_on(pin!(run_levels(ended, &offload)));
                }
            }
            Err((emission, None)) => in_place::block_on(pin!(emission.run_nesting(offload))),
            Err((emission, Some(failed))) => {
                let run = pin!(within.scope(emission.go_on(failed, Moved(&offload))));
                let outermost = Level { run: Some(run), nested: None, place: None };
                in_place::block_on(pin!(run_levels(outermost, &offload)));
            }
        }
    }

    /// Makes it a part of the emission that the calling code runs in, where that is one of the same
    /// backend and was run with [`run_nesting`](Self::run_nesting).
    ///
    /// # Errors
    ///
    /// There is no such outer emission, or it has ended: both are given back.
    pub fn nest<P: Place>(self, place: P) -> Result<(), (Self, P)> {
        match within::find(self.backend(), |within| within.nesting.queue().cloned()).flatten() {
            Some(nested) => nested.push(self, place),
            None => Err((self, place)),
        }
    }

    /// Returns whether the calling code is a handler or a callback that runs on that backend, which
    /// cannot wait for all emissions of the backend: its own is among them.
    #[must_use]
    pub fn is_within(backend: BackendId) -> bool {
        within::find(backend, |_| ()).is_some()
    }
}
