//! Runs the handlers of pyventus events after the response of an axum route was sent.
//!
//! Use it through the facade, `pyventus`, as `pyventus::axum`, behind the feature `axum`.
//!
//! A [`BackgroundTasksLayer`] gives each request a queue of its own. A route takes an [`Emitter`]
//! and emits; its handlers run when the response has been sent, one emission after the other, in
//! the order they were emitted, and not at all where the route failed.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use axum::Router;
//! use axum::routing::post;
//! use pyventus_axum::{BackgroundTasksLayer, Emitter};
//!
//! async fn register(Emitter(emitter): Emitter) -> &'static str {
//!     emitter.emit("user.registered");
//!     "welcome" // The client has it before the handlers of the event run.
//! }
//!
//! # async fn stop() {}
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let background = BackgroundTasksLayer::new();
//! let app = Router::new().route("/users", post(register)).layer(background.clone());
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//! axum::serve(listener, app).with_graceful_shutdown(stop()).await?;
//! background.close(Duration::from_secs(30)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What a route may do with what it emits
//!
//! Whatever it likes, but wait for it: an emission waits for the response, so a route that awaits
//! the handle of its own emission, or blocks its thread for it, is told that it
//! [would wait for ever](pyventus_core::EmitError::WouldDeadlock). Spawn a task that awaits it, or
//! emit on another backend. Handlers may await what they emit.

mod layer;
mod service;
mod body;
mod extract;
mod tasks;
mod options;
mod decision;
mod queue;
mod verdict;
mod shutdown;

pub use body::ResponseBody;
pub use extract::{Emitter, MissingBackgroundTasksLayer};
pub use layer::BackgroundTasksLayer;
pub use pyventus_tokio::{Closed, WouldDeadlock};
pub use queue::Drain;
pub use service::{BackgroundTasksService, ResponseFuture};
pub use shutdown::BackendClosed;
pub use tasks::BackgroundTasks;
pub use verdict::{RouteFailed, RunWhen};
