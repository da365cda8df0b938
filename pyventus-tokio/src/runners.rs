//! Tasks that run one emission after the other: to start a task costs more than most emissions.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use pyventus_core::EventEmission;
use tokio::runtime::{self, Handle};
use tokio::task::coop;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::shutdown::Place;
use crate::task::Blocking;

/// How many tasks of a runtime stay when there is nothing to run.
const IDLE: usize = 32;

/// An emission to be run, with its place among those of the backend and, where it is made on a
/// thread's own runtime, what that waits for.
pub(crate) struct Job {
    pub(crate) emission: EventEmission,
    pub(crate) place: Place,
    pub(crate) within: Option<TaskTrackerToken>,
}

/// The tasks of a backend that run emissions, and the emissions that wait for one of them.
///
/// Emissions do not wait for one another. As many tasks are called as the runtime has threads, or as
/// emissions wait, if these are fewer: a thread that is blocked may hold one of them, so that there is one
/// for each thread that is not. What more waits is taken by tasks that have ended what they ran, and
/// another task is called where one has to wait for something.
///
/// Dropping it lets the tasks end that have nothing to do.
#[derive(Default)]
pub(crate) struct Runners(Arc<Shared>);

/// What the tasks have in common.
#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    crews: Vec<Crew>,
    /// Whether tasks end that have nothing to do.
    is_dismissed: bool,
}

impl State {
    fn crew(&mut self, runtime: runtime::Id) -> Option<&mut Crew> {
        self.crews.iter_mut().find(|crew| crew.runtime == runtime)
    }
}

/// The tasks on one runtime.
struct Crew {
    runtime: runtime::Id,
    /// How many threads the runtime has.
    threads: usize,
    /// How many tasks there are.
    size: usize,
    waiting: VecDeque<Job>,
    /// How many of the tasks were called and have not looked at what waits.
    called: usize,
    /// The tasks that have nothing to do, and how to call them.
    idle: Vec<(usize, Waker)>,
    /// The number of the next task.
    next: usize,
}

/// How a task is called, with the lock released.
enum Call {
    Wake(Waker),
    Start(usize),
}

impl Crew {
    fn new(runtime: &Handle) -> Self {
        Self {
            runtime: runtime.id(),
            threads: runtime.metrics().num_workers(),
            size: 0,
            waiting: VecDeque::new(),
            called: 0,
            idle: Vec::new(),
            next: 0,
        }
    }

    /// Lets a task look at what waits.
    fn call(&mut self) -> Call {
        self.called += 1;
        if let Some((_, waker)) = self.idle.pop() {
            return Call::Wake(waker);
        }
        self.size += 1;
        self.next += 1;
        Call::Start(self.next)
    }

    /// As [`call`](Self::call), unless there are as many as can be of use.
    fn call_if_needed(&mut self) -> Option<Call> {
        (self.called < self.waiting.len().min(self.threads)).then(|| self.call())
    }

    /// As [`call`](Self::call), where the one that takes an emission would leave nobody for the others: a
    /// handler that blocks in place has its thread replaced, and not the task.
    fn call_the_next(&mut self) -> Option<Call> {
        (self.threads > 1 && self.called == 0 && !self.waiting.is_empty()).then(|| self.call())
    }
}

impl std::fmt::Debug for Runners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tasks: usize = self.0.lock().crews.iter().map(|crew| crew.size).sum();
        f.debug_struct("Runners").field("tasks", &tasks).finish_non_exhaustive()
    }
}

impl Runners {
    /// Runs an emission in a task of the runtime.
    #[inline]
    pub(crate) fn run(&self, runtime: &Handle, job: Job) {
        let mut state = self.0.lock();
        let id = runtime.id();
        let found = state.crews.iter().position(|crew| crew.runtime == id);
        let index = found.unwrap_or_else(|| {
            state.crews.push(Crew::new(runtime));
            state.crews.len() - 1
        });
        let crew = &mut state.crews[index];
        crew.waiting.push_back(job);
        let call = crew.call_if_needed();
        drop(state);
        if let Some(call) = call {
            self.0.carry_out(call, runtime);
        }
    }

    /// Lets the tasks end that have nothing to do, now and from now on.
    pub(crate) fn dismiss(&self) {
        let mut state = self.0.lock();
        state.is_dismissed = true;
        let mut idle = Vec::new();
        for crew in &mut state.crews {
            crew.called += crew.idle.len();
            idle.append(&mut crew.idle);
        }
        drop(state);
        for (_, waker) in idle {
            waker.wake();
        }
    }
}

impl Drop for Runners {
    fn drop(&mut self) {
        self.dismiss();
    }
}

impl Shared {
    /// No user code runs under the lock, nor is any dropped there.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carry_out(self: &Arc<Self>, call: Call, runtime: &Handle) {
        match call {
            Call::Wake(waker) => waker.wake(),
            Call::Start(number) => {
                let (shared, runtime_id) = (Arc::clone(self), runtime.id());
                let runner = Runner { shared, runtime: runtime_id, number, stage: Stage::Called };
                runtime.spawn(runner.run());
            }
        }
    }
}

/// A task that runs emissions.
struct Runner {
    shared: Arc<Shared>,
    runtime: runtime::Id,
    number: usize,
    stage: Stage,
}

/// What a task is at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It was started to look at what waits.
    Called,
    Running,
    /// It is among those that have nothing to do, or was called since.
    Idle,
}

impl Runner {
    async fn run(mut self) {
        while let Some(Job { emission, place, within }) = poll_fn(|cx| self.poll_next(cx)).await {
            let emission = pin!(emission.run_with(Blocking));
            let mut run = pin!(place.run(emission));
            let mut is_first = true;
            poll_fn(|cx| {
                let poll = run.as_mut().poll(cx);
                if poll.is_pending() && std::mem::take(&mut is_first) {
                    self.leave_the_rest();
                }
                poll
            })
            .await;
            drop(within);
        }
    }

    /// The next emission; `None` where the task is not needed any more.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Job>> {
        // One emission after the other may be there at once: others are to have their turn.
        let coop = ready!(coop::poll_proceed(cx));
        let mut state = self.shared.lock();
        let is_dismissed = state.is_dismissed;
        let Some(crew) = state.crew(self.runtime) else { return Poll::Ready(None) };
        match self.stage {
            Stage::Idle => match crew.idle.iter_mut().find(|(number, _)| *number == self.number) {
                Some((_, waker)) => {
                    waker.clone_from(cx.waker());
                    return Poll::Pending;
                }
                None => crew.called -= 1,
            },
            Stage::Called => crew.called -= 1,
            Stage::Running => {}
        }
        self.stage = Stage::Running;
        if let Some(job) = crew.waiting.pop_front() {
            let call = crew.call_the_next();
            drop(state);
            if let Some(call) = call {
                self.shared.carry_out(call, &Handle::current());
            }
            coop.made_progress();
            return Poll::Ready(Some(job));
        }
        if is_dismissed || crew.idle.len() >= IDLE {
            return Poll::Ready(None);
        }
        crew.idle.push((self.number, cx.waker().clone()));
        self.stage = Stage::Idle;
        Poll::Pending
    }

    /// The emission of this task has to wait for something: another task looks at what waits.
    fn leave_the_rest(&self) {
        let mut state = self.shared.lock();
        let call = state.crew(self.runtime).and_then(Crew::call_if_needed);
        drop(state);
        if let Some(call) = call {
            self.shared.carry_out(call, &Handle::current());
        }
    }
}

impl Drop for Runner {
    /// The task has ended, or its runtime has.
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let Some(index) = state.crews.iter().position(|crew| crew.runtime == self.runtime) else { return };
        let crew = &mut state.crews[index];
        let idle = match self.stage {
            Stage::Idle => crew.idle.iter().position(|(number, _)| *number == self.number),
            Stage::Called | Stage::Running => None,
        };
        let waker = idle.map(|idle| crew.idle.swap_remove(idle));
        if self.stage != Stage::Running && waker.is_none() {
            crew.called -= 1;
        }
        crew.size -= 1;
        // Where nobody is left that would look at what waits, the runtime has ended.
        let ended = (crew.size == 0).then(|| state.crews.swap_remove(index));
        drop(state);
        // User code may be dropped here, with the lock released.
        drop((waker, ended));
    }
}
