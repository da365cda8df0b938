//! The graph in the language of Graphviz.

use std::fmt;

use super::Topology;

impl Topology {
    /// Returns the graph in the DOT language of Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        Dot(self).to_string()
    }
}

struct Dot<'a>(&'a Topology);

impl fmt::Display for Dot<'_> {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(text, "digraph pyventus {{")?;
        writeln!(text, "    rankdir=LR;")?;
        for (l, cluster) in self.0.linkers.iter().enumerate() {
            writeln!(text, "    subgraph cluster_{l} {{")?;
            writeln!(text, "        label={};", quote(cluster.linker))?;
            for (k, key) in cluster.keys.iter().enumerate() {
                let label = quote(&key.to_string());
                let line = if self.0.can_leave(key) { ", peripheries=2" } else { "" };
                writeln!(text, "        l{l}e{k} [shape=ellipse, label={label}{line}];")?;
            }
            for (h, handler) in cluster.handlers.iter().enumerate() {
                let origin = &handler.origin;
                let place = quote(&format!("{}:{}", origin.file(), origin.line()));
                writeln!(
                    text,
                    "        l{l}h{h} [shape=box, label={}, tooltip={place}];",
                    quote(&origin.path())
                )?;
                for key in &handler.keys {
                    let label = if handler.once { " [label=once]" } else { "" };
                    writeln!(text, "        l{l}e{key} -> l{l}h{h}{label};")?;
                }
                for (c, callback) in handler.callbacks.iter().enumerate() {
                    let path = quote(&callback.origin.path());
                    writeln!(text, "        l{l}h{h}c{c} [shape=box, style=rounded, label={path}];")?;
                    writeln!(
                        text,
                        "        l{l}h{h} -> l{l}h{h}c{c} [style=dashed, label={}];",
                        callback.outcome
                    )?;
                }
            }
            writeln!(text, "    }}")?;
        }
        writeln!(text, "}}")
    }
}

fn quote(label: &str) -> String {
    format!("\"{}\"", label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}
