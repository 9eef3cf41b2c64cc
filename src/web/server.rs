//! The port itself: bound, served, and closed in good order.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum_server::Handle;
use hyper_util::rt::TokioTimer;

use super::access::Access;
use super::backend::Backend;
use super::entrance::Entrance;
use super::limits::Limits;
use super::routes::router;
use super::settings::Settings;
use super::tls::TlsError;

/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// Why the port cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address is taken, not ours, or not allowed.
    #[error("cannot listen on {address} (`web.listen`)")]
    Bind {
        /// Where the port was to listen.
        address: SocketAddr,
        /// Why it does not.
        source: io::Error,
    },
    /// The socket that was handed over cannot be used, or one's own broke.
    #[error("the socket of the web port cannot be used")]
    Socket(#[from] io::Error),
    /// TLS cannot be spoken as configured.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system gives no random bytes.
    #[error("there is no randomness for the web port")]
    Randomness,
}

/// A bound port, not served yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    access: Access,
    limits: Limits,
}

impl Server {
    /// Binds the port, or takes one that systemd has bound, and reads what TLS needs.
    pub fn bind(settings: &Settings, inherited: Option<TcpListener>) -> Result<Self, WebError> {
        let listener = match inherited {
            Some(listener) => listener,
            None => TcpListener::bind(settings.listen).map_err(|source| {
                let address = settings.listen;
                WebError::Bind { address, source }
            })?,
        };
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let access = Access::new(settings.clone(), address)?;
        Ok(Self {
            listener,
            address,
            access,
            limits: Limits::default(),
        })
    }

    /// The same port with other limits than the defaults.
    #[must_use]
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who may come in; stays good while the port is served.
    pub fn access(&self) -> Access {
        self.access.clone()
    }

    /// What is unwise about the settings, a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        self.access.warnings()
    }

    /// Serves until `stop`, and then for some seconds more what is under way.
    pub async fn serve(
        self,
        backend: Arc<dyn Backend>,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<(), WebError> {
        let handle = Handle::new();
        let mut server = axum_server::from_tcp(self.listener)?
            .acceptor(Entrance::new(self.access.clone(), self.limits))
            .handle(handle.clone())
            .http1_only();
        server
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_buf_size(MAX_HEAD);
        let router = router(self.access.clone(), backend);
        let serving = server.serve(router.into_make_service());
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            never = self.access.refill() => match never {},
            () = stop => handle.graceful_shutdown(Some(self.limits.grace)),
        }
        Ok(serving.await?)
    }
}
