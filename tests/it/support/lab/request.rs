//! What the lab server was asked.

use std::net::SocketAddr;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Version};

/// A request as it arrived, and the connection that it arrived on.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// When its last byte was there.
    pub(crate) at: Instant,
    /// The number of its connection, from 1: two requests that share one have the same.
    pub(crate) connection: u64,
    /// Where it came from.
    pub(crate) remote: SocketAddr,
    /// The TLS session, if there is one.
    pub(crate) tls: Option<TlsSession>,
    /// The version of HTTP.
    pub(crate) version: Version,
    /// The method.
    pub(crate) method: Method,
    /// The path, still percent-encoded.
    pub(crate) path: String,
    /// The query, still percent-encoded.
    pub(crate) query: Option<String>,
    /// All field lines; over HTTP/2, `host` is the `:authority`.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

/// What the server knows of a TLS session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsSession {
    /// The name that the client asked for (SNI).
    pub(crate) name: Option<String>,
    /// The certificate that the client showed, as DER; it has been verified.
    pub(crate) client_certificate: Option<Vec<u8>>,
    /// Whether an earlier session was resumed, so that no certificate was shown.
    pub(crate) resumed: bool,
}

impl Request {
    /// The first field line of a name, where it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// User and password, where `Authorization` holds a well-formed Basic credential.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header("authorization")?.strip_prefix("Basic ")?;
        let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// The token, where `Authorization` holds a Bearer credential.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// Whether the client showed a certificate that the test authority vouches for.
    pub(crate) fn has_client_certificate(&self) -> bool {
        let tls = self.tls.as_ref();
        tls.is_some_and(|tls| tls.client_certificate.is_some())
    }
}
