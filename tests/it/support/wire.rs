//! A client of a few lines, for what an HTTP library would hide: bytes out, bytes in.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::certificates::{Issued, provider, roots};

/// How long a peer may be silent before it counts as hanging.
///
/// It is not waited for where a peer speaks or closes; a peer that really hangs costs this much.
pub(crate) const PATIENCE: Duration = Duration::from_millis(400);

/// What a peer sent, and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The bytes that came, as latin-1.
    pub(crate) text: String,
    /// How they ended.
    pub(crate) end: End,
}

/// How a peer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It closed.
    Closed,
    /// It broke the connection off, by a reset or by a TLS alert.
    Broken,
    /// It was silent for longer than [`PATIENCE`].
    Silent,
    /// It went on beyond the limit.
    Endless,
}

/// Sends bytes over a new connection and listens to at most `limit` bytes.
pub(crate) async fn exchange(address: SocketAddr, request: &str, limit: usize) -> Heard {
    // A reset may be quicker than the connection itself.
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return Heard {
            text: String::new(),
            end: End::Broken,
        };
    };
    // A peer that does not read is no fault here.
    drop(stream.write_all(request.as_bytes()).await);
    listen(&mut stream, limit).await
}

/// Listens until the peer ends or `limit` bytes are exceeded.
pub(crate) async fn listen(stream: &mut (impl AsyncReadExt + Unpin), limit: usize) -> Heard {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let end = loop {
        match tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await {
            Err(_) => break End::Silent,
            Ok(Ok(0)) => break End::Closed,
            Ok(Ok(count)) => bytes.extend_from_slice(&buffer[..count]),
            Ok(Err(_)) => break End::Broken,
        }
        if bytes.len() > limit {
            break End::Endless;
        }
    };
    let text = bytes.iter().map(|byte| char::from(*byte)).collect();
    Heard { text, end }
}

/// A request without body to `/`, over HTTP/1.1, on a connection of its own.
pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: lab.test\r\nConnection: close\r\n\r\n")
}

/// A client's side of TLS that trusts the test authority and resumes sessions.
#[derive(Clone, Debug)]
pub(crate) struct TlsClient {
    config: Arc<ClientConfig>,
}

impl TlsClient {
    /// A client that offers one protocol and may show a certificate.
    pub(crate) fn new(protocol: &str, identity: Option<&Issued>) -> Self {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots());
        let mut config = match identity {
            Some(issued) => builder
                .with_client_auth_cert(vec![issued.certificate_der()], issued.key_der())
                .unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        Self {
            config: Arc::new(config),
        }
    }

    /// Connects; the error is the one of the handshake.
    pub(crate) async fn connect(
        &self,
        address: SocketAddr,
    ) -> Result<TlsStream<TcpStream>, std::io::Error> {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::from(address.ip());
        let handshake = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream);
        tokio::time::timeout(PATIENCE, handshake)
            .await
            .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    }

    /// Sends bytes over a new connection and listens to at most `limit` bytes.
    pub(crate) async fn exchange(
        &self,
        address: SocketAddr,
        request: &str,
        limit: usize,
    ) -> Result<Heard, std::io::Error> {
        let mut stream = self.connect(address).await?;
        drop(stream.write_all(request.as_bytes()).await);
        Ok(listen(&mut stream, limit).await)
    }
}
