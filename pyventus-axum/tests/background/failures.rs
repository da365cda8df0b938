//! Routes that fail: nothing is run, unless the layer says otherwise.

use axum::Router;
use axum::routing::get;
use hyper::{Method, StatusCode};
use pyventus_axum::{Emitter, RouteFailed, RunWhen};
use pyventus_core::EmitError;
use tokio::sync::mpsc;

use crate::server::on_both;
use crate::site::Site;

/// A route that emits twice, and ends with the status that its path names.
fn with_status(site: &Site) -> Router {
    let keep = site.keeper();
    let route = get(async move |Emitter(emitter): Emitter, status: axum::extract::Path<u16>| {
        keep(emitter.emit("seen"));
        keep(emitter.emit("seen"));
        StatusCode::from_u16(status.0).unwrap()
    });
    Router::new().route("/{status}", route)
}

fn panics(site: &Site) -> Router {
    let keep = site.keeper();
    let route = get(async move |Emitter(emitter): Emitter| {
        keep(emitter.emit("seen"));
        tokio::task::yield_now().await;
        assert!(std::thread::panicking(), "the route panics");
    });
    Router::new().route("/", route)
}

// F4
#[test]
fn nothing_is_run_where_the_status_is_that_of_an_error() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let server = site.serve(with_status(&site)).await;
        for status in [400, 404, 422, 499, 500, 503] {
            assert_eq!(server.get(&format!("/{status}")).await.0, status);
            site.assert_cancelled(2).await;
        }
        for status in [200, 204, 302, 304] {
            assert_eq!(server.get(&format!("/{status}")).await.0, status);
            site.assert_ran(2).await;
        }
    });
}

// F4
#[test]
fn nothing_is_run_where_the_route_panics() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let server = site.serve(panics(&site)).await;
        assert!(server.connect().await.send(Method::GET, "/").await.is_err());
        site.assert_cancelled(1).await;
    });
}

// F4
#[test]
fn nothing_is_run_where_the_client_goes_away_before_there_is_a_response() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let (keep, (reach, mut reached)) = (site.keeper(), mpsc::unbounded_channel());
        let route = get(async move |Emitter(emitter): Emitter| {
            keep(emitter.emit("seen"));
            reach.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        let server = site.serve(Router::new().route("/", route)).await;
        let mut client = server.connect().await;
        tokio::select! {
            response = client.send(Method::GET, "/") => panic!("{response:?}"),
            () = async { reached.recv().await.unwrap() } => {}
        }
        client.go_away().await;
        site.assert_cancelled(1).await;
    });
}

// F4
#[test]
fn a_one_time_handler_was_claimed_though_the_route_failed() {
    on_both(async || {
        let site = Site::new();
        let log = site.logger();
        site.linker.subscribe("seen").once().handler(move || log("once".into())).unwrap();
        let server = site.serve(with_status(&site)).await;
        server.get("/500").await;
        site.assert_cancelled(1).await;
        assert!(site.handle().await.await.unwrap().outcomes().is_empty());
        assert!(site.linker.is_empty());
    });
}

// F4
#[test]
fn what_is_emitted_after_the_route_failed_is_given_back_with_the_reason() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let (hand, mut handed) = mpsc::unbounded_channel();
        let route = get(async move |Emitter(emitter): Emitter| {
            hand.send(emitter).unwrap();
            StatusCode::NOT_FOUND
        });
        let server = site.serve(Router::new().route("/", route)).await;
        server.get("/").await;
        match handed.recv().await.unwrap().emit("seen").await {
            Err(EmitError::Submit(error)) => {
                let reason: &RouteFailed = error.reason().downcast_ref().unwrap();
                assert_eq!(*reason, RouteFailed::Status(StatusCode::NOT_FOUND));
                error.into_emission().unwrap().run().await;
                assert_eq!(site.log().len(), 2);
            }
            other => panic!("{other:?}"),
        }
    });
}

// F4
#[test]
fn a_layer_may_choose_to_run_always() {
    on_both(async || {
        let mut site = Site::new();
        site.layer = site.layer.run_when(RunWhen::Always);
        site.link(&["seen"]);
        let server = site.serve(with_status(&site).merge(panics(&site))).await;
        server.get("/500").await;
        site.assert_ran(2).await;
        assert!(server.connect().await.send(Method::GET, "/").await.is_err());
        site.assert_ran(1).await;
    });
}

// F4
#[test]
fn a_layer_may_choose_by_the_status() {
    on_both(async || {
        let mut site = Site::new();
        let chosen = StatusCode::NOT_FOUND;
        site.layer = site.layer.run_when(RunWhen::status(move |status| status == chosen));
        site.link(&["seen"]);
        let server = site.serve(with_status(&site).merge(panics(&site))).await;
        server.get("/200").await;
        site.assert_cancelled(2).await;
        assert!(server.connect().await.send(Method::GET, "/").await.is_err());
        site.assert_cancelled(1).await;
        server.get("/404").await;
        site.assert_ran(2).await;
    });
}
