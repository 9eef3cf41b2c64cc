//! A protected site on loopback, for the demo: a lock that can be broken on purpose.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Serves until it is dropped.
#[derive(Debug)]
pub(super) struct Site {
    /// Where it listens.
    pub(super) address: SocketAddr,
    door: Arc<Door>,
    _serving: JoinSet<()>,
}

#[derive(Debug)]
struct Door {
    open: AtomicBool,
    /// The value of `Authorization` that opens it.
    key: String,
}

impl Site {
    /// Opens on a free port of loopback, locked.
    pub(super) async fn open(key: String) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let door = Arc::new(Door {
            open: AtomicBool::new(false),
            key,
        });
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&door)));
        Ok(Self {
            address,
            door,
            _serving: serving,
        })
    }

    /// Whether the lock holds from now on; if not, everybody is let in, as by a misplaced line in a
    /// server's configuration.
    pub(super) fn set_lock(&self, holds: bool) {
        self.door.open.store(!holds, Ordering::Relaxed);
    }
}

async fn serve(listener: TcpListener, door: Arc<Door>) {
    let mut visitors = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        visitors.spawn(receive(stream, Arc::clone(&door)));
    }
}

async fn receive(stream: TcpStream, door: Arc<Door>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = door.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = hyper::server::conn::http1::Builder::new();
    // A visitor who leaves early is none of the demo's business.
    let _left = connection
        .serve_connection(TokioIo::new(stream), service)
        .await
        .is_err();
}

impl Door {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let shown = request
            .headers()
            .get(AUTHORIZATION)
            .map(http::HeaderValue::as_bytes);
        let mut answer = Response::new(Full::new(Bytes::from_static(b"{\"orders\": []}\n")));
        let headers = answer.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            http::HeaderValue::from_static("application/json"),
        );
        headers.insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
        if !self.open.load(Ordering::Relaxed) && shown != Some(self.key.as_bytes()) {
            let challenge = http::HeaderValue::from_static("Basic realm=\"orders\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            *answer.body_mut() = Full::default();
        }
        answer
    }
}
