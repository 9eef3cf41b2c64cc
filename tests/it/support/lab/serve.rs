//! The lab server's side of a connection: accept, handshake, HTTP.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use authvigil::clock::{Clock, SystemClock};
use bytes::Bytes;
use http::HeaderValue;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{HandshakeKind, ServerConnection};

use super::request::{Request, TlsSession};
use super::{Answer, Shared};
use crate::support::background::adopt;

/// Serves connections until it is dropped.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>, handshake_after: Duration) {
    let listener = adopt(listener);
    while let Ok((stream, remote)) = listener.accept().await {
        let number = {
            let mut connections = shared.connections.lock().unwrap();
            *connections += 1;
            *connections
        };
        let caller = Caller {
            number,
            remote,
            tls: None,
            shared: Arc::clone(&shared),
        };
        tokio::spawn(connect(stream, caller, handshake_after));
    }
}

/// Who is at the other end of a connection.
#[derive(Clone)]
struct Caller {
    number: u64,
    remote: SocketAddr,
    tls: Option<TlsSession>,
    shared: Arc<Shared>,
}

async fn connect(stream: TcpStream, mut caller: Caller, handshake_after: Duration) {
    let config = caller.shared.tls.lock().unwrap().clone();
    let Some(config) = config else {
        return speak_http1(stream, caller).await;
    };
    if !handshake_after.is_zero() {
        tokio::time::sleep(handshake_after).await;
    }
    // A handshake that fails is the client's to report.
    let Ok(stream) = TlsAcceptor::from(config).accept(stream).await else {
        return;
    };
    let connection = stream.get_ref().1;
    caller.tls = Some(session(connection));
    if connection.alpn_protocol() == Some(b"h2") {
        speak_http2(stream, caller).await;
    } else {
        speak_http1(stream, caller).await;
    }
}

fn session(connection: &ServerConnection) -> TlsSession {
    let chain = connection.peer_certificates();
    TlsSession {
        name: connection.server_name().map(ToOwned::to_owned),
        client_certificate: chain.and_then(|chain| Some(chain.first()?.to_vec())),
        resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
    }
}

async fn speak_http1(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, caller: Caller) {
    let service = service_fn(move |request| respond(request, caller.clone()));
    let mut server = http1::Builder::new();
    let connection = server
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    // What becomes of a connection is the client's to report.
    drop(connection.await);
}

async fn speak_http2(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, caller: Caller) {
    let service = service_fn(move |request| respond(request, caller.clone()));
    let connection =
        http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service);
    drop(connection.await);
}

async fn respond(
    request: http::Request<Incoming>,
    caller: Caller,
) -> Result<
    http::Response<impl hyper::body::Body<Data = Bytes, Error = Infallible> + use<>>,
    Infallible,
> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(Answer::status(400).send().await);
    };
    let mut headers = parts.headers;
    if let Some(authority) = parts
        .uri
        .authority()
        .filter(|_| !headers.contains_key("host"))
    {
        headers.insert("host", HeaderValue::from_str(authority.as_str()).unwrap());
    }
    let request = Request {
        at: SystemClock.monotonic(),
        connection: caller.number,
        remote: caller.remote,
        tls: caller.tls.clone(),
        version: parts.version,
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(ToOwned::to_owned),
        headers,
        body: body.to_bytes(),
    };
    Ok(caller.shared.answer(request).send().await)
}
