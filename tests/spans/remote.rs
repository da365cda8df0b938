//! One trace through two processes, as OpenTelemetry has it: this test program plays both of them.

use std::future::pending;
use std::path::Path;
use std::process::{Command, Stdio};

use opentelemetry::Context as OtelContext;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use pyventus::queue::{QueueBackend, TraceParent, Worker};
use pyventus::sqlite::SqliteBroker;
use pyventus::{Context, EventEmitter, EventLinker};
use serde_json::{Map, Value, json};
use tokio::runtime::Builder;
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;

const ROLE: &str = "PYVENTUS_SPANS_ROLE";
const DIRECTORY: &str = "PYVENTUS_SPANS_DIRECTORY";

/// The trace that a client began.
const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const CLIENT: u64 = 0x00f0_67aa_0ba9_02b7;

#[test]
fn a_trace_goes_on_in_the_process_that_handles_the_event() {
    if let Ok(role) = std::env::var(ROLE) {
        return play(&role, std::env::var(DIRECTORY).unwrap().as_ref());
    }
    let directory = tempfile::tempdir().unwrap();
    let producer = Spans::of("shop", directory.path());
    let worker = Spans::of("worker", directory.path());

    let request = producer.one(|span| span["name"] == "request");
    let emission = producer.one(|span| span["name"] == "emission");
    let delivery = worker.one(|span| span["event"] == "order.placed" && span["queue"] == "events");
    let ship = worker.one(|span| span["parent"] == delivery["span"]);
    let emitted = worker.one(|span| span["event"] == "order.shipped" && span["backend"] == "QueueBackend");
    let delivered = worker.one(|span| span["event"] == "order.shipped" && span["queue"] == "events");
    let notify = worker.one(|span| span["parent"] == delivered["span"]);

    assert_eq!(request["parent"], format!("{CLIENT:016x}"));
    // Each is a part of the one before it, and all are of one trace, about which its systems say the same.
    let links = [request, emission, delivery, ship, emitted, delivered, notify];
    for pair in links.windows(2) {
        assert_eq!(pair[1]["parent"], pair[0]["span"], "{pair:#?}");
    }
    for span in links {
        assert_eq!((&span["trace"], &span["state"]), (&json!(format!("{TRACE:032x}")), &json!("vendor=7")));
    }
    assert_eq!((&delivery["remote"], &ship["remote"]), (&json!(true), &json!(false)));
    for handler in [ship, notify] {
        assert_eq!((&handler["name"], &handler["outcome"]), (&json!("handler"), &json!("success")));
    }
}

/// The spans that a process has left.
struct Spans(Vec<Value>);

impl Spans {
    /// Runs a process in that role.
    fn of(role: &str, directory: &Path) -> Self {
        let test = "remote::a_trace_goes_on_in_the_process_that_handles_the_event";
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(ROLE, role)
            .env(DIRECTORY, directory)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(process.status.success(), "{process:?}");
        let written = std::fs::read_to_string(directory.join(role)).unwrap();
        Self(serde_json::from_str(&written).unwrap())
    }

    /// The only one of that kind.
    fn one(&self, is_wanted: impl Fn(&Value) -> bool) -> &Value {
        let found: Vec<_> = self.0.iter().filter(|span| is_wanted(span)).collect();
        let [one] = found[..] else { panic!("{} spans in {:#?}", found.len(), self.0) };
        one
    }
}

/// Plays a role, and writes down which spans have ended.
fn play(role: &str, directory: &Path) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(LevelFilter::DEBUG));
    tracing::subscriber::set_global_default(subscriber).unwrap();

    Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let broker = SqliteBroker::open(directory.join("events.db")).await.unwrap();
        if role == "shop" { shop(broker).await } else { work(broker).await }
    });

    provider.force_flush().unwrap();
    let spans: Vec<_> = exporter.get_finished_spans().unwrap().iter().map(written).collect();
    std::fs::write(directory.join(role), serde_json::to_string(&spans).unwrap()).unwrap();
}

/// Emits in a span that is a part of one of a client.
async fn shop(broker: SqliteBroker) {
    let request = tracing::info_span!("request");
    let state = TraceState::from_key_value([("vendor", "7")]).unwrap();
    let (trace, span) = (TraceId::from(TRACE), SpanId::from(CLIENT));
    let client = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, state);
    request.set_parent(OtelContext::new().with_remote_span_context(client)).unwrap();
    let emitter = EventEmitter::new(QueueBackend::new(broker));
    let handle = request.in_scope(|| emitter.emit("order.placed"));
    handle.await.unwrap();
}

/// Handles the event, and what its handler emits.
async fn work(broker: SqliteBroker) {
    let linker = EventLinker::new();
    let emitter = EventEmitter::builder(QueueBackend::new(broker.clone())).linker(&linker).build();
    let worker = Worker::new(broker).emitter(emitter);
    let stop = worker.handle();
    let ship = |context: Context| async move {
        // It is known without a layer, too.
        assert!(TraceParent::current().is_some());
        tokio::task::yield_now().await;
        context.emitter().emit("order.shipped").await.map(drop)
    };
    linker.subscribe("order.placed").handler(ship).unwrap();
    linker.subscribe("order.shipped").handler(move || stop.stop()).unwrap();
    worker.run_until(pending::<()>()).await.unwrap();
}

/// A span as the test reads it.
fn written(span: &SpanData) -> Value {
    let attributes = span.attributes.iter().map(|pair| (pair.key.to_string(), json!(pair.value.as_str())));
    let mut fields: Map<String, Value> = attributes.collect();
    let context = &span.span_context;
    fields.insert("name".to_owned(), json!(span.name));
    fields.insert("trace".to_owned(), json!(context.trace_id().to_string()));
    fields.insert("span".to_owned(), json!(context.span_id().to_string()));
    fields.insert("parent".to_owned(), json!(span.parent_span_id.to_string()));
    fields.insert("remote".to_owned(), json!(span.parent_span_is_remote));
    fields.insert("state".to_owned(), json!(context.trace_state().header()));
    Value::Object(fields)
}
