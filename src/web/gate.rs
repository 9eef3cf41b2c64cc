//! What a request has to be before anybody looks at what it asks for, and what every answer carries.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HOST, ORIGIN,
    REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::access::{Access, Rules};
use super::entrance::LocalAddress;
use super::hosts::same_origin;
use super::users::Standing;

/// The longest body of a request, in bytes; none is needed for anything.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a browser says of where a request comes from.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

const CHALLENGE: &str = "Basic realm=\"authvigil\", charset=\"UTF-8\"";

/// On every answer, unless the web configuration file has another value.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
];

/// A refusal: a status, and a sentence for whoever is refused.
#[derive(Debug)]
struct Refusal(StatusCode, String);

impl Refusal {
    fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self(status, sentence.into())
    }

    fn into_answer(self) -> Response {
        let Self(status, sentence) = self;
        let mut answer = plain(status, format!("{sentence}\n"));
        let headers = answer.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        answer
    }
}

/// A text for a person.
pub(super) fn plain(status: StatusCode, text: impl Into<Body>) -> Response {
    let kind = [(http::header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, text.into()).into_response()
}

/// Lets a request in or refuses it, and dresses the answer.
pub(super) async fn keep(State(access): State<Access>, request: Request, next: Next) -> Response {
    let rules = access.rules();
    let judged = match judge(&rules, &request) {
        Ok(()) => judge_user(&rules, authorization(request.headers())).await,
        Err(refusal) => Err(refusal),
    };
    let mut answer = match judged {
        Err(refusal) => refusal.into_answer(),
        Ok(()) => match tokio::time::timeout(PATIENCE, next.run(request)).await {
            Ok(answer) => answer,
            Err(_) => Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "there is no answer in time; try again",
            )
            .into_answer(),
        },
    };
    dress(answer.headers_mut(), &rules);
    answer
}

fn dress(headers: &mut HeaderMap, rules: &Rules) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in &rules.settings.protection.headers {
        headers.insert(name.clone(), value.clone());
    }
}

fn judge(rules: &Rules, request: &Request) -> Result<(), Refusal> {
    if rules.tokens.as_ref().is_some_and(|tokens| !tokens.spend()) {
        let sentence = "there are more requests than `rate_limit` of the web configuration allows";
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, sentence));
    }
    judge_place(rules, request)?;
    judge_size(request.headers())
}

/// Refuses what comes by a foreign name or from a foreign page.
fn judge_place(rules: &Rules, request: &Request) -> Result<(), Refusal> {
    let local = request.extensions().get::<LocalAddress>();
    let local = local.map_or(rules.settings.listen, |LocalAddress(local)| *local);
    let headers = request.headers();
    let host = host(headers)?;
    check_host(rules, host, local)?;
    // A target in absolute form overrides the field (RFC 9112 §3.2.2).
    if let Some(authority) = request.uri().authority() {
        check_host(rules, authority.as_str(), local)?;
    }
    for origin in headers.get_all(ORIGIN) {
        if !origin
            .to_str()
            .is_ok_and(|origin| same_origin(origin, host))
        {
            let sentence = "pages of other origins may not ask this port";
            return Err(Refusal::new(StatusCode::FORBIDDEN, sentence));
        }
    }
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    let own = matches!(site, None | Some(b"same-origin" | b"none"));
    if request.method() == Method::POST && !own {
        let sentence = "pages of other sites may not send anything to this port";
        return Err(Refusal::new(StatusCode::FORBIDDEN, sentence));
    }
    Ok(())
}

/// The one `Host` field (RFC 9112 §3.2).
fn host(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut all = headers.get_all(HOST).iter();
    let (one, more) = (all.next(), all.next());
    let host = one.filter(|_| more.is_none());
    host.and_then(|host| host.to_str().ok()).ok_or_else(|| {
        let sentence = "a request has exactly one `Host` field";
        Refusal::new(StatusCode::BAD_REQUEST, sentence)
    })
}

fn check_host(rules: &Rules, host: &str, local: SocketAddr) -> Result<(), Refusal> {
    if rules.hosts.accept(host, local) {
        return Ok(());
    }
    // The name is not repeated: somebody else chose it.
    let sentence = "this port does not answer under the name in `Host`; if it should, add that name \
                    to `web.hosts` in the configuration";
    Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, sentence))
}

fn judge_size(headers: &HeaderMap) -> Result<(), Refusal> {
    let length = headers.get(CONTENT_LENGTH).map(HeaderValue::to_str);
    let length = length.and_then(|text| text.ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY as u64) {
        let sentence = "a request of this port has at most 64 KiB";
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, sentence));
    }
    Ok(())
}

/// The one `Authorization` field; of several, none counts.
fn authorization(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (one, more) = (all.next(), all.next());
    one.filter(|_| more.is_none()).cloned()
}

async fn judge_user(rules: &Rules, shown: Option<HeaderValue>) -> Result<(), Refusal> {
    if !rules.doorkeeper.asks() {
        return Ok(());
    }
    let shown = shown.as_ref().map(HeaderValue::as_bytes);
    match rules.doorkeeper.judge(shown).await {
        Standing::Welcome => Ok(()),
        Standing::Stranger => Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "a user of `basic_auth_users` and the password are needed",
        )),
        Standing::Busy => Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many passwords wait to be checked; try again",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::challenge::{LintContext, lint, read};

    #[test]
    fn the_challenge_satisfies_the_lints_that_others_are_held_to() {
        let reading = read(&[CHALLENGE]);
        let context = LintContext {
            status: 401,
            origin: "https://monitor.example.com".to_owned(),
            ..LintContext::default()
        };
        assert_eq!(lint(&reading, &context), []);
        assert_eq!(reading.fault, None);
    }
}
