//! The body of a response, which tells when it was sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::decision::Decision;

pin_project! {
    /// The body of a response, which lets the emissions of its request run when it was sent.
    ///
    /// That is when the server has taken its last frame, or drops it.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        // Behind the body: what the body emits when it is dropped is still a part of the request.
        decision: Option<Decision>,
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn new(inner: B, decision: Option<Decision>) -> Self {
        Self { inner, decision }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx));
        match &frame {
            Some(Ok(_)) => {}
            Some(Err(_)) => {
                if let Some(decision) = this.decision.take() {
                    decision.body_failed();
                }
            }
            None => *this.decision = None,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
