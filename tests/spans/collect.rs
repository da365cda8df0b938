//! A layer that keeps all spans, and draws what is a part of what.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Span, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// A span, or a line that was logged by a test.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The first thing that it is a part of; absent at the top.
    parent: Option<usize>,
    pub(crate) name: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: BTreeMap<&'static str, String>,
    pub(crate) has_ended: bool,
}

static NODES: Mutex<Vec<Node>> = Mutex::new(Vec::new());

fn nodes() -> MutexGuard<'static, Vec<Node>> {
    NODES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a span is among the nodes.
#[derive(Clone, Copy)]
struct Place(usize);

/// The layer. Its level is DEBUG: a test that wants another one chooses another subscriber.
pub(crate) struct Collector;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let parent = span.parent().map(|parent| parent.extensions().get::<Place>().unwrap().0);
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let (name, level) = (span.name(), *attributes.metadata().level());
        span.extensions_mut().insert(add(Node { parent, name, level, fields: fields.0, has_ended: false }));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        let Place(place) = *context.span(id).unwrap().extensions().get().unwrap();
        nodes()[place].fields.extend(fields.0);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == "test" {
            let parent = context.event_span(event).map(|span| span.extensions().get::<Place>().unwrap().0);
            let mut fields = Fields::default();
            event.record(&mut fields);
            let (name, level) = ("line", *event.metadata().level());
            add(Node { parent, name, level, fields: fields.0, has_ended: true });
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Place(place) = *context.span(&id).unwrap().extensions().get().unwrap();
        nodes()[place].has_ended = true;
    }
}

fn add(node: Node) -> Place {
    let mut nodes = nodes();
    nodes.push(node);
    Place(nodes.len() - 1)
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

/// Logs a line that is seen among the spans.
macro_rules! say {
    ($($text:tt)+) => { tracing::info!(target: "test", $($text)+) };
}
pub(crate) use say;

/// A span of a test, which everything is looked for in.
pub(crate) struct Root {
    pub(crate) span: Span,
    place: usize,
}

impl Root {
    /// Makes a span, of which all threads of the process keep what is a part of it.
    pub(crate) fn new() -> Self {
        static COLLECTING: Once = Once::new();
        COLLECTING.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(Collector.with_filter(
                // What libraries say of themselves is no part of it.
                tracing_subscriber::filter::filter_fn(|metadata| {
                    *metadata.level() <= Level::DEBUG && ["pyventus", "test"].contains(&metadata.target())
                }),
            ));
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        Self::here()
    }

    /// Makes a span where whichever subscriber of the thread collects.
    pub(crate) fn here() -> Self {
        let span = tracing::info_span!(target: "test", "root");
        let mut place = None;
        span.with_subscriber(|(id, dispatch)| {
            let registry = dispatch.downcast_ref::<tracing_subscriber::Registry>().unwrap();
            place = registry.span(id).unwrap().extensions().get().map(|Place(place)| *place);
        });
        Self { span, place: place.expect("the collector has seen it") }
    }

    /// Runs code in the span, and draws what has come of it.
    pub(crate) fn of(code: impl FnOnce()) -> String {
        let root = Self::new();
        root.span.in_scope(code);
        root.tree()
    }

    /// What is a part of the span, in the order it began: each with what it is about and how it has ended.
    pub(crate) fn tree(&self) -> String {
        let mut text = String::new();
        draw(&nodes(), Some(self.place), 0, &mut text);
        text
    }

    /// All that is a part of the span, in the order it began.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let nodes = nodes();
        let is_below = |node: &Node| {
            let parents = std::iter::successors(node.parent, |parent| nodes[*parent].parent);
            parents.into_iter().any(|parent| parent == self.place)
        };
        nodes.iter().filter(|node| is_below(node)).cloned().collect()
    }
}

/// The spans about one event that are a part of nothing, as trees.
pub(crate) fn at_the_top(event: &str) -> (Vec<Node>, String) {
    let nodes = nodes();
    let is_one =
        |node: &&Node| node.parent.is_none() && node.fields.get("event").is_some_and(|name| name == event);
    let found = nodes.iter().filter(is_one).cloned().collect();
    let mut text = String::new();
    for (place, node) in nodes.iter().enumerate().filter(|(_, node)| is_one(node)) {
        line(node, 0, &mut text);
        draw(&nodes, Some(place), 1, &mut text);
    }
    (found, text)
}

fn draw(nodes: &[Node], place: Option<usize>, depth: usize, text: &mut String) {
    for (child, node) in nodes.iter().enumerate().filter(|(_, node)| node.parent == place) {
        line(node, depth, text);
        draw(nodes, Some(child), depth + 1, text);
    }
}

fn line(node: &Node, depth: usize, text: &mut String) {
    let field = |name| node.fields.get(name).map(|value| format!(" {value}")).unwrap_or_default();
    let about = match node.name {
        "line" => format!("-{}", field("message")),
        name => format!("{name}{}{}{}", field("event"), field("attempt"), field("outcome")),
    };
    let open = if node.has_ended { "" } else { " (open)" };
    writeln!(text, "{:indent$}{about}{open}", "", indent = depth * 2).unwrap();
}
