//! A server, its client, and the runtimes that both run on.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a test may take before it is taken to be stuck.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Both flavours of a runtime.
pub(crate) fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

/// Runs a test on a runtime.
pub(crate) fn on(runtime: &Runtime, test: impl Future<Output = ()>) {
    let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, test).await });
    assert!(ended.is_ok(), "the test is stuck");
}

/// Runs a test on each flavour of a runtime.
pub(crate) fn on_both(test: impl AsyncFn()) {
    for runtime in runtimes() {
        on(&runtime, test());
    }
}

/// A server on a port of its own.
pub(crate) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(crate) async fn start(app: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = axum::serve(listener, app).with_graceful_shutdown(async { drop(stopped.await) });
        Self { address, stop, served: tokio::spawn(async { serve.await }) }
    }

    pub(crate) async fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (requests, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        Client { requests, connection: tokio::spawn(async { drop(connection.await) }) }
    }

    /// Makes a request over a connection of its own.
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        self.connect().await.get(path).await
    }

    /// Serves what was begun, and ends.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        self.served.await.unwrap().unwrap();
    }
}

/// One connection to a server.
pub(crate) struct Client {
    requests: SendRequest<Empty<Bytes>>,
    connection: JoinHandle<()>,
}

impl Client {
    /// Makes a request, and reads the head of the response.
    pub(crate) async fn send(&mut self, method: Method, path: &str) -> hyper::Result<Response<Incoming>> {
        self.requests.ready().await?;
        let request = Request::builder().method(method).uri(path).header("host", "test");
        self.requests.send_request(request.body(Empty::new()).unwrap()).await
    }

    /// Makes a request, and reads the whole response.
    pub(crate) async fn get(&mut self, path: &str) -> (StatusCode, String) {
        let response = self.send(Method::GET, path).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Closes the connection, whatever is under way on it.
    pub(crate) async fn go_away(self) {
        self.connection.abort();
        drop(self.requests);
        // It may have ended by itself: a request that nobody waits for closes it, too.
        drop(self.connection.await);
    }
}
