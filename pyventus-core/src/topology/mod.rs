//! Which handlers answer which events, as a graph.

mod mermaid;
mod dot;
mod json;

use crate::declared::{CallbackRegistration, DeclaredCallback};
use crate::key::EventKey;
use crate::linker::EventLinker;
use crate::origin::Origin;
use crate::registration::{Declared, fill};

/// The declared handlers of a program, their events and their callbacks, as a graph; see
/// [`EventLinker::topology`].
///
/// The same program gives the same text in every build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    linkers: Vec<Cluster>,
}

/// The handlers of one linker.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cluster {
    linker: &'static str,
    /// Every key once, in the order of the handlers.
    keys: Vec<EventKey>,
    handlers: Vec<Node>,
}

/// A handler.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    origin: Origin,
    /// Where its keys stand among those of the linker.
    keys: Vec<usize>,
    once: bool,
    callbacks: Vec<Callback>,
}

/// A callback of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Callback {
    origin: Origin,
    outcome: &'static str,
}

impl EventLinker {
    /// Returns the graph of what was declared in the whole program, linker by linker.
    ///
    /// It only sees what is linked into the program: see [`link!`](crate::link).
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_core::EventLinker;
    ///
    /// let topology = EventLinker::topology();
    /// assert!(topology.to_mermaid().starts_with("flowchart LR"));
    /// ```
    #[must_use]
    pub fn topology() -> Topology {
        fill();
        let declared = Declared::collect();
        let mut linkers: Vec<Cluster> = Vec::new();
        for handler in &declared.handlers {
            let name = (handler.linker)().name();
            let cluster = match linkers.iter().position(|cluster| cluster.linker == name) {
                Some(index) => &mut linkers[index],
                None => linkers.push_mut(Cluster { linker: name, keys: Vec::new(), handlers: Vec::new() }),
            };
            let keys = handler.keys.iter().map(|key| cluster.key(key)).collect();
            let callbacks = declared.callbacks_of(handler).into_iter().map(Callback::new).collect();
            cluster.handlers.push(Node {
                origin: handler.origin,
                keys,
                once: handler.options.once,
                callbacks,
            });
        }
        linkers.sort_by_key(|cluster| cluster.linker);
        Topology { linkers }
    }
}

impl Cluster {
    /// Where a key stands among those of the linker.
    fn key(&mut self, key: &EventKey) -> usize {
        self.keys.iter().position(|known| known == key).unwrap_or_else(|| {
            self.keys.push(key.clone());
            self.keys.len() - 1
        })
    }
}

impl Callback {
    fn new(registration: &CallbackRegistration) -> Self {
        let outcome = match registration.callback {
            DeclaredCallback::Success(_) => "success",
            DeclaredCallback::Failure(_) => "failure",
        };
        Self { origin: registration.origin, outcome }
    }
}
