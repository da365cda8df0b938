//! How handlers wait: the ways in which they are woken again.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures::task::AtomicWaker;
use tokio::task::yield_now;

use crate::event::{OrderPlaced, answer};

/// Which of the handlers of an emission wait, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pattern {
    /// All of them, once.
    All,
    /// Some of them not at all and others up to seven times.
    Staggered,
    /// The first one, ten times.
    One,
    /// Each for the one after it: one is woken at a time.
    Chain,
}

impl Pattern {
    pub(super) const EACH: [(Self, &'static str); 4] =
        [(Self::All, "all"), (Self::Staggered, "staggered"), (Self::One, "one"), (Self::Chain, "chain")];

    /// Asynchronous handlers that wait in this way.
    pub(super) fn handlers(self, n: usize) -> impl Iterator<Item = Waiting> {
        let chain = Arc::new(Chain::new(n));
        (0..n).map(move |index| Waiting { pattern: self, index, chain: Arc::clone(&chain) })
    }
}

/// What one handler does.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pattern: Pattern,
    index: usize,
    chain: Arc<Chain>,
}

impl Waiting {
    pub(super) async fn answer(self, event: Arc<OrderPlaced>) {
        let times = match self.pattern {
            Pattern::All => 1,
            Pattern::Staggered => self.index % 8,
            Pattern::One if self.index == 0 => 10,
            Pattern::One => 0,
            Pattern::Chain => {
                self.chain.turn(self.index).await;
                answer(&event);
                self.chain.pass(self.index);
                return;
            }
        };
        for _ in 0..times {
            yield_now().await;
        }
        answer(&event);
    }
}

/// A turn that goes from the last handler to the first.
#[derive(Debug)]
struct Chain {
    turn: AtomicUsize,
    wakers: Vec<AtomicWaker>,
}

impl Chain {
    fn new(n: usize) -> Self {
        let last = n.saturating_sub(1);
        Self { turn: AtomicUsize::new(last), wakers: (0..n).map(|_| AtomicWaker::new()).collect() }
    }

    async fn turn(&self, index: usize) {
        poll_fn(|cx| {
            self.wakers[index].register(cx.waker());
            if self.turn.load(Ordering::Acquire) == index { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Wakes the handler before; after the first one it is the turn of the last again.
    fn pass(&self, index: usize) {
        if index == 0 {
            self.turn.store(self.wakers.len() - 1, Ordering::Release);
        } else {
            self.turn.store(index - 1, Ordering::Release);
            self.wakers[index - 1].wake();
        }
    }
}
