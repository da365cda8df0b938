//! Which handlers answer which events, as a graph.

mod mermaid;
mod dot;
mod json;
mod changes;
mod within;

use std::any::TypeId;

use crate::declared::{CallbackRegistration, DeclaredCallback, DeclaredEvent, declared_events};
use crate::key::{EventKey, KeyKind};
use crate::linker::EventLinker;
use crate::origin::Origin;
use crate::registration::{self, fill};
use crate::registry::Registry;

pub use changes::{Changes, NoTopology};

/// The declared handlers of a program, their events and their callbacks, as a graph; see
/// [`EventLinker::topology`].
///
/// The same program gives the same text in every build. An event that can leave the program, for a queue,
/// is drawn with a double line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// The derived events, by name and place.
    events: Vec<Declared>,
    linkers: Vec<Cluster>,
}

/// A derived event.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Declared {
    id: TypeId,
    name: &'static str,
    type_name: &'static str,
    origin: Origin,
    /// Whether it can leave the program.
    has_codec: bool,
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
        let declared = registration::Declared::collect();
        // Two linkers may bear one name: they are told apart by what they are.
        let mut linkers: Vec<(*const Registry, Cluster)> = Vec::new();
        for handler in &declared.handlers {
            let registry = (handler.linker)();
            let known = linkers.iter().position(|(known, _)| std::ptr::eq(*known, registry));
            let (_, cluster) = match known {
                Some(index) => &mut linkers[index],
                None => linkers.push_mut((registry, Cluster::new(registry.name()))),
            };
            let keys = handler.keys.iter().map(|key| cluster.key(key)).collect();
            let callbacks = declared.callbacks_of(handler).into_iter().map(Callback::new).collect();
            cluster.handlers.push(Node {
                origin: handler.declaration.origin,
                keys,
                once: handler.options.once,
                callbacks,
            });
        }
        let mut linkers: Vec<_> = linkers.into_iter().map(|(_, cluster)| cluster).collect();
        linkers.sort_by_key(|cluster| cluster.linker);
        let events = declared_events().into_iter().map(Declared::new).collect();
        Topology { events, linkers }
    }
}

impl Topology {
    /// Whether what the key stands for is an event that can leave the program.
    fn can_leave(&self, key: &EventKey) -> bool {
        self.events.iter().any(|event| event.has_codec && event.is(key))
    }
}

impl Declared {
    fn new(event: &DeclaredEvent) -> Self {
        Self {
            id: event.id,
            name: event.name,
            type_name: (event.type_name)(),
            origin: event.origin,
            has_codec: (event.codec)().is_some(),
        }
    }

    /// Whether the key stands for this event.
    fn is(&self, key: &EventKey) -> bool {
        matches!(&key.0, KeyKind::Event(ty) if ty.id == self.id)
    }
}

impl Cluster {
    fn new(linker: &'static str) -> Self {
        Self { linker, keys: Vec::new(), handlers: Vec::new() }
    }

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
