//! What a test waits for: an event, or the end of all emissions.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_timer::Delay;

use crate::event::Event;

use super::assertions::Listing;
use super::deferred::Deferred;
use super::record::{Record, error_label, event_label, text_label};
use super::recording::{Entry, Recording};

impl Recording {
    /// Returns the next event of a type: the oldest that was or will be emitted, and that no
    /// earlier call has returned.
    ///
    /// The time begins with the call. It is the time of the machine, also where a runtime has one
    /// of its own.
    ///
    /// # Errors
    ///
    /// There is none by the end of the time.
    ///
    /// # Cancel safety
    ///
    /// Where the future is dropped, the event is left to the next call.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pyventus_core::testing::Probe;
    /// use pyventus_core::{Event, EventEmitter, EventLinker, InlineBackend};
    ///
    /// struct OrderPlaced {
    ///     id: u64,
    /// }
    ///
    /// impl Event for OrderPlaced {
    ///     const NAME: &'static str = "OrderPlaced";
    /// }
    ///
    /// let probe = Probe::new(InlineBackend::new());
    /// let emitter = EventEmitter::builder(probe.clone()).linker(&EventLinker::new()).build();
    /// std::thread::spawn(move || emitter.emit(OrderPlaced { id: 7 }));
    ///
    /// // In asynchronous code: `.await?`.
    /// let order = probe.expect::<OrderPlaced>(Duration::from_secs(5)).wait()?;
    /// assert_eq!(order.id, 7);
    /// # Ok::<(), pyventus_core::testing::NotEmitted>(())
    /// ```
    pub fn expect<E: Event>(&self, timeout: Duration) -> Deferred<Result<Arc<E>, NotEmitted>> {
        self.next(event_label::<E>(), timeout, Record::shared_object)
    }

    /// As [`expect`](Self::expect), for an error of a type.
    ///
    /// # Errors
    ///
    /// As [`expect`](Self::expect).
    pub fn expect_error<E: StdError + Send + Sync + 'static>(
        &self,
        timeout: Duration,
    ) -> Deferred<Result<Arc<E>, NotEmitted>> {
        self.next(error_label::<E>(), timeout, Record::shared_object)
    }

    /// As [`expect`](Self::expect), for the text event of a name; its arguments are on the record.
    ///
    /// # Errors
    ///
    /// As [`expect`](Self::expect).
    pub fn expect_text(
        &self,
        name: impl Into<String>,
        timeout: Duration,
    ) -> Deferred<Result<Record, NotEmitted>> {
        let name = name.into();
        self.next(text_label(&name), timeout, move |record| record.is_text(&name).then(|| record.clone()))
    }

    fn next<T: 'static>(
        &self,
        label: String,
        timeout: Duration,
        find: impl Fn(&Record) -> Option<T> + Send + Sync + 'static,
    ) -> Deferred<Result<T, NotEmitted>> {
        let (recording, deadline) = (self.clone(), Delay::new(timeout));
        Deferred::new(async move {
            let take = |entries: &mut [Entry]| {
                entries.iter_mut().filter(|entry| !entry.expected).find_map(|entry| {
                    let found = find(&entry.record)?;
                    entry.expected = true;
                    Some(found)
                })
            };
            recording.until(deadline, take).await.ok_or_else(|| {
                let seen = recording.records();
                let returned = seen.iter().any(|record| find(record).is_some());
                NotEmitted { label, timeout, returned, seen }
            })
        })
    }

    /// Waits until every emission has ended, was cancelled or was refused.
    pub(super) fn settled(&self, timeout: Duration) -> Deferred<Result<(), NotSettled>> {
        let (recording, deadline) = (self.clone(), Delay::new(timeout));
        Deferred::new(async move {
            let settled = |entries: &mut [Entry]| {
                (!entries.iter().any(|entry| entry.record.is_waiting())).then_some(())
            };
            recording
                .until(deadline, settled)
                .await
                .ok_or_else(|| NotSettled { timeout, seen: recording.records() })
        })
    }

    /// Looks again whenever something changes, until the deadline.
    async fn until<T>(&self, mut deadline: Delay, find: impl Fn(&mut [Entry]) -> Option<T>) -> Option<T> {
        poll_fn(|cx| match self.poll(cx, &find) {
            Poll::Ready(found) => Poll::Ready(Some(found)),
            Poll::Pending => Pin::new(&mut deadline).poll(cx).map(|()| None),
        })
        .await
    }
}

/// An event that a test expected was not emitted in time.
///
/// Its text lists what was emitted instead; so does its debugging text, which `unwrap` prints.
#[derive(Clone)]
pub struct NotEmitted {
    label: String,
    timeout: Duration,
    /// Whether one was emitted and returned by an earlier call.
    returned: bool,
    seen: Vec<Record>,
}

impl NotEmitted {
    /// Returns what was emitted instead.
    #[must_use]
    pub fn seen(&self) -> &[Record] {
        &self.seen
    }
}

impl fmt::Display for NotEmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, timeout, returned, seen } = self;
        let again = if *returned { " once more" } else { "" };
        write!(f, "{label} was not emitted{again} within {timeout:?}; {}", Listing(seen))
    }
}

/// An emission had not ended in time.
///
/// Its text lists what was emitted; so does its debugging text, which `unwrap` prints.
#[derive(Clone)]
pub struct NotSettled {
    timeout: Duration,
    seen: Vec<Record>,
}

impl NotSettled {
    /// Returns what was emitted.
    #[must_use]
    pub fn seen(&self) -> &[Record] {
        &self.seen
    }
}

impl fmt::Display for NotSettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.seen.iter().filter(|record| record.is_waiting()).count();
        let emissions = if waiting == 1 { "an emission has" } else { "several emissions have" };
        write!(f, "{emissions} not ended within {:?}; {}", self.timeout, Listing(&self.seen))
    }
}

macro_rules! debugs_as_it_displays {
    ($($error:ty),+) => {$(
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl StdError for $error {}
    )+};
}

debugs_as_it_displays!(NotEmitted, NotSettled);
