//! From sockets to connections: a place for each, TLS where it is configured, and the address at
//! which it came in.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower_layer::Layer as _;

use super::access::Access;
use super::connection::{Connection, Wire};
use super::limits::Limits;
use super::tls::Terminal;

const SPEAK_TLS: &[u8] = b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\n\
    Connection: close\r\n\r\nthis port speaks HTTPS\n";

/// The address at which a connection came in.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalAddress(pub(super) SocketAddr);

/// Lets connections in.
#[derive(Clone, Debug)]
pub(super) struct Entrance {
    access: Access,
    limits: Limits,
    places: Arc<Semaphore>,
}

impl Entrance {
    pub(super) fn new(access: Access, limits: Limits) -> Self {
        Self {
            access,
            limits,
            places: Arc::new(Semaphore::new(limits.places)),
        }
    }

    async fn admit(self, stream: TcpStream) -> io::Result<(Connection, LocalAddress)> {
        let Ok(place) = self.places.try_acquire_owned() else {
            tracing::debug!("a connection to the web port was closed: all places are taken");
            return Err(ErrorKind::QuotaExceeded.into());
        };
        stream.set_nodelay(true)?;
        let local = LocalAddress(stream.local_addr()?);
        let terminal = self.access.rules().terminal.clone();
        let wire = match terminal {
            None => Wire::Plain(stream),
            Some(terminal) => {
                let shaken =
                    tokio::time::timeout(self.limits.handshake, shake_hands(terminal, stream))
                        .await;
                Wire::Tls(Box::new(shaken??))
            }
        };
        Ok((Connection::new(wire, self.limits.stall, place), local))
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for Entrance {
    type Stream = Connection;
    type Service = AddExtension<S, LocalAddress>;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let entrance = self.clone();
        Box::pin(async move {
            let (connection, local) = entrance.admit(stream).await?;
            Ok((connection, Extension(local).layer(service)))
        })
    }
}

async fn shake_hands(
    terminal: Arc<Terminal>,
    stream: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    if first[0].is_ascii_uppercase() {
        return Err(answer_in_clear_text(stream).await);
    }
    let current = Arc::clone(&terminal);
    let config = tokio::task::spawn_blocking(move || current.config()).await?;
    let stream = TlsAcceptor::from(config).accept(stream).await?;
    let (_, session) = stream.get_ref();
    if terminal.admits(session.peer_certificates()) {
        Ok(stream)
    } else {
        Err(ErrorKind::PermissionDenied.into())
    }
}

/// Somebody wrote `http://` for `https://`, and is told in words.
async fn answer_in_clear_text(mut stream: TcpStream) -> io::Error {
    // What is left unread would turn the close into a reset, and take the answer with it.
    let mut request = [0; 8 * 1024];
    let told = async {
        let _read = stream.read(&mut request).await?;
        stream.write_all(SPEAK_TLS).await?;
        stream.shutdown().await
    };
    match told.await {
        Ok(()) => ErrorKind::InvalidData.into(),
        Err(error) => error,
    }
}
