//! The subscribers of one kind of event, merged and ordered.

use std::sync::Arc;

use crate::handler::{Call, drop_contained};
use crate::origin::Origin;
use crate::subscriber::Subscriber;
use crate::view::Needs;

/// The subscribers of one kind of event, in the order they start; it never changes.
#[derive(Default)]
pub(crate) struct List {
    subscribers: Box<[Arc<Subscriber>]>,
    /// Their code, side by side, where all of them are functions that are called and no more.
    calls: Box<[Call]>,
    needs: Needs,
    has_once: bool,
}

impl List {
    pub(super) fn new(subscribers: Vec<Arc<Subscriber>>) -> Self {
        let calls: Option<Box<[Call]>> =
            subscribers.iter().map(|subscriber| subscriber.plain().cloned()).collect();
        Self {
            calls: calls.unwrap_or_default(),
            needs: subscribers.iter().map(|subscriber| subscriber.needs).max().unwrap_or_default(),
            has_once: subscribers.iter().any(|subscriber| subscriber.once),
            subscribers: subscribers.into(),
        }
    }

    pub(crate) fn subscribers(&self) -> &[Arc<Subscriber>] {
        &self.subscribers
    }

    /// The code of all of them, if there is nothing else to it.
    pub(crate) fn calls(&self) -> Option<&[Call]> {
        (self.calls.len() == self.subscribers.len()).then_some(&*self.calls)
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

    /// Where they were written.
    pub(crate) fn origins(&self) -> impl Iterator<Item = Origin> {
        self.subscribers.iter().map(|subscriber| subscriber.origin)
    }
}

impl Drop for List {
    /// The last reference to a handler may go here, wherever that is: its own `Drop` is user code.
    fn drop(&mut self) {
        drop_contained(std::mem::take(&mut self.calls));
        drop_contained(std::mem::take(&mut self.subscribers));
    }
}
