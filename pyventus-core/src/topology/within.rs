//! A part of a graph: what stands in one module.

use crate::origin::Origin;

use super::{Cluster, Topology};

impl Topology {
    /// Keeps what stands in a module or in one below it, such as `shop::billing`, or in a whole crate.
    ///
    /// Handlers are kept with everything that they answer and with all of their callbacks, wherever that
    /// stands. A linker without handlers is left out.
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_core::EventLinker;
    ///
    /// let billing = EventLinker::topology().within("shop::billing");
    /// print!("{}", billing.to_mermaid());
    /// ```
    #[must_use]
    pub fn within(mut self, module: &str) -> Self {
        let stands_in = |origin: &Origin| {
            let rest = origin.module().strip_prefix(module);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        for cluster in &mut self.linkers {
            let mut kept = Cluster::new(cluster.linker);
            for mut handler in cluster.handlers.drain(..).filter(|handler| stands_in(&handler.origin)) {
                for key in &mut handler.keys {
                    *key = kept.key(&cluster.keys[*key]);
                }
                kept.handlers.push(handler);
            }
            *cluster = kept;
        }
        self.linkers.retain(|cluster| !cluster.handlers.is_empty());
        let keys: Vec<_> = self.linkers.iter().flat_map(|cluster| &cluster.keys).collect();
        self.events.retain(|event| stands_in(&event.origin) || keys.iter().any(|key| event.is(key)));
        self
    }
}
