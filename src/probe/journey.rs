//! What happens to one request and the redirects that it follows, from the first mark to the last
//! byte.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use tokio::time::{Instant as Deadline, timeout_at};
use url::Url;

use super::client::Prober;
use super::silence;
use super::target::Target;
use super::trace::{Marks, Trace};
use super::visit::{Prepared, add_key, header_value};
use crate::domain::endpoint::{FollowRedirects, Origin};
use crate::domain::finding::Reason;
use crate::domain::observation::{
    Answer, Body, BodyEnd, Field, HttpVersion, Observation, Outcome, Phases, Silence, Tls,
};
use crate::domain::presenter::{Asked, Proof};

/// Redirects that are followed within an origin.
const MOST_HOPS: usize = 5;

/// Requests that a scheme may add to the first one of a hop: its answer to a challenge, and one more
/// where the challenge had gone stale.
const MOST_REPLIES: usize = 2;

/// A probe on its way: the hops so far, and what they add up to.
pub(super) struct Journey<'a> {
    prober: &'a Prober,
    target: &'a Target,
    prepared: Prepared,
    method: Method,
    body: Option<Bytes>,
    started: Instant,
    deadline: Deadline,
    phases: Phases,
    remote_addr: Option<SocketAddr>,
    tls: Option<Tls>,
    first_location: Option<Vec<u8>>,
    /// What the scheme has added to the headers of this hop.
    added: Vec<HeaderName>,
    replies: usize,
    /// How often the scheme had an answer to what was asked, over all hops.
    replied: usize,
}

/// What a journey came to.
pub(super) struct Travelled {
    pub(super) observation: Observation,
    /// What the server proved.
    pub(super) proof: Option<Proof>,
    /// How often the scheme answered; `None` where it is one that waits for no challenge.
    pub(super) answered: Option<usize>,
}

/// What one exchange came to.
enum Exchange {
    Head(reqwest::Response),
    Silence(Silence),
}

impl<'a> Journey<'a> {
    pub(super) fn new(
        prober: &'a Prober,
        target: &'a Target,
        prepared: Prepared,
        timeout: Duration,
    ) -> Self {
        let started = prober.clock.monotonic();
        Self {
            prober,
            target,
            prepared,
            method: target.method.clone(),
            body: target.body.clone(),
            started,
            deadline: Deadline::from_std(started) + timeout,
            phases: Phases::default(),
            remote_addr: None,
            tls: None,
            first_location: None,
            added: Vec::new(),
            replies: 0,
            replied: 0,
        }
    }

    /// Goes from hop to hop until there is an observation.
    pub(super) async fn travel(mut self) -> Travelled {
        let mut hops = 0;
        let outcome = loop {
            let response = match self.exchange().await {
                Exchange::Head(response) => response,
                Exchange::Silence(silence) => break Outcome::Silence(silence),
            };
            if self.replies < MOST_REPLIES && self.go_on(&response) {
                self.replies += 1;
                self.replied += 1;
                continue;
            }
            let next = (hops < MOST_HOPS).then(|| self.next(&response)).flatten();
            self.first_location
                .get_or_insert_with(|| location(&response).unwrap_or_default());
            match next {
                Some(url) => self.turn(url, response.status()),
                None => break self.take(response).await,
            }
            hops += 1;
        };
        let proof = self.proof(&outcome);
        let observation = Observation {
            outcome,
            phases: self.phases,
            duration: self.elapsed(),
            remote_addr: self.remote_addr,
            tls: self.tls,
        };
        Travelled {
            observation,
            proof,
            answered: self.prepared.dialogue.as_ref().map(|_| self.replied),
        }
    }

    /// Has the scheme answer what came; whether there is a further request to send.
    fn go_on(&mut self, response: &reqwest::Response) -> bool {
        let asked = Asked {
            method: &self.method,
            url: &self.prepared.url,
            body: self.body.as_deref().unwrap_or_default(),
        };
        let Some(dialogue) = &mut self.prepared.dialogue else {
            return false;
        };
        let status = response.status().as_u16();
        let Some(fields) = dialogue.go_on(&asked, status, response.headers()) else {
            return false;
        };
        for (name, secret) in fields {
            // What a scheme makes of a secret fits a header, or there is nothing to send.
            let Ok(value) = header_value(&secret) else {
                return false;
            };
            self.prepared.headers.insert(&name, value);
            self.added.push(name);
        }
        true
    }

    fn proof(&self, outcome: &Outcome) -> Option<Proof> {
        let Outcome::Answer(answer) = outcome else {
            return None;
        };
        let asked = Asked {
            method: &self.method,
            url: &self.prepared.url,
            body: self.body.as_deref().unwrap_or_default(),
        };
        self.prepared.dialogue.as_ref()?.proof(&asked, answer)
    }

    /// One request, to the end of the answer's header section.
    async fn exchange(&mut self) -> Exchange {
        let Some(request) = self.request() else {
            let detail = "the server name cannot stand in a URL".to_owned();
            return Exchange::Silence(Silence {
                reason: Reason::ProbeFailed,
                detail,
            });
        };
        let trace = Trace::new(
            Arc::clone(&self.prober.clock),
            self.prepared.identity.clone(),
        );
        let sending = trace.around(self.target.client.execute(request));
        let sent = timeout_at(self.deadline, sending).await;
        let marks = trace.marks();
        self.add(&marks);
        match sent {
            Ok(Ok(response)) => {
                self.remote_addr = response.remote_addr().or(self.remote_addr);
                self.by_proxy(&response)
                    .map_or(Exchange::Head(response), Exchange::Silence)
            }
            Ok(Err(error)) => {
                Exchange::Silence(silence::of_error(&error, &marks, self.target.proxied))
            }
            Err(_elapsed) => Exchange::Silence(silence::of_timeout(&marks, self.target.proxied)),
        }
    }

    fn request(&self) -> Option<reqwest::Request> {
        let url = self.target.dialled(&self.prepared.url)?;
        let mut request = reqwest::Request::new(self.method.clone(), url);
        request.headers_mut().clone_from(&self.prepared.headers);
        *request.body_mut() = self.body.clone().map(reqwest::Body::from);
        Some(request)
    }

    /// Adds what one exchange showed on its way to the header section.
    fn add(&mut self, marks: &Marks) {
        let now = self.prober.clock.monotonic();
        let waited = marks
            .connected
            .map(|from| now.saturating_duration_since(from));
        add(&mut self.phases.resolve, marks.resolve());
        add(&mut self.phases.connect, marks.connect());
        add(&mut self.phases.tls, marks.tls());
        add(&mut self.phases.processing, waited);
        let address = marks.only_address.or_else(|| literal(&self.prepared.url));
        if let (Some(address), false) = (address, self.target.proxied) {
            let port = self
                .prepared
                .url
                .port_or_known_default()
                .unwrap_or_default();
            self.remote_addr = Some(SocketAddr::new(address, port));
        }
        if marks.tls_begun.is_some() {
            let chain = self.prober.certificates.read(&marks.chain);
            self.tls = Some(Tls {
                version: marks.tls_version,
                chain,
            });
        }
    }

    /// A 407 to a request that a proxy was to pass on is the proxy's own (RFC 9110 §15.5.8).
    fn by_proxy(&self, response: &reqwest::Response) -> Option<Silence> {
        let own = response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
            && self.target.proxied
            && self.prepared.url.scheme() == "http";
        own.then(|| Silence {
            reason: Reason::ProxyFailure,
            detail: "the proxy asks for credentials of its own (407)".to_owned(),
        })
    }

    /// Where to go on, if redirects are followed and this one stays within the origin.
    fn next(&self, response: &reqwest::Response) -> Option<Url> {
        let follows = self.target.follow_redirects == FollowRedirects::SameOrigin;
        if !follows || !response.status().is_redirection() {
            return None;
        }
        let location = location(response)?;
        let next = self
            .prepared
            .url
            .join(std::str::from_utf8(&location).ok()?)
            .ok()?;
        // A user that the server names would be shown in the place of the persona.
        let names_a_user = !next.username().is_empty() || next.password().is_some();
        let stays = Origin::of(&next) == Origin::of(&self.prepared.url);
        (stays && !names_a_user).then_some(next)
    }

    /// Turns to the next hop, with the method that RFC 9110 §15.4 leaves.
    fn turn(&mut self, url: Url, status: StatusCode) {
        let to_get = match status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        if to_get {
            self.method = Method::GET;
            self.body = None;
            for name in [CONTENT_TYPE, CONTENT_LENGTH, TRANSFER_ENCODING] {
                self.prepared.headers.remove(name);
            }
        }
        // An answer to a challenge holds for the URL that it was made for.
        for name in self.added.drain(..) {
            self.prepared.headers.remove(name);
        }
        self.replies = 0;
        if let Some(dialogue) = &mut self.prepared.dialogue {
            dialogue.start_over();
        }
        self.prepared.url = url;
        if let Some(key) = &self.prepared.key
            && url_lacks(&self.prepared.url, &key.0)
        {
            add_key(&mut self.prepared.url, key);
        }
    }

    /// The answer: its head as it came, and its body as far as it is wanted.
    async fn take(&mut self, mut response: reqwest::Response) -> Outcome {
        let status = response.status().as_u16();
        let http_version = version(response.version());
        let fields = fields(response.headers());
        // The header section may be large; it is not held twice while the body drips.
        *response.headers_mut() = HeaderMap::new();
        let begun = self.prober.clock.monotonic();
        let body = self.read(response).await;
        let ended = self.prober.clock.monotonic();
        add(
            &mut self.phases.transfer,
            Some(ended.saturating_duration_since(begun)),
        );
        let first_location = self
            .first_location
            .take()
            .filter(|location| !location.is_empty());
        Outcome::Answer(Answer {
            status,
            http_version,
            fields,
            body,
            first_location,
        })
    }

    async fn read(&self, mut response: reqwest::Response) -> Body {
        let limit = self.target.body_size_limit;
        let mut bytes = Vec::new();
        loop {
            match timeout_at(self.deadline, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    let room = limit - bytes.len();
                    bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                    if chunk.len() > room {
                        return Body {
                            bytes,
                            end: BodyEnd::CutOff,
                        };
                    }
                }
                Ok(Ok(None)) => {
                    return Body {
                        bytes,
                        end: BodyEnd::Complete,
                    };
                }
                Ok(Err(error)) => {
                    return Body {
                        bytes,
                        end: BodyEnd::Broken(silence::of_body_error(&error)),
                    };
                }
                Err(_elapsed) => {
                    return Body {
                        bytes,
                        end: BodyEnd::Broken(silence::of_stalled_body()),
                    };
                }
            }
        }
    }

    fn elapsed(&self) -> Duration {
        self.prober
            .clock
            .monotonic()
            .saturating_duration_since(self.started)
    }
}

fn add(sum: &mut Option<Duration>, part: Option<Duration>) {
    if let Some(part) = part {
        *sum = Some(sum.unwrap_or_default() + part);
    }
}

fn literal(url: &Url) -> Option<std::net::IpAddr> {
    match url.host() {
        Some(url::Host::Ipv4(address)) => Some(address.into()),
        Some(url::Host::Ipv6(address)) => Some(address.into()),
        Some(url::Host::Domain(_)) | None => None,
    }
}

fn location(response: &reqwest::Response) -> Option<Vec<u8>> {
    response
        .headers()
        .get(LOCATION)
        .map(|value| value.as_bytes().to_vec())
}

fn version(version: Version) -> HttpVersion {
    match version {
        Version::HTTP_2 => HttpVersion::Http2,
        Version::HTTP_3 => HttpVersion::Http3,
        Version::HTTP_11 => HttpVersion::Http11,
        _ => HttpVersion::Http10,
    }
}

fn fields(headers: &HeaderMap) -> Vec<Field> {
    let field = |(name, value): (&HeaderName, &HeaderValue)| Field {
        name: name.clone(),
        value: value.as_bytes().trim_ascii().to_vec(),
    };
    headers.iter().map(field).collect()
}

/// Whether a redirect left the key behind; one that carries it along needs no second.
fn url_lacks(url: &Url, name: &str) -> bool {
    url.query_pairs().all(|(other, _)| other != name)
}
