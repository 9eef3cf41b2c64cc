//! What a valid configuration says of the web port.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use crate::domain::endpoint::TlsVersion;
use crate::domain::secret::Secret;

/// The port with metrics, status page and API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Where people reach the port, for links.
    pub external_url: Option<Url>,
    /// `Host` values to accept beside the listen address and loopback; in lower case.
    pub hosts: Vec<String>,
    /// Whether `POST /-/reload` reads the configuration again.
    pub enable_lifecycle: bool,
    /// A web configuration file in the format of exporter-toolkit.
    pub config_file: Option<PathBuf>,
    /// What that file says; nothing without it.
    pub protection: Protection,
}

impl Settings {
    /// The URL of the status page for links; `None` where the port listens on every address, and
    /// nobody said which one people use.
    pub fn page(&self) -> Option<Url> {
        let scheme = match self.protection.tls {
            Some(_) => "https",
            None => "http",
        };
        let listen = || {
            let reachable = !self.listen.ip().is_unspecified();
            let text = reachable.then(|| format!("{scheme}://{}/", self.listen))?;
            Url::parse(&text).ok()
        };
        self.external_url.clone().or_else(listen)
    }
}

/// What a web configuration file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// TLS; plain HTTP without.
    pub tls: Option<Tls>,
    /// Who may come in; everybody, where there is nobody.
    pub users: Users,
    /// Headers of every answer, in the place of this program's own.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How many requests are answered.
    pub rate_limit: Option<RateLimit>,
}

/// Users with the bcrypt hashes of their passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Users(pub BTreeMap<String, Secret>);

/// Neither names nor hashes: a hash is as good as the password to whoever has the time.
impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Users({})", self.0.len())
    }
}

/// A token bucket for all requests together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The time after which one more request may be made; above zero.
    pub interval: Duration,
    /// How many requests may come at once; at least one.
    pub burst: usize,
}

/// How the port speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The server's certificates, its own first.
    pub certificate: Pem,
    /// Its private key.
    pub key: Pem,
    /// Whether clients show a certificate.
    pub clients: ClientCertificates,
    /// The versions that are spoken.
    pub range: TlsRange,
    /// Names of cipher suites as rustls has them; all of its defaults, if empty.
    pub cipher_suites: Vec<String>,
    /// Names of key exchange groups as rustls has them; all of its defaults, if empty.
    pub groups: Vec<String>,
    /// Whether the server's order of cipher suites counts, and not the client's.
    pub server_order: bool,
}

/// The oldest and the newest version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsRange {
    /// The oldest.
    pub min: TlsVersion,
    /// The newest; not older than `min`.
    pub max: TlsVersion,
}

impl Default for TlsRange {
    fn default() -> Self {
        Self {
            min: TlsVersion::Tls12,
            max: TlsVersion::Tls13,
        }
    }
}

/// Something in PEM form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pem {
    /// In a file, which is read again when it changes.
    File(PathBuf),
    /// In the configuration itself.
    Text(Secret),
}

/// Whether clients show a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked for one.
    Unasked,
    /// They may; a bad one is refused.
    Optional {
        /// Whose certificates are good.
        authorities: Pem,
    },
    /// They must.
    Required {
        /// Whose certificates are good.
        authorities: Pem,
        /// Alternative names of which the certificate must have one; any will do, if empty.
        names: Vec<String>,
    },
}
