//! A log layer with the lines of the Pyventus documentation.
//!
//! ```text
//! [Logger] 2026-11-25 03:10:50 AM    ERROR [EventHandler] Exception: connection refused
//! ```
//!
//! A fixed tag, the local date and the time of a 12-hour clock, the level right-aligned to eight
//! columns, the source, an action and the message, then the fields of the event. An event takes
//! one line whatever its text holds: control characters are printed as escapes. Where the time
//! zone of the machine is unknown, the time is UTC.

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use jiff::ZonedDateTime;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::Registry;

/// Prints every event at INFO and above to standard output, unless the program has chosen a
/// subscriber before; returns whether this call was the one that chose.
///
/// # Examples
///
/// ```
/// pyventus_core::fmt::init();
/// assert!(!pyventus_core::fmt::init());
/// ```
#[expect(clippy::must_use_candidate, reason = "called for its effect")]
pub fn init() -> bool {
    let subscriber = Registry::default().with(layer()).with(LevelFilter::INFO);
    tracing::subscriber::set_global_default(subscriber).is_ok()
}

/// Returns the layer, writing to standard output; in colour where that is a terminal.
#[must_use]
pub fn layer() -> Layer {
    Layer { writer: Mutex::new(Box::new(io::stdout())), colour: io::stdout().is_terminal() }
}

/// Returns the layer, writing where it is told, without colour.
#[must_use]
pub fn layer_to(writer: impl Write + Send + 'static) -> Layer {
    Layer { writer: Mutex::new(Box::new(writer)), colour: false }
}

/// The layer; see the [module](self).
pub struct Layer {
    writer: Mutex<Box<dyn Write + Send>>,
    colour: bool,
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").field("colour", &self.colour).finish_non_exhaustive()
    }
}

impl<S: Subscriber> tracing_subscriber::Layer<S> for Layer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = self.line(event, &fields);
        // The line is complete before the lock is taken: no user code runs under it. That nobody
        // can read the log is no reason to fail what is logged.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        drop(writer.write_all(line.as_bytes()).and_then(|()| writer.flush()));
    }
}

impl Layer {
    fn line(&self, event: &Event<'_>, fields: &Fields) -> String {
        let level = *event.metadata().level();
        let (start, end) = if self.colour { (colour(level), "\x1b[0m") } else { ("", "") };
        format!(
            "[Logger] {time} {start}{level:>8}{end} [{source}] {action} {message}{others}\n",
            time = ZonedDateTime::now().strftime("%Y-%m-%d %I:%M:%S %p"),
            level = level.as_str(),
            source = fields.source.as_deref().unwrap_or(event.metadata().target()),
            action = fields.action.as_deref().unwrap_or("Message:"),
            message = fields.message,
            others = fields.others,
        )
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[35m",
    }
}

#[derive(Default)]
struct Fields {
    source: Option<String>,
    action: Option<String>,
    message: String,
    others: String,
}

impl Fields {
    fn record(&mut self, field: &Field, value: &dyn fmt::Display) {
        let value = one_line(&value.to_string());
        match field.name() {
            "source" => self.source = Some(value),
            "action" => self.action = Some(value),
            "message" => self.message = value,
            // A `String` takes whatever is written to it.
            name => drop(write!(self.others, " {name}={value}")),
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record(field, &format_args!("{value:?}"));
    }
}

/// The text with its control characters escaped.
fn one_line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut line, c| {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
        line
    })
}
