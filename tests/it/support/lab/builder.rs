//! How a lab server listens: address, TLS, protocol, client certificates.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::server::{StoresServerSessions, WebPkiClientVerifier};
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion, version};

use super::{Lab, Shared, serve};
use crate::support::background::{Background, listen};
use crate::support::certificates::{Certificate, Issued, provider, roots};

/// Which client certificates a TLS server asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Clients {
    /// None.
    #[default]
    Unasked,
    /// It asks; one from the test authority is noted, none is fine, any other ends the handshake.
    Optional,
    /// It ends the handshake unless there is one from the test authority.
    Required,
}

/// Which versions of TLS a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Versions {
    /// 1.2 and 1.3.
    #[default]
    Both,
    /// 1.2 alone: a refused client certificate shows in the handshake itself, not after it.
    Tls12,
    /// 1.3 alone.
    Tls13,
}

/// Collects how a lab server is to listen; [`Builder::start`] starts it.
#[derive(Clone, Debug)]
pub(crate) struct Builder {
    ip: IpAddr,
    certificate: Option<Certificate>,
    alpn: Vec<Vec<u8>>,
    clients: Clients,
    versions: Versions,
    handshake_after: Duration,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            ip: Ipv4Addr::LOCALHOST.into(),
            certificate: None,
            alpn: vec![b"http/1.1".to_vec()],
            clients: Clients::default(),
            versions: Versions::default(),
            handshake_after: Duration::ZERO,
        }
    }
}

impl Builder {
    /// Listens on another loopback address: `127.0.0.2`, `::1`.
    pub(crate) fn on(mut self, ip: impl Into<IpAddr>) -> Self {
        self.ip = ip.into();
        self
    }

    /// Speaks TLS with this certificate.
    pub(crate) fn tls(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Offers HTTP/2 before HTTP/1.1.
    pub(crate) fn http2(mut self) -> Self {
        self.alpn = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        self
    }

    /// Asks for client certificates.
    pub(crate) fn clients(mut self, clients: Clients) -> Self {
        self.clients = clients;
        self
    }

    /// Narrows the versions of TLS.
    pub(crate) fn versions(mut self, versions: Versions) -> Self {
        self.versions = versions;
        self
    }

    /// Lets every handshake wait this long: for what measures its duration.
    pub(crate) fn handshake_after(mut self, wait: Duration) -> Self {
        self.handshake_after = wait;
        self
    }

    /// Starts the server; it can be connected to as soon as this returns.
    pub(crate) fn start(self) -> Lab {
        let (listener, address) = listen(self.ip);
        let shared = Arc::new(Shared::default());
        let issued = self.certificate.map(Certificate::issue);
        *shared.tls.lock().unwrap() = issued.map(|issued| self.config(&issued, None));
        let (wait, served) = (self.handshake_after, Arc::clone(&shared));
        Lab {
            address,
            builder: self,
            shared,
            _background: Background::run(move || serve::serve(listener, served, wait)),
        }
    }

    /// `http` or `https`.
    pub(super) fn scheme(&self) -> &'static str {
        if self.certificate.is_some() {
            "https"
        } else {
            "http"
        }
    }

    /// The TLS side that shows this certificate, with a store of sessions that may be older.
    pub(super) fn config(
        &self,
        issued: &Issued,
        sessions: Option<Arc<dyn StoresServerSessions>>,
    ) -> Arc<ServerConfig> {
        let versions: &[&SupportedProtocolVersion] = match self.versions {
            Versions::Both => &[&version::TLS12, &version::TLS13],
            Versions::Tls12 => &[&version::TLS12],
            Versions::Tls13 => &[&version::TLS13],
        };
        let verifier = WebPkiClientVerifier::builder_with_provider(roots(), provider());
        let verifier = match self.clients {
            Clients::Unasked => WebPkiClientVerifier::no_client_auth(),
            Clients::Optional => verifier.allow_unauthenticated().build().unwrap(),
            Clients::Required => verifier.build().unwrap(),
        };
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![issued.certificate_der()], issued.key_der())
            .unwrap();
        config.alpn_protocols.clone_from(&self.alpn);
        if let Some(sessions) = sessions {
            config.session_storage = sessions;
        }
        Arc::new(config)
    }
}
