//! When handlers run: after the response, of which they hold up nothing.

use std::convert::Infallible;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{any, get};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, StatusCode};
use pyventus_axum::{BackgroundTasks, BackgroundTasksLayer, Emitter};
use pyventus_core::{Backend, Capability, Context, EmissionHandle, EventEmitter};
use tower::{Layer as _, ServiceExt as _};

use crate::server::{Server, on_both};
use crate::site::{Site, in_turn};

// F2
#[test]
fn the_client_has_the_whole_response_while_the_handler_still_waits() {
    on_both(async || {
        let site = Site::new();
        let gate = site.link_gate("slow");
        let server = site.serve(Router::new().route("/", site.emits(&["slow"]))).await;

        let response = server.get("/").await;
        assert_eq!(response, (StatusCode::OK, "the answer".into()));
        assert_eq!(site.layer.task_count(), 1);
        assert!(!site.log().contains(&"slow ends".into()));

        gate.add_permits(1);
        site.assert_ran(1).await;
        assert_eq!(site.log(), in_turn(&["slow"]));
    });
}

// F2
#[test]
fn no_handler_runs_before_the_response_is_made() {
    on_both(async || {
        let site = Site::new();
        site.link(&["early"]);
        let (keep, log) = (site.keeper(), site.logger());
        let route = get(async move |Emitter(emitter): Emitter| {
            keep(emitter.emit("early"));
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            log("the route returns".into());
        });
        let server = site.serve(Router::new().route("/", route)).await;
        server.get("/").await;
        site.assert_ran(1).await;
        assert_eq!(site.log(), ["the route returns", "early starts", "early ends"]);
    });
}

// F2
#[test]
fn a_handler_that_waits_holds_up_neither_its_connection_nor_other_requests() {
    on_both(async || {
        let site = Site::new();
        let gate = site.link_gate("slow");
        site.link(&["quick"]);
        let routes =
            Router::new().route("/slow", site.emits(&["slow"])).route("/quick", site.emits(&["quick"]));
        let server = site.serve(routes).await;

        let mut client = server.connect().await;
        client.get("/slow").await;
        client.get("/quick").await;
        let (slow, quick) = (site.handle().await, site.handle().await);
        assert_eq!(quick.await.unwrap().succeeded(), 1);
        assert!(!site.log().contains(&"slow ends".into()));

        gate.add_permits(1);
        assert_eq!(slow.await.unwrap().succeeded(), 1);
        assert_eq!(site.log().last().unwrap(), "slow ends");
    });
}

// F2
#[test]
fn an_empty_body_and_a_head_request_let_handlers_run_too() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let keep = site.keeper();
        let empty = any(async move |Emitter(emitter): Emitter| {
            keep(emitter.emit("seen"));
            StatusCode::NO_CONTENT
        });
        let server =
            site.serve(Router::new().route("/empty", empty).route("/full", site.emits(&["seen"]))).await;
        let mut client = server.connect().await;
        for (method, path) in [(Method::GET, "/empty"), (Method::POST, "/empty"), (Method::HEAD, "/full")] {
            assert!(client.send(method, path).await.unwrap().status().is_success());
            site.assert_ran(1).await;
        }
    });
}

// F8 M10
#[test]
fn synchronous_code_and_threads_of_a_route_emit_as_the_route_does() {
    fn synchronous(emitter: &EventEmitter) -> EmissionHandle {
        emitter.emit("seen")
    }

    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let keep = site.keeper();
        let route = get(async move |Emitter(emitter): Emitter| {
            keep(synchronous(&emitter));
            let (sent, blocking) = (keep.clone(), emitter.clone());
            tokio::task::spawn_blocking(move || sent(synchronous(&blocking))).await.unwrap();
            std::thread::spawn(move || keep(synchronous(&emitter))).join().unwrap();
        });
        let server = site.serve(Router::new().route("/", route)).await;
        assert_eq!(server.get("/").await.0, StatusCode::OK);
        site.assert_ran(3).await;
        assert_eq!(site.log(), in_turn(&["seen", "seen", "seen"]));
    });
}

// F6 F7
#[test]
fn emitters_are_set_up_by_the_layer_and_may_be_set_up_anew() {
    on_both(async || {
        let site = Site::new();
        let other = Site::new();
        let log = site.logger();
        site.linker
            .subscribe("seen")
            .handler(move |context: Context| log(context.state::<&str>().unwrap().to_string()))
            .unwrap();
        let log = site.logger();
        other
            .linker
            .subscribe("seen")
            .handler(move |context: Context| {
                let (name, number) = (context.state::<&str>().unwrap(), context.state::<u8>().unwrap());
                log(format!("{name} {number}"));
            })
            .unwrap();
        let layer = BackgroundTasksLayer::new().linker(&site.linker).state("layer").debug(true);

        let linker = other.linker.clone();
        let keep = site.keeper();
        let route = get(async move |tasks: BackgroundTasks, emitter: Emitter| {
            keep(emitter.emit("seen"));
            keep(tasks.emitter_builder().linker(&linker).state(7_u8).build().emit("seen"));
            keep(tasks.emitter().emit("seen"));
        });
        let server = Server::start(Router::new().route("/", route).layer(layer)).await;
        server.get("/").await;
        site.assert_ran(3).await;
        assert_eq!(site.log(), ["layer", "layer 7", "layer"]);
    });
}

// M30
#[test]
fn a_backend_says_its_name_and_what_it_promises() {
    let (tasks, _drain) = BackgroundTasks::new();
    assert_eq!(tasks.emitter().backend_name(), "BackgroundTasks");
    let capabilities: Vec<_> = tasks.capabilities().iter().collect();
    assert_eq!(capabilities, [Capability::Ordered, Capability::AwaitsNested, Capability::Offloads]);
    assert_eq!(tasks.id(), tasks.clone().id());
    assert_ne!(tasks.id(), BackgroundTasks::new().0.id());
}

// F2
#[test]
fn a_service_that_knows_nothing_of_axum_may_stand_below_the_layer() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let keep = site.keeper();
        let service = tower::service_fn(async |request: Request<()>| {
            keep(request.extensions().get::<BackgroundTasks>().unwrap().emitter().emit("seen"));
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("the answer")))
        });
        let response = site.layer.layer(service).oneshot(Request::new(())).await.unwrap();
        assert_eq!(site.layer.task_count(), 1);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "the answer");
        site.assert_ran(1).await;
    });
}
