//! A web service whose handlers run after the response: a function that emits without knowing whether
//! the backend it has been given is that of the request or that of the runtime.
//!
//! Run it: `cargo run --example web_background`
//!
//! It prints:
//!
//! ```text
//! GET /print: Console print triggered!
//! Hello from TokioBackend!
//! Hello from BackgroundTasks!
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::routing::get;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use pyventus::axum::{BackgroundTasksLayer, Emitter};
use pyventus::{EventEmitter, TokioBackend, args, on};
use tokio::net::TcpListener;
use tokio::sync::{SetOnce, oneshot};

/// Set when the client has its response: until then, the handlers are as slow as they like.
static HAS_RESPONSE: SetOnce<()> = SetOnce::const_new();

#[on("ConsolePrintEvent")]
async fn console_print(message: &str) {
    HAS_RESPONSE.wait().await;
    println!("{message}");
}

/// The application: it knows the emitter alone.
fn print_app(emitter: &EventEmitter) {
    let message = format!("Hello from {}!", emitter.backend_name());
    emitter.emit_with("ConsolePrintEvent", args![message = message]);
}

async fn print(State(tokio): State<EventEmitter>, Emitter(background): Emitter) -> &'static str {
    print_app(&tokio);
    print_app(&background);
    "Console print triggered!"
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tokio = TokioBackend::new();
    let background = BackgroundTasksLayer::new();
    let app = Router::new()
        .route("/print", get(print))
        .with_state(EventEmitter::new(tokio.clone()))
        .layer(background.clone());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async { drop(stopped.await) });
    let server = tokio::spawn(async { server.await });

    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let response = client.get(format!("http://{address}/print").parse()?).await?;
    let text = to_bytes(Body::new(response.into_body()), usize::MAX).await?;
    println!("GET /print: {}", String::from_utf8_lossy(&text));
    HAS_RESPONSE.set(())?;

    // No connection is left open, and nothing that was emitted is lost.
    drop((client, stop));
    server.await??;
    tokio.close(Duration::from_secs(10)).await?;
    background.close(Duration::from_secs(10)).await?;
    Ok(())
}
