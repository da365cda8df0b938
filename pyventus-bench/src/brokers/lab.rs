//! Where samples are taken: a runtime, and what keeps the events.

use std::rc::Rc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::sample::Contender;

use super::Ground;

/// A runtime, and what keeps the events of the contenders of a race. A clone is the same lab.
pub(super) struct Lab<G>(Rc<Inner<G>>);

struct Inner<G> {
    ground: G,
    runtime: Runtime,
}

impl<G> Clone for Lab<G> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<G: Ground> Lab<G> {
    pub(super) fn new(ground: G) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Self(Rc::new(Inner { ground, runtime: runtime.expect("a runtime starts") }))
    }

    /// What a case is called here.
    pub(super) fn named(&self, case: &str) -> String {
        self.0.ground.named(case)
    }

    /// A contender with that many operations in each repetition. What `open` does for so many repetitions is not timed;
    /// `work` says what of its own work is, and runs as a task, as programs do.
    pub(super) fn contender<S, O, W, F>(
        &self,
        (case, n): (impl Into<String>, usize),
        operations: usize,
        open: O,
        work: W,
    ) -> Contender
    where
        O: AsyncFn(&G, usize) -> S + 'static,
        W: Fn(S, usize) -> F + 'static,
        F: Future<Output = Duration> + Send + 'static,
    {
        let lab = self.clone();
        let prepare = move || {
            move |times| {
                let times = usize::try_from(times).expect("a sample does not repeat that often");
                let Inner { ground, runtime } = &*lab.0;
                runtime.block_on(async {
                    let opened = open(ground, times * operations).await;
                    tokio::spawn(work(opened, times)).await.expect("the work does not panic")
                })
            }
        };
        Contender::timed(case, n, prepare).of(operations)
    }
}
