//! The graph as a Mermaid flowchart.

use std::fmt;

use super::Topology;

impl Topology {
    /// Returns the graph as a Mermaid flowchart.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        Mermaid(self).to_string()
    }
}

struct Mermaid<'a>(&'a Topology);

impl fmt::Display for Mermaid<'_> {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(text, "flowchart LR")?;
        for (l, cluster) in self.0.linkers.iter().enumerate() {
            writeln!(text, "    subgraph l{l}[\"{}\"]", escape(cluster.linker))?;
            for (k, key) in cluster.keys.iter().enumerate() {
                let label = escape(&key.to_string());
                if self.0.can_leave(key) {
                    writeln!(text, "        l{l}e{k}[[\"{label}\"]]")?;
                } else {
                    writeln!(text, "        l{l}e{k}([\"{label}\"])")?;
                }
            }
            for (h, handler) in cluster.handlers.iter().enumerate() {
                writeln!(text, "        l{l}h{h}[\"{}\"]", escape(&handler.origin.path()))?;
                for key in &handler.keys {
                    let arrow = if handler.once { "-- once -->" } else { "-->" };
                    writeln!(text, "        l{l}e{key} {arrow} l{l}h{h}")?;
                }
                for (c, callback) in handler.callbacks.iter().enumerate() {
                    writeln!(text, "        l{l}h{h}c{c}[\"{}\"]", escape(&callback.origin.path()))?;
                    writeln!(text, "        l{l}h{h} -. {} .-> l{l}h{h}c{c}", callback.outcome)?;
                }
            }
            writeln!(text, "    end")?;
        }
        Ok(())
    }
}

/// What would end a label, as the entities of Mermaid.
fn escape(label: &str) -> String {
    label.replace('#', "#35;").replace('"', "#quot;").replace('\n', " ")
}
