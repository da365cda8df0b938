//! The spans of OpenTelemetry, carried from one program to the other, behind the feature `opentelemetry`.

use std::str::FromStr;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use pyventus_core::EventEmission;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::envelope::TraceParent;

/// The span that what is done for an emission is a part of: its own where it has one, else the current one of `tracing`,
/// else the current one of OpenTelemetry.
pub(crate) fn span_of(emission: &EventEmission) -> Option<TraceParent> {
    let own = emission.span();
    let span = if own.is_disabled() { Span::current() } else { own };
    let of = |context: &Context| of_context(context.span().span_context());
    of(&span.context()).or_else(|| of(&Context::current()))
}

fn of_context(context: &SpanContext) -> Option<TraceParent> {
    if !context.is_valid() {
        return None;
    }
    let flags = context.trace_flags().to_u8();
    let text = format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id());
    let parent = TraceParent::new(text).ok()?;
    let state = context.trace_state().header();
    // One that cannot travel is left out; the span is found without it.
    Some(parent.clone().with_state(state).unwrap_or(parent))
}

/// Makes a span a part of one of another program. Where there is no layer of OpenTelemetry, nobody wants to know.
pub(crate) fn link(span: &Span, parent: &TraceParent) {
    if let Some(parent) = context_of(parent) {
        let _unwanted = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

fn context_of(parent: &TraceParent) -> Option<SpanContext> {
    let mut parts = parent.as_str().split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
    let state = parent.state().and_then(|state| TraceState::from_str(state).ok()).unwrap_or_default();
    Some(SpanContext::new(trace, span, TraceFlags::new(flags), true, state))
}
