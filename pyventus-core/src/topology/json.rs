//! The graph as data.

use serde_json::{Value, json};

use crate::key::{EventKey, KeyKind};
use crate::origin::Origin;

use super::Topology;

impl Topology {
    /// Returns the graph as data: the derived events, and a list of linkers, each with its handlers,
    /// their events and their callbacks, all with file and line.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let linkers = self.linkers.iter().map(|cluster| {
            let handlers = cluster.handlers.iter().map(|handler| {
                let mut value = origin(&handler.origin);
                let events: Vec<_> = handler.keys.iter().map(|key| event(&cluster.keys[*key])).collect();
                let callbacks = handler.callbacks.iter().map(|callback| {
                    let mut value = origin(&callback.origin);
                    value["outcome"] = callback.outcome.into();
                    value
                });
                value["events"] = events.into();
                value["once"] = handler.once.into();
                value["callbacks"] = callbacks.collect();
                value
            });
            json!({ "linker": cluster.linker, "handlers": handlers.collect::<Value>() })
        });
        let events = self.events.iter().map(|event| {
            json!({
                "name": event.name,
                "type": event.type_name,
                "durable": event.has_codec,
                "file": event.origin.file(),
                "line": event.origin.line(),
            })
        });
        json!({ "events": events.collect::<Value>(), "linkers": linkers.collect::<Value>() })
    }
}

fn origin(origin: &Origin) -> Value {
    json!({ "handler": origin.path(), "file": origin.file(), "line": origin.line() })
}

fn event(key: &EventKey) -> Value {
    match &key.0 {
        KeyKind::Text(text) => json!({ "kind": "text", "name": &**text }),
        KeyKind::Event(ty) => json!({ "kind": "event", "name": ty.name }),
        KeyKind::Error(_) => json!({ "kind": "error", "name": key.to_string() }),
        KeyKind::Any | KeyKind::AnyEvent | KeyKind::AnyError => {
            json!({ "kind": "all", "name": key.to_string() })
        }
    }
}
