//! One exchange with a token endpoint (RFC 6749 §4.4, §5 and §6).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::Tokens;
use crate::credential::lease::{Fetched, Granted};
use crate::domain::courier::Call;
use crate::domain::finding::Reason;
use crate::domain::oauth2::{ClientAuth, OAuth2};
use crate::domain::observation::{Answer, BodyEnd, Observation, Outcome};
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Secret;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::credential) struct Token {
    pub(super) access_token: Secret,
    /// What the endpoint gave in the place of the configured one (RFC 6749 §6).
    pub(super) refresh_token: Option<Secret>,
}

/// A token, and how long it holds where the endpoint says.
type Read = (Token, Option<Duration>);

/// Why an endpoint gave nothing.
#[derive(Debug)]
struct Failed {
    why: String,
    /// Whether the endpoint refused what it was shown.
    rejected: bool,
}

/// Asks for a token.
pub(super) async fn fetch(tokens: &Tokens, wanted: &OAuth2, grant: &Grant) -> Fetched<Token> {
    let seen = tokens.courier.carry(&call(tokens, wanted, grant)).await;
    let outcome = match answered(&seen).and_then(|answer| read(answer.status, &answer.body.bytes)) {
        Ok((token, life)) => Ok(Granted {
            value: token,
            expires_at: life.map(|life| end(tokens.clock.now(), life)),
        }),
        Err(failed) => Err(unavailable(wanted, &failed)),
    };
    Fetched {
        outcome,
        seen: Some(seen),
    }
}

fn call(tokens: &Tokens, wanted: &OAuth2, grant: &Grant) -> Call {
    let plain = |text: &'static str| Secret::new(text);
    let mut headers = vec![
        (ACCEPT, plain("application/json")),
        (CONTENT_TYPE, plain("application/x-www-form-urlencoded")),
        (USER_AGENT, Secret::new(tokens.user_agent.as_bytes())),
    ];
    if let (Some(secret), ClientAuth::Basic) = (&grant.client_secret, wanted.client_auth) {
        headers.push((AUTHORIZATION, basic(&wanted.client_id, secret)));
    }
    Call {
        url: wanted.token_url.clone(),
        method: http::Method::POST,
        headers,
        body: Some(form(wanted, grant)),
        transport: wanted.transport.clone(),
        timeout: wanted.timeout,
        body_size_limit: LARGEST,
    }
}

/// The answer, where a whole one came.
fn answered(seen: &Observation) -> Result<&Answer, Failed> {
    let failed = |why| Failed {
        why,
        rejected: false,
    };
    match &seen.outcome {
        Outcome::Answer(answer) => match &answer.body.end {
            BodyEnd::Complete => Ok(answer),
            BodyEnd::CutOff => Err(failed(format!("gave more than {LARGEST} bytes"))),
            BodyEnd::Broken(silence) => Err(failed(format!("broke off its answer: {silence}"))),
        },
        Outcome::Silence(silence) => Err(failed(format!("gave no answer: {silence}"))),
    }
}

fn end(now: Timestamp, life: Duration) -> Timestamp {
    let life = SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX);
    now.saturating_add(life).unwrap_or(Timestamp::MAX)
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
    let in_body = wanted.client_auth == ClientAuth::Body;
    if grant.client_secret.is_none() || in_body {
        form.append_pair("client_id", &wanted.client_id);
    }
    if let (Some(secret), true) = (&grant.client_secret, in_body) {
        form.append_pair("client_secret", &String::from_utf8_lossy(secret.expose()));
    }
    if !wanted.scopes.is_empty() {
        form.append_pair("scope", &wanted.scopes.join(" "));
    }
    if let Some(audience) = &wanted.audience {
        form.append_pair("audience", audience);
    }
    for resource in &wanted.resource {
        form.append_pair("resource", resource.as_str());
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
fn read(status: u16, body: &[u8]) -> Result<Read, Failed> {
    let json = serde_json::from_slice::<Value>(body).unwrap_or(Value::Null);
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    if status != 200 {
        let words = [text("error"), text("error_description")];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        let why = match words.as_slice() {
            [] => format!("answered {status}"),
            words => format!("answered {status}: {}", words.join(": ")),
        };
        let rejected = matches!(status, 400 | 401);
        return Err(Failed { why, rejected });
    }
    let failed = |why: String| Failed {
        why,
        rejected: false,
    };
    let kind = text("token_type").unwrap_or("Bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(failed(format!("gave a token of the unknown type `{kind}`")));
    }
    let visible =
        |token: &&str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let access_token = text("access_token").filter(visible);
    let access_token = access_token
        .ok_or_else(|| failed("gave no `access_token` that can be shown".to_owned()))?;
    let token = Token {
        access_token: Secret::new(access_token),
        refresh_token: text("refresh_token").filter(visible).map(Secret::new),
    };
    Ok((token, json.get("expires_in").and_then(seconds)))
}

/// A number of seconds; some endpoints write it as a text.
fn seconds(value: &Value) -> Option<Duration> {
    let text = value.as_str().map(str::parse);
    let number: f64 = text.map_or_else(|| value.as_f64(), Result::ok)?;
    Duration::try_from_secs_f64(number.max(0.0)).ok()
}

fn unavailable(wanted: &OAuth2, failed: &Failed) -> Unpresentable {
    let mut url = wanted.token_url.clone();
    url.set_query(None);
    Unpresentable {
        reason: Reason::TokenUnavailable,
        detail: format!("the token endpoint `{url}` {}", failed.why),
        rejected: failed.rejected,
    }
}

#[cfg(test)]
mod tests;
