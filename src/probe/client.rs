//! The clients: one for each way of travelling, with every default changed that would blind a
//! monitor.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use tower_layer::Layer;
use tower_service::Service;
use url::Url;

use super::certificate::Certificates;
use super::target::Target;
use super::tls::Trust;
use super::trace;
use crate::clock::SharedClock;
use crate::domain::endpoint::{Endpoint, HttpChoice, IpProtocol, Transport};

/// Field lines that an answer may have: a header section of 64 KiB holds no more.
const MOST_FIELD_LINES: usize = 16_384;

/// The header section that an HTTP/2 answer may have, in bytes as RFC 9113 §6.5.2 counts them:
/// 64 KiB, and 32 more for each field line.
const LARGEST_HTTP2_HEADER_LIST: u32 = 64 * 1024 + 32 * 16_384;

/// Makes targets of endpoints, and owns what their probes share.
#[derive(Debug)]
pub struct Prober {
    pub(super) clock: SharedClock,
    pub(super) trust: Trust,
    pub(super) certificates: Certificates,
    clients: Mutex<HashMap<Way, reqwest::Client>>,
}

/// What a client is made for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Way {
    transport: Transport,
    /// The dialled host, where an expected server name makes it part of the client.
    host: String,
    /// Whether there are certificates to judge on it.
    certified: bool,
}

/// Why an endpoint cannot be probed at all.
#[derive(Debug, thiserror::Error)]
pub enum ProberError {
    /// A file of authorities holds none that can be used.
    #[error("no certificate authority can be read from `{0}`")]
    Authorities(PathBuf),
    /// The system's trust store is missing or empty.
    #[error(
        "the system's certificate authorities cannot be read ({0}); install them (the package \
         `ca-certificates`) and restart, or name a `ca_file`"
    )]
    SystemTrust(String),
    /// The TLS settings do not go together.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The verifier cannot be built from the authorities.
    #[error("the certificate authorities cannot be used: {0}")]
    Verifier(#[from] rustls::client::VerifierBuilderError),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {}", root(.0))]
    Client(#[from] reqwest::Error),
    /// The expected server name cannot stand in a URL.
    #[error("`{0}` is no server name")]
    ServerName(String),
}

fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

impl Prober {
    /// A prober that has made nothing yet.
    pub fn new(clock: SharedClock) -> Self {
        settle_allocator();
        let (trust, certificates) = (Trust::new(), Certificates::default());
        Self {
            clock,
            trust,
            certificates,
            clients: Mutex::default(),
        }
    }

    /// The time that its probes are measured by.
    pub fn clock(&self) -> SharedClock {
        Arc::clone(&self.clock)
    }

    /// Prepares what every probe of an endpoint has in common.
    pub fn target(&self, endpoint: &Endpoint) -> Result<Target, ProberError> {
        let client = self.client_for(&endpoint.request.url, &endpoint.transport)?;
        Target::new(endpoint, client)
    }

    /// The client that reaches a URL in this way.
    pub(super) fn client_for(
        &self,
        url: &Url,
        transport: &Transport,
    ) -> Result<reqwest::Client, ProberError> {
        let is_https = |url: &Url| url.scheme() == "https";
        let certified = is_https(url) || transport.proxy.as_ref().is_some_and(is_https);
        if certified {
            self.trust.warm_up();
        }
        let host = url.host_str().filter(|_| transport.server_name.is_some());
        self.client(Way {
            transport: transport.clone(),
            host: host.unwrap_or_default().to_owned(),
            certified,
        })
    }

    fn client(&self, way: Way) -> Result<reqwest::Client, ProberError> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&way) {
            return Ok(client.clone());
        }
        let client = build(&self.trust, &way)?;
        clients.insert(way, client.clone());
        Ok(client)
    }
}

/// Teaches glibc's allocator to keep what it is given back.
///
/// hyper takes room for [`MOST_FIELD_LINES`] twice for each head that it reads. That is more than
/// glibc hands out without a system call, until it has once been given back a larger piece: from
/// then on pieces up to that size are reused (`M_MMAP_THRESHOLD` in mallopt(3)). Without it, a
/// server that floods with 1xx heads keeps a thread in the kernel for minutes.
fn settle_allocator() {
    drop(std::hint::black_box(vec![1_u8; 4 << 20]));
}

fn build(trust: &Trust, way: &Way) -> Result<reqwest::Client, ProberError> {
    let transport = &way.transport;
    let resolver = FamilyResolver {
        family: transport.ip_protocol,
        overrides: transport
            .resolve
            .iter()
            .map(|(name, address)| (name.clone(), *address))
            .collect(),
        renamed: transport
            .server_name
            .clone()
            .map(|name| (name, way.host.clone())),
    };
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // A connection that lives for one exchange needs no keeping alive.
        .tcp_keepalive(None)
        .tcp_keepalive_interval(None)
        .tcp_keepalive_retries(None)
        .tcp_user_timeout(None)
        .tls_backend_preconfigured(trust.configure(transport, way.certified)?)
        .dns_resolver(Arc::new(resolver))
        .connector_layer(Milestones)
        // What browsers and curl put up with must not hide an answer from a monitor.
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_max_headers(MOST_FIELD_LINES)
        .http2_max_header_list_size(LARGEST_HTTP2_HEADER_LIST);
    if let Some(proxy) = &transport.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.clone())?);
    }
    builder = match transport.http_version {
        HttpChoice::Any => builder,
        HttpChoice::Http11 => builder.http1_only(),
        HttpChoice::Http2 => builder.http2_prior_knowledge(),
    };
    Ok(builder.build()?)
}

/// Resolves names by the system, with the configured exceptions, and marks when.
#[derive(Clone, Debug)]
struct FamilyResolver {
    family: IpProtocol,
    overrides: HashMap<String, IpAddr>,
    /// The expected server name stands in the URL for this host.
    renamed: Option<(String, String)>,
}

impl Resolve for FamilyResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = match &self.renamed {
            Some((expected, dialled)) if expected == name.as_str() => dialled.clone(),
            _ => name.as_str().to_owned(),
        };
        let fixed = self
            .overrides
            .get(&host)
            .copied()
            .or_else(|| literal(&host));
        let family = self.family;
        Box::pin(async move {
            trace::mark(|marks, now| marks.resolve_begun = Some(now));
            let found: Vec<SocketAddr> = match fixed {
                Some(address) => vec![SocketAddr::new(address, 0)],
                None => tokio::net::lookup_host((host.as_str(), 0)).await?.collect(),
            };
            let wanted: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| family.allows(address.ip()))
                .collect();
            if wanted.is_empty() {
                return Err("the name has no address of the wanted family".into());
            }
            trace::mark(|marks, now| {
                marks.resolved = Some(now);
                if let [only] = wanted.as_slice() {
                    marks.only_address = Some(only.ip());
                }
            });
            Ok(Box::new(wanted.into_iter()) as Addrs)
        })
    }
}

/// An address as the host of a URL is written: version 6 in brackets.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// Marks the beginning and the end of a connection's making.
#[derive(Clone, Copy, Debug)]
struct Milestones;

impl<S> Layer<S> for Milestones {
    type Service = Marked<S>;

    fn layer(&self, connector: S) -> Marked<S> {
        Marked(connector)
    }
}

#[derive(Clone, Debug)]
struct Marked<S>(S);

impl<S, R> Service<R> for Marked<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        trace::mark(|marks, now| marks.connector_called = Some(now));
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connection = connecting.await?;
            trace::mark(|marks, now| marks.connected = Some(now));
            Ok(connection)
        })
    }
}
