//! What is logged.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::sync::Once;

use axum::Router;
use axum::routing::get;
use hyper::StatusCode;
use pyventus_axum::{BackgroundTasks, Emitter};
use pyventus_core::{Event, fmt, key};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::server::{Server, on, runtimes};
use crate::site::Site;

thread_local! {
    /// What this thread logs, while it is listened to.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static LEVEL: Cell<LevelFilter> = const { Cell::new(LevelFilter::OFF) };
}

/// Writes to the lines of the thread.
struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines of this backend that this thread logs meanwhile.
fn of(code: impl FnOnce()) -> Vec<String> {
    // One subscriber for the whole process, asked anew for each line: what one test listens to does
    // not depend on what others do meanwhile.
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let of_this_thread = dynamic_filter_fn(|line, _| *line.level() <= LEVEL.get());
        let layer = fmt::layer_to(Lines).with_filter(of_this_thread);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    });
    LEVEL.set(LevelFilter::DEBUG);
    code();
    LEVEL.set(LevelFilter::OFF);
    let log = String::from_utf8(LINES.take()).unwrap();
    log.lines().filter(|line| line.contains("[BackgroundTasks]")).map(str::to_owned).collect()
}

/// Runs a test on this thread alone.
fn here(test: impl Future<Output = ()>) {
    let [runtime, _] = runtimes();
    on(&runtime, test);
}

// F4
#[test]
fn one_line_says_how_many_emissions_were_cancelled_and_why() {
    for (debug, level) in [(false, "DEBUG"), (true, "INFO")] {
        let mut site = Site::new();
        site.layer = site.layer.debug(debug);
        site.link(&["seen"]);
        let keep = site.keeper();
        let route = get(async move |Emitter(emitter): Emitter| {
            keep(emitter.emit("seen"));
            keep(emitter.emit("seen"));
            StatusCode::NOT_FOUND
        });
        let log = of(|| {
            here(async {
                let server = site.serve(Router::new().route("/", route)).await;
                server.get("/").await;
                site.assert_cancelled(2).await;
            });
        });
        let text = "Cancelled: 2 emissions: the route has ended with the status 404 Not Found";
        assert!(log.len() == 1 && log[0].contains(&format!("{level} [BackgroundTasks] {text}")), "{log:?}");
    }
}

#[test]
fn a_route_that_has_emitted_nothing_or_has_succeeded_is_not_worth_a_line() {
    let site = Site::new();
    site.link(&["seen"]);
    let log = of(|| {
        here(async {
            let failing = get(async |_: Emitter| StatusCode::NOT_FOUND);
            let routes = Router::new().route("/failing", failing).route("/", site.emits(&["seen"]));
            let server = site.serve(routes).await;
            server.get("/failing").await;
            server.get("/").await;
            site.assert_ran(1).await;
            site.layer.wait().await.unwrap();
        });
    });
    assert_eq!(log, [""; 0]);
}

// F1
#[test]
fn a_missing_layer_is_an_error_in_the_log() {
    let log = of(|| {
        here(async {
            let server = Server::start(Router::new().route("/", get(async |_: Emitter| ()))).await;
            server.get("/").await;
        });
    });
    let text = "ERROR [BackgroundTasks] Message: the route takes an `Emitter` or `BackgroundTasks`";
    assert!(log.len() == 1 && log[0].contains(text), "{log:?}");
}

#[test]
fn a_value_that_panics_when_it_is_cancelled_stops_nothing() {
    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "dropped");
        }
    }

    impl Event for PanicsWhenDropped {
        const NAME: &'static str = "PanicsWhenDropped";
    }

    let site = Site::new();
    site.linker.subscribe(key::<PanicsWhenDropped>()).handler(|| ()).unwrap();
    site.link(&["seen"]);
    let log = of(|| {
        let (tasks, drain) = BackgroundTasks::new();
        let emitter = tasks.emitter_builder().linker(&site.linker).build();
        emitter.emit(PanicsWhenDropped);
        let seen = emitter.emit("seen");
        drop(drain);
        assert!(futures::executor::block_on(seen).is_err());
    });
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(log[1].contains("ERROR [BackgroundTasks] Message: a value panicked"), "{log:?}");
}
