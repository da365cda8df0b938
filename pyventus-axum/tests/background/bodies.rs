//! When a response was sent: at the end of its body, whatever the body is.

use std::convert::Infallible;
use std::io;
use std::pin::pin;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Body as _, Frame};
use hyper::{HeaderMap, Method, Request, Response};
use pyventus_axum::{BackgroundTasks, Emitter, RunWhen};
use tower::{Layer as _, ServiceExt as _};

use crate::server::on_both;
use crate::site::{Site, in_turn};

type Chunk = Result<&'static str, io::Error>;

/// A route that emits, and of which the test sends the body.
fn streams(site: &Site) -> (Router, UnboundedReceiver<UnboundedSender<Chunk>>) {
    let (keep, (hand, handed)) = (site.keeper(), unbounded());
    let route = get(async move |Emitter(emitter): Emitter| {
        keep(emitter.emit("seen"));
        let (send, chunks) = unbounded::<Chunk>();
        hand.unbounded_send(send).unwrap();
        Body::from_stream(chunks)
    });
    (Router::new().route("/", route), handed)
}

// F2
#[test]
fn nothing_is_run_before_the_last_piece_of_a_streamed_body() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let (routes, mut bodies) = streams(&site);
        let server = site.serve(routes).await;
        let mut client = server.connect().await;
        let mut body = client.send(Method::GET, "/").await.unwrap().into_body();
        let send = bodies.next().await.unwrap();
        for piece in ["one", "two"] {
            send.unbounded_send(Ok(piece)).unwrap();
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), piece);
            assert_eq!(site.log(), [""; 0]);
        }
        send.close_channel();
        assert!(body.frame().await.is_none());
        site.assert_ran(1).await;
        assert_eq!(site.log(), in_turn(&["seen"]));
    });
}

// F4
#[test]
fn a_client_that_goes_away_amid_the_body_stops_nothing() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let (routes, mut bodies) = streams(&site);
        let server = site.serve(routes).await;
        let mut client = server.connect().await;
        let mut body = client.send(Method::GET, "/").await.unwrap().into_body();
        let send = bodies.next().await.unwrap();
        send.unbounded_send(Ok("one")).unwrap();
        assert!(body.frame().await.is_some());
        drop(body);
        client.go_away().await;
        // The body of the server ends only when it is dropped.
        site.assert_ran(1).await;
        assert!(send.is_closed());
    });
}

/// Serves a request whose body ends in an error.
async fn answer_with_an_error(site: &Site) {
    let (routes, mut bodies) = streams(site);
    let server = site.serve(routes).await;
    let mut client = server.connect().await;
    let body = client.send(Method::GET, "/").await.unwrap().into_body();
    bodies.next().await.unwrap().unbounded_send(Err(io::Error::other("disk"))).unwrap();
    assert!(body.collect().await.is_err());
}

// F4
#[test]
fn a_body_that_fails_is_a_route_that_fails() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        answer_with_an_error(&site).await;
        site.assert_cancelled(1).await;
    });
}

// F4
#[test]
fn a_body_that_panics_is_a_route_that_fails() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let keep = site.keeper();
        let route = get(async move |Emitter(emitter): Emitter| {
            keep(emitter.emit("seen"));
            Body::from_stream(futures::stream::poll_fn(|_| -> std::task::Poll<Option<Chunk>> {
                assert!(std::thread::panicking(), "the body panics");
                std::task::Poll::Ready(None)
            }))
        });
        let server = site.serve(Router::new().route("/", route)).await;
        let mut client = server.connect().await;
        assert!(client.send(Method::GET, "/").await.is_err());
        site.assert_cancelled(1).await;
    });
}

// F4
#[test]
fn a_layer_that_runs_always_runs_after_a_body_that_fails() {
    on_both(async || {
        let mut site = Site::new();
        site.layer = site.layer.run_when(RunWhen::Always);
        site.link(&["seen"]);
        answer_with_an_error(&site).await;
        site.assert_ran(1).await;
    });
}

// F2
#[test]
fn what_the_body_emits_is_a_part_of_the_request() {
    on_both(async || {
        let site = Site::new();
        site.link(&["by the route", "by the body"]);
        let keep = site.keeper();
        let route = get(async move |Emitter(emitter): Emitter| {
            keep(emitter.emit("by the route"));
            let body = futures::stream::once(async move {
                keep(emitter.emit("by the body"));
                Ok::<_, Infallible>("a piece")
            });
            Body::from_stream(body)
        });
        let server = site.serve(Router::new().route("/", route)).await;
        assert_eq!(server.get("/").await.1, "a piece");
        site.assert_ran(2).await;
        assert_eq!(site.log(), in_turn(&["by the route", "by the body"]));
    });
}

// F2
#[test]
fn trailers_are_a_part_of_the_response() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let keep = site.keeper();
        let service = tower::service_fn(async |request: Request<()>| {
            keep(request.extensions().get::<BackgroundTasks>().unwrap().emitter().emit("seen"));
            let trailers = HeaderMap::from_iter([("checksum".parse().unwrap(), "7".parse().unwrap())]);
            let frames = [Frame::data(Bytes::from("a piece")), Frame::trailers(trailers)];
            let frames = frames.map(Ok::<_, Infallible>);
            Ok::<_, Infallible>(Response::new(StreamBody::new(futures::stream::iter(frames))))
        });
        let response = site.layer.layer(service).oneshot(Request::new(())).await.unwrap();
        let mut body = pin!(response.into_body());
        assert!(body.frame().await.unwrap().unwrap().is_data());
        let trailers = body.frame().await.unwrap().unwrap().into_trailers().unwrap();
        assert_eq!(trailers["checksum"], "7");
        assert_eq!((site.layer.task_count(), site.log().len()), (1, 0));
        assert!(body.frame().await.is_none());
        site.assert_ran(1).await;
    });
}

#[test]
fn the_length_of_a_body_is_known_as_without_the_layer() {
    on_both(async || {
        let site = Site::new();
        let server = site.serve(Router::new().route("/", site.emits(&[]))).await;
        let response = server.connect().await.send(Method::GET, "/").await.unwrap();
        assert_eq!(response.headers()["content-length"], "10");

        let service = tower::service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        });
        let response = site.layer.layer(service).oneshot(Request::new(())).await.unwrap();
        assert!(response.body().is_end_stream());
        assert_eq!(response.body().size_hint().exact(), Some(0));
    });
}
