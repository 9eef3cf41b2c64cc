//! One exchange with a token endpoint (RFC 6749 §4.4, §5 and §6).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use serde_json::Value;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::domain::finding::Reason;
use crate::domain::oauth2::OAuth2;
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Secret;

/// How long an endpoint may take for all of its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest answer, in bytes; tokens with hundreds of groups in them are some kilobytes.
const LARGEST: usize = 256 * 1024;

/// The secrets that go to the endpoint.
#[derive(Debug)]
pub(in crate::credential) struct Grant {
    /// The client's secret; public clients have none.
    pub(in crate::credential) client_secret: Option<Secret>,
    /// A refresh token, where the client does not ask on its own behalf.
    pub(in crate::credential) refresh_token: Option<Secret>,
}

/// What an endpoint gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) access_token: Secret,
    /// How long it holds, where the endpoint says.
    pub(super) life: Option<Duration>,
    pub(super) refresh_token: Option<Secret>,
}

/// Why an endpoint gave nothing.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) why: Unpresentable,
    /// Whether the endpoint refused what it was shown.
    pub(super) refused: bool,
}

/// Talks to token endpoints; the HTTP client is made at its first use.
#[derive(Debug, Default)]
pub(super) struct Client(OnceLock<reqwest::Client>);

impl Client {
    /// Asks for a token.
    pub(super) async fn fetch(&self, wanted: &OAuth2, grant: &Grant) -> Result<Granted, Failed> {
        let failed = |refused, why: String| Failed {
            why: unavailable(wanted, &why),
            refused,
        };
        let client = self.client().map_err(|why| failed(false, why))?;
        let asking = ask(client, wanted, grant);
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(Ok((status, body))) => {
                let refused = matches!(status, 400 | 401);
                read(status, &body).map_err(|why| failed(refused, why))
            }
            Ok(Err(why)) => Err(failed(false, why)),
            Err(_elapsed) => {
                let why = format!("gave no answer within {} s", PATIENCE.as_secs());
                Err(failed(false, why))
            }
        }
    }

    fn client(&self) -> Result<&reqwest::Client, String> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let made = build()?;
        Ok(self.0.get_or_init(|| made))
    }
}

fn build() -> Result<reqwest::Client, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(&provider));
    let verifier = verifier.map_err(|error| {
        format!("cannot be verified: the system's certificate authorities cannot be read: {error}")
    })?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        // A secret goes where it was configured to go, and nowhere else.
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .tls_backend_preconfigured(config)
        .build()
        .map_err(|error| root(&error))
}

async fn ask(
    client: &reqwest::Client,
    wanted: &OAuth2,
    grant: &Grant,
) -> Result<(u16, Vec<u8>), String> {
    let form = form(wanted, grant);
    let mut request = client
        .post(wanted.token_url.clone())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.expose().to_vec());
    if let Some(secret) = &grant.client_secret {
        let basic = basic(&wanted.client_id, secret);
        let mut value = http::HeaderValue::from_bytes(basic.expose())
            .map_err(|_invalid| "cannot be asked: the client's secret fits no header".to_owned())?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    let broken = |error: reqwest::Error| format!("cannot be asked: {}", root(&error.without_url()));
    let mut response = request.send().await.map_err(broken)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(format!("gave more than {LARGEST} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((response.status().as_u16(), body))
}

/// The body of the request. A client without a secret names itself here (RFC 6749 §3.2.1).
fn form(wanted: &OAuth2, grant: &Grant) -> Secret {
    let mut form = Serializer::new(String::new());
    match &grant.refresh_token {
        Some(token) => {
            form.append_pair("grant_type", "refresh_token");
            form.append_pair("refresh_token", &String::from_utf8_lossy(token.expose()));
        }
        None => {
            form.append_pair("grant_type", "client_credentials");
        }
    }
    if grant.client_secret.is_none() {
        form.append_pair("client_id", &wanted.client_id);
    }
    if !wanted.scopes.is_empty() {
        form.append_pair("scope", &wanted.scopes.join(" "));
    }
    form.extend_pairs(&wanted.endpoint_params);
    Secret::new(form.finish())
}

/// Both parts are form-encoded before they are joined (RFC 6749 §2.3.1).
fn basic(client_id: &str, client_secret: &Secret) -> Secret {
    let mut pair: String = byte_serialize(client_id.as_bytes()).collect();
    pair.push(':');
    pair.extend(byte_serialize(client_secret.expose()));
    let pair = Secret::new(pair);
    Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())))
}

/// Reads an answer.
fn read(status: u16, body: &[u8]) -> Result<Granted, String> {
    let json = serde_json::from_slice::<Value>(body).unwrap_or(Value::Null);
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    if status != 200 {
        let words = [text("error"), text("error_description")];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        return Err(match words.as_slice() {
            [] => format!("answered {status}"),
            words => format!("answered {status}: {}", words.join(": ")),
        });
    }
    let kind = text("token_type").unwrap_or("Bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(format!("gave a token of the unknown type `{kind}`"));
    }
    let visible =
        |token: &&str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let access_token = text("access_token").filter(visible);
    let access_token = access_token.ok_or("gave no `access_token` that can be shown")?;
    Ok(Granted {
        access_token: Secret::new(access_token),
        life: json.get("expires_in").and_then(seconds),
        refresh_token: text("refresh_token").filter(visible).map(Secret::new),
    })
}

/// A number of seconds; some endpoints write it as a text.
fn seconds(value: &Value) -> Option<Duration> {
    let text = value.as_str().map(str::parse);
    let number: f64 = text.map_or_else(|| value.as_f64(), Result::ok)?;
    Duration::try_from_secs_f64(number.max(0.0)).ok()
}

fn unavailable(wanted: &OAuth2, why: &str) -> Unpresentable {
    let mut url = wanted.token_url.clone();
    url.set_query(None);
    Unpresentable {
        reason: Reason::TokenUnavailable,
        detail: format!("the token endpoint `{url}` {why}"),
    }
}

fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
