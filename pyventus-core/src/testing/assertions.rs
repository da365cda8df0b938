//! What a test asserts of a recording.
//!
//! Each assertion that fails lists what was emitted instead, and what has become of it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::args::Args;
use crate::declared::DeclaredHandler;
use crate::event::Event;
use crate::nearest::nearest;
use crate::origin::Origin;

use super::record::{Record, error_label, event_label, text_label};
use super::recording::Recording;

impl Recording {
    /// Returns the events of a type that were emitted so far, in the order they were emitted.
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_core::testing::RecordingBackend;
    /// use pyventus_core::{Event, EventEmitter, EventLinker};
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct OrderPlaced(u64);
    ///
    /// impl Event for OrderPlaced {
    ///     const NAME: &'static str = "OrderPlaced";
    /// }
    ///
    /// let backend = RecordingBackend::new();
    /// let emitter = EventEmitter::builder(backend.clone()).linker(&EventLinker::new()).build();
    /// emitter.emit(OrderPlaced(7));
    /// emitter.emit("receipt.sent");
    /// assert_eq!(backend.emitted::<OrderPlaced>(), [OrderPlaced(7).into()]);
    /// ```
    #[must_use]
    pub fn emitted<E: Event>(&self) -> Vec<Arc<E>> {
        self.records().iter().filter_map(Record::shared_object).collect()
    }

    /// Asserts that an event of a type was emitted that is as wanted: once or more often.
    ///
    /// # Panics
    ///
    /// No such event was emitted.
    #[track_caller]
    pub fn assert_emitted<E: Event>(&self, is_wanted: impl Fn(&E) -> bool) {
        self.assert_object(&event_label::<E>(), is_wanted);
    }

    /// Asserts that an error of a type was emitted that is as wanted: once or more often.
    ///
    /// # Panics
    ///
    /// No such error was emitted.
    #[track_caller]
    pub fn assert_emitted_error<E: StdError + Send + Sync + 'static>(&self, is_wanted: impl Fn(&E) -> bool) {
        self.assert_object(&error_label::<E>(), is_wanted);
    }

    /// Asserts that a text event was emitted: once or more often.
    ///
    /// # Panics
    ///
    /// The text was not emitted.
    #[track_caller]
    pub fn assert_emitted_text(&self, name: &str) {
        self.assert_emitted_text_with(name, |_| true);
    }

    /// Asserts that a text event was emitted with arguments that are as wanted: once or more often.
    ///
    /// # Panics
    ///
    /// The text was not emitted, or never with such arguments.
    ///
    /// # Examples
    ///
    /// ```
    /// # use pyventus_core::testing::RecordingBackend;
    /// # use pyventus_core::{EventEmitter, EventLinker, args};
    /// # let backend = RecordingBackend::new();
    /// # let emitter = EventEmitter::builder(backend.clone()).linker(&EventLinker::new()).build();
    /// emitter.emit_with("greet", args!["Pyventus", formal = true]);
    /// backend.assert_emitted_text_with("greet", |args| args.positional()[0] == "Pyventus");
    /// ```
    #[track_caller]
    pub fn assert_emitted_text_with(&self, name: &str, is_wanted: impl Fn(&Args) -> bool) {
        let records = self.records();
        let texts: Vec<_> = records.iter().filter(|record| record.is_text(name)).collect();
        if !texts.iter().any(|record| is_wanted(record.args())) {
            let hint = if texts.is_empty() { did_you_mean(name, &records) } else { String::new() };
            fail(&records, format_args!("{}{hint}", missing(&text_label(name), texts.len())));
        }
    }

    /// Asserts that no event of a type was emitted.
    ///
    /// # Panics
    ///
    /// One was.
    #[track_caller]
    pub fn assert_not_emitted<E: Event>(&self) {
        self.assert_none(&event_label::<E>(), |record| record.object::<E>().is_some());
    }

    /// Asserts that no error of a type was emitted.
    ///
    /// # Panics
    ///
    /// One was.
    #[track_caller]
    pub fn assert_not_emitted_error<E: StdError + Send + Sync + 'static>(&self) {
        self.assert_none(&error_label::<E>(), |record| record.object::<E>().is_some());
    }

    /// Asserts that a text event was not emitted.
    ///
    /// # Panics
    ///
    /// It was.
    #[track_caller]
    pub fn assert_not_emitted_text(&self, name: &str) {
        self.assert_none(&text_label(name), |record| record.is_text(name));
    }

    /// Asserts that nothing was emitted at all.
    ///
    /// # Panics
    ///
    /// Something was.
    #[track_caller]
    pub fn assert_nothing_emitted(&self) {
        let records = self.records();
        if !records.is_empty() {
            fail(&records, format_args!("{} emitted", events(records.len())));
        }
    }

    /// Asserts that every event that was emitted is answered by a handler.
    ///
    /// # Panics
    ///
    /// One is not.
    #[track_caller]
    pub fn assert_all_answered(&self) {
        let records = self.records();
        let count = records.iter().filter(|record| !record.is_answered()).count();
        if count > 0 {
            fail(&records, format_args!("{} emitted that no handler answers", events(count)));
        }
    }

    /// Asserts that every emission has run to its end, whether its handlers have succeeded or
    /// failed. There is nothing to run where no handler answers.
    ///
    /// # Panics
    ///
    /// One has not run to its end, was cancelled, or was refused by the backend.
    #[track_caller]
    pub fn assert_all_ran(&self) {
        let records = self.records();
        let left = records.iter().filter(|record| record.is_answered() && !record.has_ended()).count();
        if left > 0 {
            let of = records.iter().filter(|record| record.is_answered()).count();
            fail(&records, format_args!("{left} of {of} emissions have not run to their end"));
        }
    }

    /// Asserts that no handler has failed so far.
    ///
    /// # Panics
    ///
    /// One has. The text of its error is shown, as it is in the log.
    #[track_caller]
    pub fn assert_no_failures(&self) {
        let records = self.records();
        let outcomes = records.iter().flat_map(Record::outcomes);
        match outcomes.filter(|outcome| outcome.is_failure()).count() {
            0 => {}
            1 => fail(&records, format_args!("a handler has failed")),
            count => fail(&records, format_args!("handlers have failed {count} times")),
        }
    }

    /// Asserts that a declared handler has succeeded: once or more often.
    ///
    /// The handler is named by the type that its attribute leaves under the name of the function:
    /// `backend.assert_handled_by::<ship>()`.
    ///
    /// # Panics
    ///
    /// It has not run to its end, or has failed each time.
    #[track_caller]
    pub fn assert_handled_by<H: DeclaredHandler>(&self) {
        self.assert_handled(&H::ORIGIN.path(), |handler| *handler == H::ORIGIN);
    }

    /// As [`assert_handled_by`](Self::assert_handled_by), by the path of the handler or the end of
    /// it, for handlers that were subscribed at run time: `"ship"`, or `"orders::ship"`.
    ///
    /// A closure is called `{{closure}}`, in the function that it stands in.
    ///
    /// # Panics
    ///
    /// It has not run to its end, or has failed each time.
    #[track_caller]
    pub fn assert_handled_by_name(&self, name: &str) {
        self.assert_handled(name, |handler| {
            let path = handler.path();
            path.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
        });
    }

    #[track_caller]
    fn assert_object<T: Send + Sync + 'static>(&self, label: &str, is_wanted: impl Fn(&T) -> bool) {
        let records = self.records();
        let objects: Vec<&T> = records.iter().filter_map(Record::object).collect();
        if !objects.iter().any(|object| is_wanted(object)) {
            fail(&records, format_args!("{}", missing(label, objects.len())));
        }
    }

    #[track_caller]
    fn assert_none(&self, label: &str, is_it: impl Fn(&Record) -> bool) {
        let records = self.records();
        match records.iter().filter(|record| is_it(record)).count() {
            0 => {}
            1 => fail(&records, format_args!("{label} was emitted")),
            count => fail(&records, format_args!("{label} was emitted {count} times")),
        }
    }

    #[track_caller]
    fn assert_handled(&self, name: &str, is_it: impl Fn(&Origin) -> bool) {
        let records = self.records();
        let outcomes = records.iter().flat_map(Record::outcomes).filter(|outcome| is_it(outcome.handler()));
        let outcomes: Vec<_> = outcomes.collect();
        if outcomes.is_empty() {
            fail(&records, format_args!("`{name}` has not handled any event"));
        }
        if outcomes.iter().all(|outcome| outcome.is_failure()) {
            fail(&records, format_args!("`{name}` has failed each time that it ran"));
        }
    }
}

fn missing(label: &str, others: usize) -> String {
    match others {
        0 => format!("{label} was not emitted"),
        1 => format!("{label} was emitted once, but not as wanted"),
        count => format!("{label} was emitted {count} times, but never as wanted"),
    }
}

fn events(count: usize) -> String {
    if count == 1 { "an event was".into() } else { format!("{count} events were") }
}

fn did_you_mean(name: &str, records: &[Record]) -> String {
    let texts = records.iter().map(Record::event_name);
    nearest(name, texts).map(|nearest| format!("; did you mean {nearest:?}?")).unwrap_or_default()
}

#[track_caller]
fn fail(records: &[Record], what: fmt::Arguments<'_>) -> ! {
    panic!("{what}\n{}", Listing(records));
}

/// Records as the lines of a message.
pub(super) struct Listing<'a>(pub(super) &'a [Record]);

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing was emitted by way of this backend");
        }
        f.write_str("what was emitted, in order:")?;
        for (index, record) in self.0.iter().enumerate() {
            write!(f, "\n  {}. {record}", index + 1)?;
        }
        Ok(())
    }
}
