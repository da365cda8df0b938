//! What a route takes to emit.

use std::ops::Deref;

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use pyventus_core::EventEmitter;

use crate::tasks::BackgroundTasks;

impl<S: Send + Sync> FromRequestParts<S> for BackgroundTasks {
    type Rejection = MissingBackgroundTasksLayer;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or(MissingBackgroundTasksLayer)
    }
}

/// An emitter whose handlers run after the response of the request; see [`BackgroundTasks`].
///
/// It is set up as the [`BackgroundTasksLayer`](crate::BackgroundTasksLayer) says. For another
/// linker, or for further state, take [`BackgroundTasks`] and its
/// [`emitter_builder`](BackgroundTasks::emitter_builder).
///
/// # Examples
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use pyventus_axum::{BackgroundTasksLayer, Emitter};
///
/// async fn route(Emitter(emitter): Emitter) -> &'static str {
///     emitter.emit("user.seen");
///     "Hello!"
/// }
///
/// let app: Router = Router::new().route("/", get(route)).layer(BackgroundTasksLayer::new());
/// # let _app = app;
/// ```
#[derive(Clone, Debug)]
pub struct Emitter(pub EventEmitter);

impl<S: Send + Sync> FromRequestParts<S> for Emitter {
    type Rejection = MissingBackgroundTasksLayer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let tasks = BackgroundTasks::from_request_parts(parts, state).await?;
        Ok(Self(tasks.emitter()))
    }
}

impl Deref for Emitter {
    type Target = EventEmitter;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A route takes an [`Emitter`] or [`BackgroundTasks`], and no layer has made them.
///
/// As a response it is logged, and has the status 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the route takes an `Emitter` or `BackgroundTasks`, which no layer has made: add \
     `.layer(BackgroundTasksLayer::new())` to the router, after its routes"
)]
pub struct MissingBackgroundTasksLayer;

impl IntoResponse for MissingBackgroundTasksLayer {
    fn into_response(self) -> Response {
        tracing::error!(target: "pyventus", source = "BackgroundTasks", "{self}");
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
