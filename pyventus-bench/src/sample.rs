//! One contender of a race: work that can be repeated and timed.

use std::time::{Duration, Instant};

/// Does the work as often as it is told, and returns how long that took.
type Work = Box<dyn FnMut(u64) -> Duration>;

/// The work, or how to prepare it: what nobody asked for is not prepared.
enum State {
    New(Option<Box<dyn FnOnce() -> Work>>),
    Ready(Work),
}

/// One way to do what a race is about.
pub(crate) struct Contender {
    /// What it is called in the table.
    pub(crate) case: String,
    /// How many handlers answer.
    pub(crate) n: usize,
    /// The floor that it is compared with, by its name and its number of handlers.
    pub(crate) floor: (String, usize),
    /// The case of pyventus that does the same, if this one is a peer.
    pub(crate) ours: Option<String>,
    /// The most repetitions of one sample, where one takes much longer than what is timed of it.
    most: u64,
    /// How many operations one repetition stands for.
    operations: u64,
    state: State,
}

impl Contender {
    /// A contender with a timer of its own; it is its own floor until it is given another one.
    pub(crate) fn timed<W: FnMut(u64) -> Duration + 'static>(
        case: impl Into<String>,
        n: usize,
        prepare: impl FnOnce() -> W + 'static,
    ) -> Self {
        let case = case.into();
        let floor = (case.clone(), n);
        let state = State::New(Some(Box::new(|| Box::new(prepare()))));
        Self { case, n, floor, ours: None, most: u64::MAX, operations: 1, state }
    }

    /// A contender whose repetitions can be timed as a whole.
    pub(crate) fn new<W: FnMut() + 'static>(
        case: impl Into<String>,
        n: usize,
        prepare: impl FnOnce() -> W + 'static,
    ) -> Self {
        Self::timed(case, n, || {
            let mut once = prepare();
            move |times| {
                let since = Instant::now();
                for _ in 0..times {
                    once();
                }
                since.elapsed()
            }
        })
    }

    /// A contender of which only a part is timed: every repetition returns how long that took.
    pub(crate) fn partly<W: FnMut() -> Duration + 'static>(
        case: impl Into<String>,
        n: usize,
        prepare: impl FnOnce() -> W + 'static,
    ) -> Self {
        Self::timed(case, n, || {
            let mut once = prepare();
            move |times| (0..times).map(|_| once()).sum()
        })
    }

    /// Compares it with a floor of as many handlers.
    pub(crate) fn over(self, floor: impl Into<String>) -> Self {
        let n = self.n;
        self.over_size(floor, n)
    }

    /// Compares it with a floor of that many handlers.
    pub(crate) fn over_size(mut self, floor: impl Into<String>, n: usize) -> Self {
        self.floor = (floor.into(), n);
        self
    }

    /// Compares a peer with a case of pyventus, too.
    #[cfg(any(feature = "peers", feature = "brokers"))]
    pub(crate) fn beside(mut self, ours: impl Into<String>) -> Self {
        self.ours = Some(ours.into());
        self
    }

    /// Lets one repetition stand for many operations.
    pub(crate) fn of(mut self, operations: usize) -> Self {
        self.operations = operations as u64;
        self
    }

    /// Limits the repetitions of one sample.
    pub(crate) fn at_most(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    /// Whether it is that case with so many handlers.
    pub(crate) fn is(&self, case: &str, n: usize) -> bool {
        self.case == case && self.n == n
    }

    /// Does the work so many times.
    fn work(&mut self, times: u64) -> Duration {
        if let State::New(prepare) = &mut self.state {
            let prepare = prepare.take().expect("the work is prepared once");
            self.state = State::Ready(prepare());
        }
        match &mut self.state {
            State::Ready(work) => work(times),
            State::New(_) => unreachable!("the work was just prepared"),
        }
    }

    /// Does the work so many times; returns how many operations that were.
    pub(crate) fn repeat(&mut self, times: u64) -> u64 {
        self.work(times);
        times * self.operations
    }

    /// Nanoseconds of one operation, from one sample.
    pub(crate) fn sample(&mut self, times: u64) -> f64 {
        let elapsed = self.work(times);
        #[expect(clippy::cast_precision_loss, reason = "counts of repetitions are far below 2^52")]
        let operations = (times * self.operations) as f64;
        elapsed.as_secs_f64() * 1e9 / operations
    }

    /// How often to repeat the work so that a sample takes about that long; warms it up too.
    pub(crate) fn calibrate(&mut self, sample: Duration) -> u64 {
        // The first time may do what is never done again.
        self.work(1);
        let mut times = 1;
        loop {
            let elapsed = self.work(times);
            if times >= self.most {
                return self.most;
            }
            if elapsed * 4 >= sample {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "the factor is small and positive"
                )]
                let fitting = (times as f64 * sample.as_secs_f64() / elapsed.as_secs_f64()) as u64;
                return fitting.clamp(1, self.most);
            }
            times = (times * 4).min(self.most);
        }
    }
}
