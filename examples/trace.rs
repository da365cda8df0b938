//! A trace as a tree: which emission ran which handlers, what they emitted in turn, and how each has ended.
//!
//! Emissions and handlers are spans of `tracing`. The layer below keeps those that have ended, and prints a tree when the
//! outermost has; OpenTelemetry gets the same from its own layer.
//!
//! Run it: `cargo run --example trace`
//!
//! It prints:
//!
//! ```text
//! checkout
//! └── emission event=order.placed outcome=failure
//!     ├── handler handler=trace::reserve outcome=success
//!     │   └── emission event=stock.low outcome=success
//!     │       └── handler handler=trace::reorder outcome=success
//!     ├── handler handler=trace::charge outcome=failure
//!     └── handler handler=trace::ship::ship outcome=success
//!         └── emission event=order.shipped outcome=success
//!             └── handler handler=trace::notify outcome=success
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]
#![expect(clippy::needless_pass_by_value, reason = "handlers take what they are given")]

use std::fmt::Debug;

use pyventus::{Context, EmitError, EventEmitter, TokioBackend, on};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Instrument as _, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{self, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

#[on("order.placed")]
fn reserve(context: Context) {
    context.emitter().emit("stock.low");
}

#[on("stock.low")]
async fn reorder() {
    tokio::task::yield_now().await;
}

#[on("order.placed")]
async fn charge() -> anyhow::Result<()> {
    tokio::task::yield_now().await;
    anyhow::bail!("the card is expired")
}

#[on("order.placed")]
mod ship {
    use super::Context;

    #[on_event]
    fn ship() {}

    /// A callback is a part of its handler.
    #[on_success]
    async fn shipped(context: Context) {
        context.emitter().emit("order.shipped");
    }
}

#[on("order.shipped")]
fn notify() {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), EmitError> {
    tracing_subscriber::registry().with(Tree.with_filter(LevelFilter::DEBUG)).init();

    let backend = TokioBackend::new();
    let emitter = EventEmitter::new(backend.clone());
    let checkout = async { emitter.emit("order.placed").await };
    checkout.instrument(tracing::info_span!("checkout")).await?;
    // What handlers have emitted without waiting for it is a part of the trace, too.
    backend.wait().await.expect("no handler waits here");
    Ok(())
}

/// Prints each span that is a part of no other one when it has ended, with all that is a part of it.
struct Tree;

/// A span, and what has ended of its parts.
struct Node {
    begun: u64,
    title: String,
    parts: Vec<Node>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Tree {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: layer::Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut node = Node { begun: Node::number(), title: span.name().to_owned(), parts: Vec::new() };
        attributes.record(&mut node);
        span.extensions_mut().insert(node);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: layer::Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(node) = span.extensions_mut().get_mut::<Node>()
        {
            values.record(node);
        }
    }

    fn on_close(&self, id: Id, context: layer::Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(mut node) = span.extensions_mut().remove::<Node>() else { return };
        node.parts.sort_by_key(|part| part.begun);
        match span.parent() {
            None => node.print("", ""),
            Some(parent) => {
                if let Some(whole) = parent.extensions_mut().get_mut::<Node>() {
                    whole.parts.push(node);
                }
            }
        }
    }
}

impl Node {
    /// A number for each span, in the order they begin.
    fn number() -> u64 {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    fn print(&self, branch: &str, indent: &str) {
        println!("{branch}{}", self.title);
        for (index, part) in self.parts.iter().enumerate() {
            let (branch, further) =
                if index + 1 == self.parts.len() { ("└── ", "    ") } else { ("├── ", "│   ") };
            part.print(&format!("{indent}{branch}"), &format!("{indent}{further}"));
        }
    }
}

impl Visit for Node {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if ["event", "handler", "outcome"].contains(&field.name()) {
            // A handler is known by its path alone, without the place in its file.
            let value = format!("{value:?}");
            let value = value.trim_matches('"').split(' ').next().unwrap_or_default();
            self.title.extend([" ", field.name(), "=", value]);
        }
    }
}
