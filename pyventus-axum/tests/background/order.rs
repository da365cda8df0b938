//! In which order the emissions of a request run, and what one of them does to the next.

use axum::Router;
use axum::routing::get;
use pyventus_axum::{BackgroundTasks, Emitter};
use pyventus_core::{Context, HandlerPanic, args};

use crate::server::on_both;
use crate::site::{Site, in_turn};

// F3
#[test]
fn emissions_run_one_after_the_other_in_the_order_they_were_emitted() {
    on_both(async || {
        let site = Site::new();
        site.link(&["1", "2", "3"]);
        let server = site.serve(Router::new().route("/", site.emits(&["3", "1", "2", "1"]))).await;
        server.get("/").await;
        site.assert_ran(4).await;
        assert_eq!(site.log(), in_turn(&["3", "1", "2", "1"]));
    });
}

// F3 F7
#[test]
fn all_emitters_of_a_request_share_one_queue() {
    on_both(async || {
        let site = Site::new();
        let other = Site::new();
        site.link(&["1", "2", "3", "4"]);
        let log = site.logger();
        other.linker.subscribe("other").handler(move || log("other".into())).unwrap();
        let (keep, linker) = (site.keeper(), other.linker.clone());
        let route = get(async move |first: Emitter, second: Emitter, tasks: BackgroundTasks| {
            keep(first.emit("1"));
            keep(second.emit("2"));
            keep(tasks.emitter_builder().linker(&linker).build().emit("other"));
            keep(tasks.emitter().emit("3"));
            keep(first.clone().emit("4"));
        });
        let server = site.serve(Router::new().route("/", route)).await;
        server.get("/").await;
        site.assert_ran(5).await;
        let mut expected = in_turn(&["1", "2", "3", "4"]);
        expected.insert(4, "other".into());
        assert_eq!(site.log(), expected);
    });
}

#[test]
fn requests_at_once_do_not_mix() {
    const REQUESTS: usize = 20;
    on_both(async || {
        let site = Site::new();
        let log = site.logger();
        site.linker
            .subscribe("step")
            .handler(move |context: Context| {
                let (log, args) = (log.clone(), context.args().clone());
                async move {
                    tokio::task::yield_now().await;
                    log(format!("{} {}", args.positional()[0], args.positional()[1]));
                }
            })
            .unwrap();
        let keep = site.keeper();
        let route = get(async move |Emitter(emitter): Emitter, path: axum::extract::RawQuery| {
            for step in 0..3 {
                keep(emitter.emit_with("step", args![&path.0, step]));
                tokio::task::yield_now().await;
            }
        });
        let server = site.serve(Router::new().route("/", route)).await;
        let requests = (0..REQUESTS).map(|request| {
            let server = &server;
            async move { server.get(&format!("/?{request}")).await }
        });
        futures::future::join_all(requests).await;
        site.assert_ran(3 * REQUESTS).await;
        let log = site.log();
        for request in 0..REQUESTS {
            let of = format!("\"{request}\" ");
            let steps: Vec<_> = log.iter().filter_map(|line| line.strip_prefix(&of)).collect();
            assert_eq!(steps, ["0", "1", "2"], "request {request}");
        }
    });
}

// F5
#[test]
fn neither_an_error_nor_a_panic_of_a_handler_stops_the_next_emission() {
    on_both(async || {
        let site = Site::new();
        site.linker.subscribe("fails").handler(|| Err::<(), _>(std::io::Error::other("disk"))).unwrap();
        site.linker.subscribe("panics").handler(async || assert!(std::thread::panicking(), "boom")).unwrap();
        site.link(&["works"]);
        let server = site.serve(Router::new().route("/", site.emits(&["fails", "panics", "works"]))).await;
        server.get("/").await;
        let failed = site.handle().await.await.unwrap();
        assert!(failed.outcomes()[0].error().unwrap().is::<std::io::Error>());
        let panicked = site.handle().await.await.unwrap();
        assert!(panicked.outcomes()[0].error().unwrap().is::<HandlerPanic>());
        site.assert_ran(1).await;
        assert_eq!(site.log(), in_turn(&["works"]));
    });
}

// M14
#[test]
fn a_one_time_handler_runs_for_one_request_only() {
    on_both(async || {
        let site = Site::new();
        let log = site.logger();
        site.linker.subscribe("seen").once().handler(move || log("once".into())).unwrap();
        let server = site.serve(Router::new().route("/", site.emits(&["seen"]))).await;
        server.get("/").await;
        site.assert_ran(1).await;
        server.get("/").await;
        assert!(site.handle().await.await.unwrap().outcomes().is_empty());
        assert_eq!(site.log(), ["once"]);
    });
}

#[test]
fn a_handler_that_blocks_runs_on_a_thread_of_its_own() {
    on_both(async || {
        let site = Site::new();
        let (open, opened) = std::sync::mpsc::channel();
        let opened = std::sync::Mutex::new(opened);
        let blocking = move || opened.lock().unwrap().recv_timeout(crate::server::PATIENCE);
        site.linker.subscribe("seen").blocking().handler(blocking).unwrap();
        site.linker.subscribe("seen").handler(move || open.send(())).unwrap();
        let server = site.serve(Router::new().route("/", site.emits(&["seen"]))).await;
        server.get("/").await;
        assert_eq!(site.handle().await.await.unwrap().succeeded(), 2);
    });
}
