//! The spans of emissions whose handlers run in this process.

use std::io;
use std::time::Duration;

use pyventus::axum::BackgroundTasks;
use pyventus::{
    Backend, Context, EmitError, EventEmitter, EventLinker, InlineBackend, ThreadPoolBackend, TokioBackend,
};
use tokio::runtime::{Builder, Runtime};
use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::collect::{Collector, Root, say};

fn emitter(backend: impl Backend, linker: &EventLinker) -> EventEmitter {
    EventEmitter::builder(backend).linker(linker).build()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Lets other threads and tasks go on.
async fn elsewhere() {
    tokio::task::yield_now().await;
}

/// A linker with handlers of every kind, and what is seen of them.
fn shop() -> (EventLinker, &'static str) {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| say!("sync")).unwrap();
    let suspended = || async {
        say!("before");
        let (tx, rx) = futures::channel::oneshot::channel();
        // It is woken by a thread that knows nothing of spans.
        std::thread::spawn(move || tx.send(()).unwrap());
        rx.await.unwrap();
        say!("after");
        7
    };
    linker.subscribe("e").on_success(|_: i32| async { say!("succeeded") }).handler(suspended).unwrap();
    linker
        .subscribe("e")
        .on_failure(|_: &anyhow::Error| say!("failed"))
        .handler(|| async { Err::<(), _>(io::Error::other("disk")) })
        .unwrap();
    linker.subscribe("e").handler(|| -> () { panic!("no more coffee") }).unwrap();
    linker.subscribe("e").handler(|_: pyventus::State<u8>| ()).unwrap();
    let tree = "\
emission e failure
  handler success
    - sync
  handler success
    - before
    - after
    - succeeded
  handler failure
    - failed
  handler panic
  handler bind_error
";
    (linker, tree)
}

#[test]
fn every_backend_has_the_same_spans() {
    let (linker, tree) = shop();
    let inline = Root::of(|| drop(emitter(InlineBackend::new(), &linker).emit("e").wait()));
    assert_eq!(inline, tree, "inline");

    let sync = Root::of(|| drop(emitter(TokioBackend::new(), &linker).emit("e").wait()));
    assert_eq!(sync, tree, "tokio, in synchronous code");

    let threads = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for (name, runtime) in [("one thread", runtime()), ("threads", threads)] {
        for backend in [
            TokioBackend::new(),
            TokioBackend::new().ordered(),
            TokioBackend::new().max_concurrency(1).unwrap(),
            TokioBackend::on_runtime(runtime.handle().clone()),
        ] {
            let root = Root::new();
            runtime.block_on(async {
                let handle = root.span.in_scope(|| emitter(backend.clone(), &linker).emit("e"));
                handle.await.unwrap();
            });
            assert_eq!(root.tree(), tree, "tokio, {name}: {backend:?}");
        }
    }

    for threads in [1, 3] {
        let pool = ThreadPoolBackend::new(threads).unwrap();
        let pooled = Root::of(|| drop(emitter(pool, &linker).emit("e").wait().unwrap()));
        assert_eq!(pooled, tree, "a pool of {threads}");
    }

    let root = Root::new();
    runtime().block_on(async {
        let (tasks, drain) = BackgroundTasks::new();
        root.span.in_scope(|| tasks.emitter_builder().linker(&linker).build().emit("e"));
        drain.run().await;
    });
    assert_eq!(root.tree(), tree, "after a response");
}

#[test]
fn what_a_handler_emits_is_a_part_of_the_handler() {
    let linker = EventLinker::new();
    linker.subscribe("outer").handler(|context: Context| drop(context.emitter().emit("inner"))).unwrap();
    linker
        .subscribe("outer")
        .handler(|context: Context| async move {
            elsewhere().await;
            context.emitter().emit("inner").await.map(drop)
        })
        .unwrap();
    linker.subscribe("inner").handler(|| say!("here")).unwrap();
    let tree = "\
emission outer success
  handler success
    emission inner success
      handler success
        - here
  handler success
    emission inner success
      handler success
        - here
";
    let sync = Root::of(|| drop(emitter(TokioBackend::new(), &linker).emit("outer").wait()));
    assert_eq!(sync, tree);
    let pool = ThreadPoolBackend::new(2).unwrap();
    let root = Root::new();
    root.span.in_scope(|| emitter(pool.clone(), &linker).emit("outer").wait()).unwrap();
    // It has run everything.
    drop(pool);
    assert_eq!(root.tree(), tree);
}

#[test]
fn spans_say_what_they_are_about() {
    static LINKER: EventLinker = EventLinker::namespace("orders");
    LINKER.subscribe("e").handler(|| ()).unwrap();
    for (debug, level) in [(false, Level::DEBUG), (true, Level::INFO)] {
        let root = Root::new();
        let emitter = EventEmitter::builder(InlineBackend::new()).linker(&LINKER).debug(debug).build();
        root.span.in_scope(|| emitter.emit("e"));
        let [emission, handler] = &root.nodes()[..] else { panic!("{}", root.tree()) };
        assert_eq!((emission.level, handler.level), (level, level));

        let mut fields = emission.fields.clone();
        let id = fields.remove("emission").unwrap();
        assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'), "{id}");
        let expected =
            [("backend", "InlineBackend"), ("event", "e"), ("linker", "orders"), ("outcome", "success")];
        assert_eq!(fields, expected.map(|(name, value)| (name, value.to_owned())).into());

        let mut fields = handler.fields.clone();
        let place = fields.remove("handler").unwrap();
        assert!(place.starts_with("spans::local::spans_say_what_they_are_about::{{closure}} ("), "{place}");
        assert_eq!(fields, [("outcome", "success".to_owned())].into());
    }
}

#[test]
fn a_blocking_handler_is_in_its_span_on_its_thread() {
    let linker = EventLinker::new();
    let main = std::thread::current().id();
    let handler = move || {
        assert_ne!(std::thread::current().id(), main);
        say!("blocking");
    };
    linker.subscribe("e").blocking().handler(handler).unwrap();
    let root = Root::new();
    runtime().block_on(async {
        let handle = root.span.in_scope(|| emitter(TokioBackend::new(), &linker).emit("e"));
        assert_eq!(handle.await.unwrap().succeeded(), 1);
    });
    assert_eq!(root.tree(), "emission e success\n  handler success\n    - blocking\n");
}

/// Logs when it is dropped.
struct Held;

impl Drop for Held {
    fn drop(&mut self) {
        say!("dropped");
    }
}

#[test]
fn what_is_cancelled_says_so_and_is_dropped_in_its_span() {
    let linker = EventLinker::new();
    let endless = || async {
        let _held = Held;
        std::future::pending::<()>().await;
    };
    linker.subscribe("e").handler(endless).unwrap();
    let root = Root::new();
    runtime().block_on(async {
        let backend = TokioBackend::new();
        let handle = root.span.in_scope(|| emitter(backend.clone(), &linker).emit("e"));
        elsewhere().await;
        assert_eq!(backend.close(Duration::ZERO).await.unwrap().cut, 1);
        assert!(matches!(handle.await, Err(EmitError::Cancelled)));
    });
    assert_eq!(root.tree(), "emission e cancelled\n  handler cancelled\n    - dropped\n");
}

#[test]
fn what_a_backend_refuses_says_so() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(|| ()).unwrap();
    let root = Root::of(|| {
        let pool = ThreadPoolBackend::new(1).unwrap();
        let emitter = emitter(pool.clone(), &linker);
        pool.close().unwrap();
        assert!(emitter.emit("e").wait().is_err());
    });
    assert_eq!(root, "emission e refused\n");
}

#[test]
fn an_event_that_nobody_answers_has_no_span() {
    let linker = EventLinker::new();
    assert_eq!(Root::of(|| drop(emitter(InlineBackend::new(), &linker).emit("nobody"))), "");
}

#[test]
fn a_handler_is_timed_in_a_span_as_it_is_without() {
    let (linker, tree) = shop();
    let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).timed(true).build();
    let root = Root::new();
    let report = root.span.in_scope(|| emitter.emit("e").wait()).unwrap();
    assert_eq!(root.tree(), tree);
    assert!(report.outcomes().iter().all(|outcome| outcome.elapsed().is_some()), "{report:?}");
}

#[test]
fn there_are_no_spans_where_their_level_is_off_and_handlers_are_in_that_of_the_caller() {
    let (linker, _) = shop();
    let info = tracing_subscriber::registry().with(Collector.with_filter(LevelFilter::INFO));
    let tree = tracing::subscriber::with_default(info, || {
        let root = Root::here();
        root.span.in_scope(|| emitter(InlineBackend::new(), &linker).emit("e").wait()).unwrap();
        root.tree()
    });
    let mut lines: Vec<_> = tree.lines().collect();
    // When the suspended handler goes on is up to its thread.
    lines.sort_unstable();
    assert_eq!(lines, ["- after", "- before", "- failed", "- succeeded", "- sync"]);
}
