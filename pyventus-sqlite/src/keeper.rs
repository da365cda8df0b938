//! The thread that has the file: it takes what is asked for together, and commits it together.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::error::FileError;
use crate::file::File;
use crate::request::{Request, ask};
use crate::store::Work;
use crate::waiting::{Place, Receive, Waiting};

/// How many requests are done in one transaction at most.
const MOST: usize = 1024;

/// What the thread is sent.
pub(crate) enum Task {
    Do(Box<dyn Request>),
    Receive(Receive),
    Close(oneshot::Sender<()>),
}

/// The thread that has the file.
pub(crate) struct Keeper {
    file: File,
    tasks: Receiver<Task>,
    waiting: Waiting,
    /// What is to be done next.
    requests: Vec<Box<dyn Request>>,
    capacity: Option<usize>,
    /// How often it is looked whether other processes have changed the file, while somebody waits.
    look_every: Duration,
    last_look: Instant,
}

/// Whether the thread goes on.
enum Next {
    Go,
    /// Nobody can ask for anything any more.
    End,
    /// It is to end, and to say that it has.
    Close(oneshot::Sender<()>),
}

impl Keeper {
    pub(crate) fn new(
        file: File,
        tasks: Receiver<Task>,
        capacity: Option<usize>,
        look_every: Duration,
    ) -> Self {
        let (waiting, requests) = (Waiting::default(), Vec::new());
        Self { file, tasks, waiting, requests, capacity, look_every, last_look: Instant::now() }
    }

    /// Does what is asked for until nobody can ask any more, or it is told to close.
    pub(crate) fn run(mut self) {
        loop {
            let next = self.collect();
            self.do_all();
            match next {
                Next::Go => self.waiting.send_away(),
                Next::End => return,
                Next::Close(closed) => {
                    self.waiting.fail_all(&FileError::Closed);
                    let Self { file, tasks, .. } = self;
                    drop(file);
                    // Who has asked in the meantime gets no answer, which says the same.
                    drop(tasks);
                    let _is_nobody_there = closed.send(());
                    return;
                }
            }
        }
    }

    /// Waits until there is something to do, and takes what there is.
    fn collect(&mut self) -> Next {
        let first = match self.patience() {
            None => self.tasks.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(patience) => self.tasks.recv_timeout(patience),
        };
        let mut next = match first {
            Ok(task) => self.accept(task),
            Err(RecvTimeoutError::Timeout) => return Next::Go,
            Err(RecvTimeoutError::Disconnected) => return Next::End,
        };
        while matches!(next, Next::Go) && self.requests.len() < MOST {
            match self.tasks.try_recv() {
                Ok(task) => next = self.accept(task),
                Err(TryRecvError::Empty) => break,
                // What was taken is done first.
                Err(TryRecvError::Disconnected) => next = Next::End,
            }
        }
        next
    }

    fn accept(&mut self, task: Task) -> Next {
        match task {
            Task::Do(request) => self.requests.push(request),
            Task::Receive(receive) => self.waiting.add(receive),
            Task::Close(closed) => return Next::Close(closed),
        }
        Next::Go
    }

    /// How long it may wait for tasks.
    fn patience(&self) -> Option<Duration> {
        if !self.requests.is_empty() {
            return Some(Duration::ZERO);
        }
        let next = self.waiting.next()?;
        Some(next.min(self.look_every.saturating_sub(self.last_look.elapsed())))
    }

    /// Does what is asked for, together; where that fails, one by one.
    fn do_all(&mut self) {
        if !self.waiting.is_empty() && self.last_look.elapsed() >= self.look_every {
            self.look();
        }
        let mut requests = std::mem::take(&mut self.requests);
        if requests.is_empty() && self.waiting.stirred().is_empty() {
            return;
        }
        let Err(error) = self.transact(&mut requests, Waiting::stirred) else {
            return answer(requests, &Ok(()));
        };
        if error.concerns_all() {
            answer(requests, &Err(error.clone()));
            self.waiting.stirred().iter().for_each(|place| self.waiting.fail(place, &error));
            return;
        }
        for request in requests {
            let mut request = [request];
            let done = self.transact(&mut request, |_| Vec::new());
            answer(request, &done);
        }
        for place in self.waiting.stirred() {
            if let Err(error) = self.transact(&mut [], |_| vec![place.clone()]) {
                self.waiting.fail(&place, &error);
            }
        }
    }

    /// Does requests, and then serves those who wait in places, in one transaction.
    fn transact(
        &mut self,
        requests: &mut [Box<dyn Request>],
        places: impl FnOnce(&mut Waiting) -> Vec<Place>,
    ) -> Result<(), FileError> {
        // Who is to be served is known when the requests are done, and nobody is who only reads.
        let writes = requests.is_empty()
            || requests.iter().any(|request| request.writes())
            || !self.waiting.stirred().is_empty();
        if self.file.begin(writes)? {
            self.waiting.stir_all();
        }
        self.last_look = Instant::now();
        let mut work = Work::new(self.file.connection(), self.capacity);
        let mut served = Vec::new();
        let run = |work: &mut Work<'_>, waiting: &mut Waiting| {
            requests.iter_mut().try_for_each(|request| request.run(work))?;
            waiting.stir(work.take_stirred());
            if writes {
                served = places(waiting);
            }
            served.iter().try_for_each(|place| waiting.serve(place, work))?;
            work.write()
        };
        let done = match run(&mut work, &mut self.waiting) {
            Ok(()) => self.file.commit(),
            Err(error) => {
                self.file.roll_back();
                Err(self.file.failed(error))
            }
        };
        if done.is_err() {
            self.waiting.take_back(&served);
            return done;
        }
        let unwanted = self.waiting.hand_over(&served);
        if !unwanted.is_empty() {
            let (request, _nobody_waits_for_it) = ask(true, move |work| work.release(&unwanted));
            self.requests.push(request);
        }
        done
    }

    /// Looks whether another process has changed the file.
    fn look(&mut self) {
        self.last_look = Instant::now();
        // Who is served next is told why it fails.
        if self.file.is_changed().unwrap_or(true) {
            self.waiting.stir_all();
        }
    }
}

/// Tells those who wait for requests what became of them.
fn answer(requests: impl IntoIterator<Item = Box<dyn Request>>, done: &Result<(), FileError>) {
    for request in requests {
        match done {
            Ok(()) => request.succeed(),
            Err(error) => request.fail(error.clone()),
        }
    }
}
