//! What every probe of an endpoint has in common, made once.

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use super::client::ProberError;
use crate::domain::courier::Call;
use crate::domain::endpoint::{Endpoint, FollowRedirects, HeaderText, HttpChoice};
use crate::domain::secret::SecretRef;

/// An endpoint, ready to be knocked on.
#[derive(Clone, Debug)]
pub struct Target {
    pub(super) client: reqwest::Client,
    /// The URL as configured.
    pub(super) url: Url,
    /// The expected server name, which takes the host's place in the URL that is dialled.
    pub(super) server_name: Option<String>,
    pub(super) http_version: HttpChoice,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) secret_headers: Vec<(HeaderName, SecretRef)>,
    pub(super) body: Option<Bytes>,
    pub(super) follow_redirects: FollowRedirects,
    pub(super) body_size_limit: usize,
    pub(super) proxied: bool,
    /// Whether the proxy itself is reached over TLS, where it could ask for a client certificate.
    pub(super) proxied_by_tls: bool,
}

impl Target {
    /// The URL as configured, which names the door.
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn new(endpoint: &Endpoint, client: reqwest::Client) -> Result<Self, ProberError> {
        let (request, transport) = (&endpoint.request, &endpoint.transport);
        let mut headers = HeaderMap::new();
        let mut secret_headers = Vec::new();
        headers.insert(USER_AGENT, request.user_agent.clone());
        for (name, text) in &request.headers {
            match text {
                HeaderText::Plain(value) => {
                    // The first line of a name replaces a default, further ones join it.
                    if name == USER_AGENT {
                        headers.insert(name, value.clone());
                    } else {
                        headers.append(name, value.clone());
                    }
                }
                HeaderText::Secret(secret) => secret_headers.push((name.clone(), secret.clone())),
            }
        }
        let target = Self {
            client,
            url: request.url.clone(),
            server_name: transport.server_name.clone(),
            http_version: transport.http_version,
            method: request.method.clone(),
            headers,
            secret_headers,
            body: request.body.as_deref().map(Bytes::copy_from_slice),
            follow_redirects: request.follow_redirects,
            body_size_limit: request.body_size_limit,
            proxied: transport.proxy.is_some(),
            proxied_by_tls: is_tls(transport.proxy.as_ref()),
        };
        target.with_host()
    }

    /// What one request of a credential's own is sent with.
    pub(super) fn of_call(
        call: &Call,
        body: Option<Bytes>,
        client: reqwest::Client,
    ) -> Result<Self, ProberError> {
        let target = Self {
            client,
            url: call.url.clone(),
            server_name: call.transport.server_name.clone(),
            http_version: call.transport.http_version,
            method: call.method.clone(),
            headers: HeaderMap::new(),
            secret_headers: Vec::new(),
            body,
            follow_redirects: FollowRedirects::Never,
            body_size_limit: call.body_size_limit,
            proxied: call.transport.proxy.is_some(),
            proxied_by_tls: is_tls(call.transport.proxy.as_ref()),
        };
        target.with_host()
    }

    /// Where an expected server name stands in the URL, the host goes into a header of its own.
    fn with_host(mut self) -> Result<Self, ProberError> {
        if let Some(name) = &self.server_name {
            let unusable = || ProberError::ServerName(name.clone());
            self.dialled(&self.url).ok_or_else(unusable)?;
            // HTTP/2 has one field for both, which then holds the server name.
            if !self.headers.contains_key(HOST) && self.http_version != HttpChoice::Http2 {
                let host = HeaderValue::try_from(authority(&self.url));
                self.headers.insert(HOST, host.ok().ok_or_else(unusable)?);
            }
        }
        Ok(self)
    }

    /// The URL as the client must see it, so that it sends and expects the right server name.
    pub(super) fn dialled(&self, url: &Url) -> Option<Url> {
        let mut dialled = url.clone();
        if let Some(name) = &self.server_name {
            dialled.set_host(Some(name)).ok()?;
        }
        Some(dialled)
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_tls(proxy: Option<&Url>) -> bool {
    proxy.is_some_and(|url| url.scheme() == "https")
}
