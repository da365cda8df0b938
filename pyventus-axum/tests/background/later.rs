//! What is emitted when the response is long sent.

use axum::Router;
use axum::routing::get;
use pyventus_axum::Emitter;
use pyventus_core::EventEmitter;
use tokio::sync::mpsc;

use crate::server::on_both;
use crate::site::{Site, in_turn};

/// A route that hands its emitter out, and emits.
fn hands_out(
    site: &Site,
    events: &'static [&'static str],
) -> (Router, mpsc::UnboundedReceiver<EventEmitter>) {
    let (hand, handed) = mpsc::unbounded_channel();
    let keep = site.keeper();
    let route = get(async move |Emitter(emitter): Emitter| {
        for event in events {
            keep(emitter.emit(*event));
        }
        hand.send(emitter).unwrap();
    });
    (Router::new().route("/", route), handed)
}

#[test]
fn an_emitter_that_was_kept_goes_on() {
    on_both(async || {
        let site = Site::new();
        site.link(&["first", "second", "third"]);
        let (routes, mut handed) = hands_out(&site, &["first"]);
        let server = site.serve(routes).await;
        server.get("/").await;
        let emitter = handed.recv().await.unwrap();
        site.assert_ran(1).await;
        site.layer.wait().await.unwrap();

        assert_eq!(emitter.emit("second").await.unwrap().succeeded(), 1);
        // A thread without a runtime: that of the request serves it.
        let third = std::thread::spawn(move || emitter.emit("third")).join().unwrap();
        assert_eq!(third.await.unwrap().succeeded(), 1);
        assert_eq!(site.log(), in_turn(&["first", "second", "third"]));
    });
}

#[test]
fn a_request_that_emitted_nothing_leaves_an_emitter_that_works() {
    on_both(async || {
        let site = Site::new();
        site.link(&["later"]);
        let (routes, mut handed) = hands_out(&site, &[]);
        let server = site.serve(routes).await;
        server.get("/").await;
        assert_eq!(handed.recv().await.unwrap().emit("later").await.unwrap().succeeded(), 1);
    });
}

// F3
#[test]
fn what_is_emitted_late_runs_behind_what_runs_still() {
    on_both(async || {
        let site = Site::new();
        let gate = site.link_gate("first");
        site.link(&["second", "third"]);
        let (routes, mut handed) = hands_out(&site, &["first", "second"]);
        let server = site.serve(routes).await;
        server.get("/").await;
        let late = handed.recv().await.unwrap().emit("third");
        gate.add_permits(1);
        assert_eq!(late.await.unwrap().succeeded(), 1);
        assert_eq!(site.log(), in_turn(&["first", "second", "third"]));
    });
}
