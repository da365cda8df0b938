//! The subscribers of one kind of event, merged and ordered.

use std::sync::{Arc, OnceLock};

use crate::handler::{Call, Code, drop_contained};
use crate::origin::Origin;
use crate::subscriber::Subscriber;
use crate::view::Needs;

/// The subscribers of one kind of event, in the order they start; it never changes.
#[derive(Default)]
pub(crate) struct List {
    subscribers: Box<[Arc<Subscriber>]>,
    /// Their code, side by side, where all of them are functions that are called and no more.
    calls: Box<[Call]>,
    /// The same where some of them are asynchronous.
    codes: Box<[Code]>,
    needs: Needs,
    has_once: bool,
    /// Where they were written, for reports: made for the first one.
    origins: OnceLock<Arc<[Origin]>>,
}

impl List {
    pub(super) fn new(subscribers: Vec<Arc<Subscriber>>) -> Self {
        let calls: Option<Box<[Call]>> = subscribers.iter().map(|subscriber| subscriber.call()).collect();
        let codes: Option<Box<[Code]>> = match calls {
            Some(_) => None,
            None => subscribers.iter().map(|subscriber| subscriber.plain().cloned()).collect(),
        };
        Self {
            calls: calls.unwrap_or_default(),
            codes: codes.unwrap_or_default(),
            needs: subscribers.iter().map(|subscriber| subscriber.needs).max().unwrap_or_default(),
            has_once: subscribers.iter().any(|subscriber| subscriber.once),
            subscribers: subscribers.into(),
            origins: OnceLock::new(),
        }
    }

    pub(crate) fn subscribers(&self) -> &[Arc<Subscriber>] {
        &self.subscribers
    }

    /// The code of all of them, if there is nothing else to it, and there are any.
    pub(crate) fn calls(&self) -> Option<&[Call]> {
        (!self.calls.is_empty()).then_some(&*self.calls)
    }

    /// The code of all of them, if nothing is to be done but to run it, and there are any.
    pub(crate) fn codes(&self) -> Option<&[Code]> {
        (!self.codes.is_empty()).then_some(&*self.codes)
    }

    /// The most that one of them may ask for.
    pub(crate) fn needs(&self) -> Needs {
        self.needs
    }

    /// Whether one of them is to be unlinked before it runs.
    pub(super) fn has_once(&self) -> bool {
        self.has_once
    }

    pub(crate) fn len(&self) -> usize {
        self.subscribers.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.subscribers.is_empty()
    }

    /// Where they were written: a report that is kept does not keep the handlers.
    pub(crate) fn origins(&self) -> &Arc<[Origin]> {
        self.origins.get_or_init(|| self.subscribers.iter().map(|subscriber| subscriber.origin()).collect())
    }
}

impl Drop for List {
    /// The last reference to a handler may go here, wherever that is: its own `Drop` is user code.
    fn drop(&mut self) {
        drop_contained(std::mem::take(&mut self.calls));
        drop_contained(std::mem::take(&mut self.codes));
        drop_contained(std::mem::take(&mut self.subscribers));
    }
}
