//! One exchange with the token server of a container registry: the token authentication of the
//! distribution project, "Docker Registry v2 authentication via central service".
//!
//! The token server is the configured one. What a registry's challenge names instead gets neither
//! user nor password.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION};
use serde_json::Value;
use url::Url;

use super::holdings::fingerprint;
use super::lease::Fetched;
use super::settings::RegistryToken;
use super::source::Source;
use super::tokens::{
    Failed, Fetcher, Granting, LARGEST, Token, object, presentable, refusal, seconds,
};
use crate::domain::courier::Call;
use crate::domain::observation::{Answer, Outcome};
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Secret;

/// How long a token holds where its server does not say.
const UNSAID: Duration = Duration::from_mins(1);

/// Reads the password, and names its bytes.
pub(super) async fn prepare(
    fetcher: &Fetcher,
    wanted: &RegistryToken,
    source: &Source,
) -> Result<(Secret, [u8; 32]), Unpresentable> {
    let password = source.read(&wanted.user.password).await?;
    let pair = pair(&wanted.user.username, &password);
    fetcher.holdings.lock().hold([&password, &pair]);
    let name = fingerprint(&password);
    Ok((password, name))
}

/// Asks for a token with this password.
pub(super) async fn fetch(
    fetcher: &Fetcher,
    whom: &str,
    wanted: &RegistryToken,
    password: &Secret,
) -> Fetched<Token> {
    let pair = pair(&wanted.user.username, password);
    let basic = Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())));
    let call = Call {
        url: question(wanted),
        method: Method::GET,
        headers: vec![
            (ACCEPT, Secret::new("application/json")),
            (AUTHORIZATION, basic),
        ],
        body: None,
        transport: wanted.transport.clone(),
        timeout: wanted.timeout,
        body_size_limit: LARGEST,
    };
    let mut came = fetcher.fetch(whom, call, read).await;
    let silence = came.seen.as_ref().map(|seen| &seen.outcome);
    let went_out = matches!(silence, Some(Outcome::Silence(silence)) if silence.went_out());
    if let Err(why) = &mut came.outcome {
        // The password of a real user was sent; a server that is slow to refuse has counted it.
        why.unanswered = went_out;
    }
    came
}

/// Each scope has a parameter of its own.
fn question(wanted: &RegistryToken) -> Url {
    let mut url = wanted.realm.clone();
    let service = wanted.service.iter().map(|service| ("service", service));
    let scopes = wanted.scopes.iter().map(|scope| ("scope", scope));
    let asked: Vec<_> = service.chain(scopes).collect();
    if !asked.is_empty() {
        url.query_pairs_mut().extend_pairs(asked);
    }
    url
}

fn pair(username: &str, password: &Secret) -> Secret {
    Secret::new([username.as_bytes(), b":", password.expose()].concat())
}

/// Reads an answer.
fn read(answer: &Answer) -> Result<Granting, Failed> {
    if answer.status != 200 {
        let json = serde_json::from_slice(&answer.body.bytes).unwrap_or(Value::Null);
        return Err(Failed {
            why: refusal(answer, &words(&json)),
            rejected: matches!(answer.status, 300..=399 | 400 | 401 | 403 | 422 | 423),
        });
    }
    let json = object(answer)?;
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    // Those that serve OAuth 2.0 as well write the second one, or both.
    let token = text("token").or_else(|| text("access_token"));
    let token = token
        .filter(|token| presentable(token))
        .ok_or_else(|| Failed::with("gave no `token` that can be shown"))?;
    let life = json.get("expires_in").and_then(seconds);
    Ok(Granting {
        token: Token {
            access_token: Secret::new(token),
            refresh_token: None,
        },
        life: Some(life.unwrap_or(UNSAID)),
    })
}

/// Registries write `errors`, and some of their token servers `details`, a sentence.
fn words(json: &Value) -> Vec<&str> {
    let first = json.pointer("/errors/0").unwrap_or(json);
    ["code", "message", "details"]
        .iter()
        .filter_map(|key| first.get(key)?.as_str())
        .collect()
}

#[cfg(test)]
mod tests;
