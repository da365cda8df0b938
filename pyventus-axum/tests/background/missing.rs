//! A route that emits without the layer.

use axum::Router;
use axum::routing::get;
use hyper::StatusCode;
use pyventus_axum::{BackgroundTasks, BackgroundTasksLayer, Emitter, MissingBackgroundTasksLayer};

use crate::server::{Server, on_both};

// F1
#[test]
fn a_route_without_the_layer_is_refused_and_told_which_layer_to_add() {
    on_both(async || {
        let routes = Router::new()
            .route("/emitter", get(async |_: Emitter| "unreachable"))
            .route("/tasks", get(async |_: BackgroundTasks| "unreachable"));
        let server = Server::start(routes).await;
        for path in ["/emitter", "/tasks"] {
            let (status, text) = server.get(path).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert!(text.contains("`.layer(BackgroundTasksLayer::new())`"), "{text}");
        }
    });
}

// F1
#[test]
fn a_route_may_look_whether_there_is_a_layer() {
    async fn route(tasks: Result<BackgroundTasks, MissingBackgroundTasksLayer>) -> &'static str {
        if tasks.is_ok() { "with" } else { "without" }
    }

    on_both(async || {
        let routes = Router::new()
            .route("/with", get(route))
            .layer(BackgroundTasksLayer::new())
            .route("/without", get(route));
        let server = Server::start(routes).await;
        assert_eq!(server.get("/with").await.1, "with");
        assert_eq!(server.get("/without").await.1, "without");
    });
}
