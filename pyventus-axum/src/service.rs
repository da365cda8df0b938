//! The service that gives each request a queue, and ends it with its response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use pyventus_core::{Backend as _, EventEmission, Scoped};
use pyventus_tokio::__private::Gate;
use tokio::runtime::Handle;
use tower_service::Service;

use crate::body::ResponseBody;
use crate::decision::Decision;
use crate::options::Options;
use crate::queue::Queue;
use crate::tasks::BackgroundTasks;
use crate::verdict::RunWhen;

/// A service whose requests emit to handlers that run after the response.
///
/// Made by a [`BackgroundTasksLayer`](crate::BackgroundTasksLayer). Requests are to be served on a
/// runtime of tokio; elsewhere, what they emit is refused.
#[derive(Clone, Debug)]
pub struct BackgroundTasksService<S> {
    inner: S,
    options: Arc<Options>,
    when: RunWhen,
    gate: Arc<Gate>,
}

impl<S> BackgroundTasksService<S> {
    pub(crate) fn new(inner: S, options: Arc<Options>, when: RunWhen, gate: Arc<Gate>) -> Self {
        Self { inner, options, when, gate }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for BackgroundTasksService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let runtime = Handle::try_current().ok();
        let queue = Queue::new(Arc::clone(&self.gate), runtime, self.options.debug);
        let decision = Decision::new(Arc::clone(&queue), self.when.clone());
        let tasks = BackgroundTasks::of_request(queue, Arc::clone(&self.options));
        let (backend, route) = (tasks.id(), format!("{} {}", request.method(), request.uri().path()));
        request.extensions_mut().insert(tasks);
        let inner = EventEmission::before(backend, route, self.inner.call(request));
        ResponseFuture { inner, decision: Some(decision) }
    }
}

pin_project! {
    /// The response of a [`BackgroundTasksService`] to come.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: Scoped<F>,
        // Behind the route: what the route emits when it is dropped is still a part of the request.
        decision: Option<Decision>,
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        let decision = this.decision.take();
        Poll::Ready(result.map(|response| {
            let decision = decision.and_then(|decision| decision.with_status(response.status()));
            response.map(|body| ResponseBody::new(body, decision))
        }))
    }
}
