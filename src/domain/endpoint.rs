//! What is watched: where a request goes, how it travels, and which checks are made of it.

mod tokens;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
pub use tokens::TokenEndpoint;
use url::Url;

use super::check::{Check, CheckId, Name};
use super::finding::{Class, Severity};
use super::secret::SecretRef;

/// A URL that is watched, with its checks and the settings that hold for all of them.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The name, unique in the configuration.
    pub name: Name,
    /// What is sent.
    pub request: Request,
    /// How it travels.
    pub transport: Transport,
    /// The checks, in the order of the configuration.
    pub checks: Vec<Check>,
    /// The time between two probes of a check.
    pub interval: Duration,
    /// The time between two probes that show a credential which must be refused.
    pub refused_interval: Duration,
    /// From name resolution to the last byte of a probe's whole chain; shorter than `interval`.
    pub timeout: Duration,
    /// Severities that differ from a class's own. Never holds `bypass`.
    pub severity: BTreeMap<Class, Severity>,
    /// Whether Basic and Bearer may be offered, and credentials sent, over clear text.
    pub allow_cleartext: bool,
    /// What a change of the challenge is worth.
    pub drift: Drift,
    /// How many bad verdicts confirm a regression; class by class.
    pub confirm: Confirm,
    /// The configured labels: a copy of the global ones with the endpoint's own on top.
    pub labels: BTreeMap<String, String>,
    /// Where the on-call engineer reads on.
    pub runbook_url: Option<Url>,
    /// The credential whose tokens or sessions come from here; `None` where somebody configured the
    /// endpoint. What is judged is whether there is a token, and not the answer.
    pub tokens_of: Option<Name>,
}

impl Endpoint {
    /// Names one of its checks.
    pub fn check_id(&self, check: &Check) -> CheckId {
        CheckId {
            endpoint: self.name.clone(),
            check: check.name.clone(),
        }
    }

    /// Scheme, host and port: what probes that must be refused are paced by.
    pub fn origin(&self) -> Origin {
        Origin::of(&self.request.url)
    }
}

/// What is sent, the same for every persona but for the credential.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where to; never holds user information.
    pub url: Url,
    /// `GET` unless configured.
    pub method: Method,
    /// Configured headers, in order.
    pub headers: Vec<(HeaderName, HeaderText)>,
    /// The configured body, if any.
    pub body: Option<Arc<[u8]>>,
    /// The `User-Agent`, fixed and recognisable so that it can be allow-listed.
    pub user_agent: HeaderValue,
    /// How far redirects are followed.
    pub follow_redirects: FollowRedirects,
    /// How many bytes of an answer's body are read; the rest is left on the wire.
    pub body_size_limit: usize,
}

/// The value of a configured header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderText {
    /// Written in the configuration.
    Plain(HeaderValue),
    /// Read when the probe is sent.
    Secret(SecretRef),
}

/// How far redirects are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FollowRedirects {
    /// Not at all: a redirect is an answer like any other.
    #[default]
    Never,
    /// Up to five hops, as long as scheme, host and port stay the same.
    SameOrigin,
}

/// How a request travels. Endpoints with equal transports can share a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Transport {
    /// Certificate authorities in place of the system's.
    pub authorities: Option<Authorities>,
    /// The name to expect in the certificate and to send as SNI, if not the URL's host.
    pub server_name: Option<String>,
    /// The oldest TLS version to accept.
    pub min_version: TlsVersion,
    /// Whether any certificate will do. Its dates are still watched.
    pub insecure_skip_verify: bool,
    /// The proxy, if any; the environment's proxy variables are never used.
    pub proxy: Option<Url>,
    /// Which family of addresses to dial.
    pub ip_protocol: IpProtocol,
    /// Addresses to dial in place of name resolution.
    pub resolve: BTreeMap<String, IpAddr>,
    /// The HTTP version to speak.
    pub http_version: HttpChoice,
}

/// A file of PEM certificates that was read with the configuration.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Authorities {
    /// The file, for messages.
    pub path: PathBuf,
    /// Its bytes: at least one certificate.
    pub pem: Arc<[u8]>,
}

/// Names the bytes in the place of telling thousands of them.
impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hasher = DefaultHasher::new();
        self.pem.hash(&mut hasher);
        f.debug_struct("Authorities")
            .field("path", &self.path)
            .field("pem", &format_args!("{:x}", hasher.finish()))
            .finish()
    }
}

/// A version of TLS that this program can speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// TLS 1.2, RFC 5246.
    #[default]
    Tls12,
    /// TLS 1.3, RFC 8446.
    Tls13,
}

impl TlsVersion {
    /// The name as people and JSON have it: `TLS 1.2` or `TLS 1.3`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }
}

/// Which family of addresses to dial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IpProtocol {
    /// Whichever answers first.
    #[default]
    Any,
    /// IPv4 only.
    Ip4,
    /// IPv6 only.
    Ip6,
}

impl IpProtocol {
    /// Whether an address is of the wanted family.
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Ip4 => address.is_ipv4(),
            Self::Ip6 => address.is_ipv6(),
        }
    }
}

/// Which HTTP version to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HttpChoice {
    /// What the server prefers: by ALPN over TLS, HTTP/1.1 over clear text.
    #[default]
    Any,
    /// HTTP/1.1 and nothing else.
    Http11,
    /// HTTP/2 and nothing else; over clear text with prior knowledge.
    Http2,
}

/// What a change of the challenge is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drift {
    /// Shown and advised.
    #[default]
    Record,
    /// A finding, until it is accepted.
    Alert,
    /// Nothing.
    Ignore,
}

/// How many consecutive verdicts confirm a regression and a recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// For every class that has no entry of its own.
    pub default: Strikes,
    /// Class by class. Never holds `bypass`, which is told at the first answer.
    pub classes: BTreeMap<Class, Strikes>,
}

/// How many in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strikes {
    /// Bad verdicts that open an incident; at least 1.
    pub failures: u32,
    /// Good answers that resolve it; at least 1.
    pub recoveries: u32,
}

/// Scheme, host and port of a URL (RFC 6454 §4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// `http` or `https`.
    pub scheme: String,
    /// The host, as the URL has it.
    pub host: String,
    /// The port, the scheme's own where the URL names none.
    pub port: u16,
}

impl Origin {
    /// The origin of a URL.
    pub fn of(url: &Url) -> Self {
        Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        }
    }
}

/// Whether a URL's host can only be this machine: a loopback address, `localhost` or below it
/// (RFC 6761 §6.3).
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => {
            // The address of a `socks5` proxy is a name to the standard of URLs.
            let address = name.parse::<std::net::Ipv4Addr>();
            name == "localhost"
                || name.ends_with(".localhost")
                || address.is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}
