//! What the lab server answers.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// A well-formed answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    fields: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    head_after: Duration,
    body_after: Duration,
}

impl Answer {
    /// An answer with this status, without body.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            fields: Vec::new(),
            body: Bytes::new(),
            head_after: Duration::ZERO,
            body_after: Duration::ZERO,
        }
    }

    /// 401 with one challenge.
    pub(crate) fn unauthorized(challenge: &str) -> Self {
        Self::status(401).header("WWW-Authenticate", challenge)
    }

    /// 302 to another place.
    pub(crate) fn redirect(location: &str) -> Self {
        Self::status(302).header("Location", location)
    }

    /// 200 with an HTML form that asks for a password.
    pub(crate) fn login_page() -> Self {
        Self::status(200).html(
            "<!doctype html><title>Sign in</title><form method=post action=/login>\
             <input name=user><input type=password name=password><button>Sign in</button></form>",
        )
    }

    /// Adds a field line; lines of the same name keep their order.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        self.header_bytes(name, value.as_bytes())
    }

    /// Adds a field line whose value need not be text: any bytes but controls.
    pub(crate) fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.fields
            .push((name, HeaderValue::from_bytes(value).unwrap()));
        self
    }

    /// Sets the body.
    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets an HTML body and says so.
    pub(crate) fn html(self, body: impl Into<Bytes>) -> Self {
        self.header("Content-Type", "text/html; charset=utf-8")
            .body(body)
    }

    /// Sets a JSON body and says so.
    pub(crate) fn json(self, body: impl Into<Bytes>) -> Self {
        self.header("Content-Type", "application/json").body(body)
    }

    /// Lets the head wait.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.head_after = wait;
        self
    }

    /// Lets the body wait, once the head is out.
    pub(crate) fn body_after(mut self, wait: Duration) -> Self {
        self.body_after = wait;
        self
    }

    /// The answer as the server sends it, once its head is due.
    pub(super) async fn send(self) -> Response<LateBody> {
        if !self.head_after.is_zero() {
            tokio::time::sleep(self.head_after).await;
        }
        let late = !self.body_after.is_zero();
        let mut response = Response::new(LateBody {
            due: late.then(|| Box::pin(tokio::time::sleep(self.body_after))),
            rest: Some(self.body).filter(|body| !body.is_empty()),
        });
        *response.status_mut() = self.status.try_into().unwrap();
        for (name, value) in self.fields {
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// A body of known length that comes in one piece when it is due.
#[derive(Debug)]
pub(super) struct LateBody {
    due: Option<Pin<Box<Sleep>>>,
    rest: Option<Bytes>,
}

impl Body for LateBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(due) = &mut self.due {
            ready!(due.as_mut().poll(context));
            self.due = None;
        }
        Poll::Ready(self.rest.take().map(|rest| Ok(Frame::data(rest))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.as_ref().map_or(0, |rest| rest.len() as u64))
    }
}
