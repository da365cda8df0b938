//! What changed between two graphs, for the review of a change to a program.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::Topology;

/// What changed between two graphs; displays as lines that begin with `+` or `-`.
///
/// That something was moved to another line or file is no change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    added: Vec<String>,
    removed: Vec<String>,
}

impl Changes {
    /// Returns what is there now and was not before, a line each.
    #[must_use]
    pub fn added(&self) -> &[String] {
        &self.added
    }

    /// Returns what was there before and is not now, a line each.
    #[must_use]
    pub fn removed(&self) -> &[String] {
        &self.removed
    }

    /// Returns whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.removed {
            writeln!(f, "- {line}")?;
        }
        for line in &self.added {
            writeln!(f, "+ {line}")?;
        }
        Ok(())
    }
}

/// The data is not that of a graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the graph of a program, as `Topology::to_json` writes it: {missing} is missing")]
pub struct NoTopology {
    missing: &'static str,
}

impl Topology {
    /// Compares the graph with an earlier one, as [`to_json`](Self::to_json) wrote it.
    ///
    /// # Errors
    ///
    /// The data is not that of a graph.
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_core::EventLinker;
    ///
    /// let topology = EventLinker::topology();
    /// let earlier = topology.to_json();
    /// assert!(topology.changes_since(&earlier)?.is_empty());
    /// # Ok::<(), pyventus_core::NoTopology>(())
    /// ```
    pub fn changes_since(&self, earlier: &Value) -> Result<Changes, NoTopology> {
        let (before, now) = (facts(earlier)?, facts(&self.to_json())?);
        Ok(Changes {
            added: now.difference(&before).cloned().collect(),
            removed: before.difference(&now).cloned().collect(),
        })
    }
}

/// Everything that a graph says, without places: one line for each event, handler, key and callback.
fn facts(graph: &Value) -> Result<BTreeSet<String>, NoTopology> {
    let mut facts = BTreeSet::new();
    for event in list(graph, "events")? {
        facts.insert(format!("event {:?} of {}", text(event, "name")?, text(event, "type")?));
    }
    for cluster in list(graph, "linkers")? {
        let linker = text(cluster, "linker")?;
        for handler in list(cluster, "handlers")? {
            let path = text(handler, "handler")?;
            let once = if handler["once"] == true { " once" } else { "" };
            facts.insert(format!("handler {path}{once} of the linker {linker}"));
            for key in list(handler, "events")? {
                facts.insert(format!("{path} answers the {} {:?}", text(key, "kind")?, text(key, "name")?));
            }
            for callback in list(handler, "callbacks")? {
                let (name, outcome) = (text(callback, "handler")?, text(callback, "outcome")?);
                facts.insert(format!("{name} follows a {outcome} of {path}"));
            }
        }
    }
    Ok(facts)
}

fn list<'a>(value: &'a Value, missing: &'static str) -> Result<&'a Vec<Value>, NoTopology> {
    value[missing].as_array().ok_or(NoTopology { missing })
}

fn text<'a>(value: &'a Value, missing: &'static str) -> Result<&'a str, NoTopology> {
    value[missing].as_str().ok_or(NoTopology { missing })
}
