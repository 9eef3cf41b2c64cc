//! One exchange with a token endpoint of OAuth 2.0 (RFC 6749 §4.4, §5 and §6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::holdings::fingerprint;
use super::lease::Fetched;
use super::source::Source;
use super::tokens::{
    Failed, Fetcher, Granting, LARGEST, Token, object, presentable, refusal, seconds,
};
use crate::domain::courier::Call;
use crate::domain::oauth2::{ClientAuth, OAuth2};
use crate::domain::observation::Answer;
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::{Secret, SecretRef};

/// The secrets that go to the endpoint.
#[derive(Debug)]
pub(super) struct Grant {
    /// The client's secret; public clients have none.
    client_secret: Option<Secret>,
    /// A refresh token, where the client does not ask on its own behalf.
    refresh_token: Option<Secret>,
}

impl Grant {
    /// What an endpoint gave in the place of the configured refresh token counts.
    pub(super) fn after(mut self, last: Option<Token>) -> Self {
        let newer = last.and_then(|last| last.refresh_token);
        if self.refresh_token.is_some() && newer.is_some() {
            self.refresh_token = newer;
        }
        self
    }
}

/// Reads what the endpoint wants to see, and names its bytes.
pub(super) async fn prepare(
    fetcher: &Fetcher,
    wanted: &OAuth2,
    source: &Source,
) -> Result<(Grant, [u8; 32]), Unpresentable> {
    let grant = Grant {
        client_secret: read_secret(fetcher, wanted.client_secret.as_ref(), source).await?,
        refresh_token: read_secret(fetcher, wanted.refresh_token.as_ref(), source).await?,
    };
    let named = [&grant.client_secret, &grant.refresh_token].map(|secret| {
        let bytes = secret.as_ref().map(Secret::expose);
        bytes.unwrap_or_default()
    });
    let name = fingerprint(&Secret::new(named.join(&b'\n')));
    Ok((grant, name))
}

async fn read_secret(
    fetcher: &Fetcher,
    reference: Option<&SecretRef>,
    source: &Source,
) -> Result<Option<Secret>, Unpresentable> {
    let Some(reference) = reference else {
        return Ok(None);
    };
    let secret = source.read(reference).await?;
    fetcher.holdings.lock().hold([&secret]);
    Ok(Some(secret))
}

/// Asks for a token.
pub(super) async fn fetch(
    fetcher: &Fetcher,
    whom: &str,
    wanted: &OAuth2,
    grant: &Grant,
) -> Fetched<Token> {
    fetcher.fetch(whom, call(wanted, grant), read).await
}

fn call(wanted: &OAuth2, grant: &Grant) -> Call {
    let plain = |text: &'static str| Secret::new(text);
    let mut headers = vec![
        (ACCEPT, plain("application/json")),
        (CONTENT_TYPE, plain("application/x-www-form-urlencoded")),
    ];
    if let (Some(secret), ClientAuth::Basic) = (&grant.client_secret, wanted.client_auth) {
        headers.push((AUTHORIZATION, basic(&wanted.client_id, secret)));
    }
    Call {
        url: wanted.token_url.clone(),
        method: Method::POST,
        headers,
        body: Some(form(wanted, grant)),
        transport: wanted.transport.clone(),
        timeout: wanted.timeout,
        body_size_limit: LARGEST,
    }
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
fn read(answer: &Answer) -> Result<Granting, Failed> {
    if answer.status != 200 {
        return Err(refused(answer));
    }
    let json = object(answer)?;
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    if let Some(error) = text("error") {
        // Some answer so, whatever RFC 6749 §5.2 says of the status.
        return Err(Failed {
            why: format!("answered 200 with the error `{error}`"),
            rejected: is_rejection(error),
        });
    }
    let kind = text("token_type").unwrap_or("Bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(Failed::with(format!(
            "gave a token of the type `{kind}`, and only `Bearer` can be shown"
        )));
    }
    let access_token = text("access_token").filter(|token| presentable(token));
    let access_token =
        access_token.ok_or_else(|| Failed::with("gave no `access_token` that can be shown"))?;
    let refresh_token = text("refresh_token").filter(|token| presentable(token));
    Ok(Granting {
        token: Token {
            access_token: Secret::new(access_token),
            refresh_token: refresh_token.map(Secret::new),
        },
        life: json.get("expires_in").and_then(seconds),
    })
}

/// An error by RFC 6749 §5.2, or by whatever stands before the endpoint.
fn refused(answer: &Answer) -> Failed {
    let json = serde_json::from_slice(&answer.body.bytes).unwrap_or(Value::Null);
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let words = ["error", "error_description", "error_uri"];
    let words: Vec<&str> = words.into_iter().filter_map(text).collect();
    let rejected = match text("error") {
        Some(error) => is_rejection(error) || answer.status == 401,
        None => matches!(answer.status, 400 | 401 | 403),
    };
    Failed {
        why: refusal(answer, &words),
        rejected,
    }
}

/// Whether the error says that what was shown is not, or no longer, good: others say that what was
/// asked for is not to be had.
fn is_rejection(error: &str) -> bool {
    matches!(
        error,
        "invalid_client" | "invalid_grant" | "unauthorized_client" | "access_denied"
    )
}

#[cfg(test)]
mod tests;
