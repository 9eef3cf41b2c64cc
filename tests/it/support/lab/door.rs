//! Locks that work, as routes: strangers meet 401, the rightful caller meets 200.

use super::{Answer, Request};

/// Basic (RFC 7617).
pub(crate) fn basic(
    realm: &'static str,
    user: &'static str,
    password: &'static str,
) -> impl Fn(&Request) -> Answer + Send + Sync + 'static {
    move |request| match request.basic() {
        Some((given, word)) if given == user && word == password => open(),
        _ => Answer::unauthorized(&format!("Basic realm=\"{realm}\"")),
    }
}

/// Bearer (RFC 6750): without a token the challenge has no `error`, with a wrong one it has.
pub(crate) fn bearer(
    realm: &'static str,
    token: &'static str,
) -> impl Fn(&Request) -> Answer + Send + Sync + 'static {
    move |request| match request.bearer() {
        Some(given) if given == token => open(),
        Some(_) => Answer::unauthorized(&format!(
            "Bearer realm=\"{realm}\", error=\"invalid_token\""
        )),
        None => Answer::unauthorized(&format!("Bearer realm=\"{realm}\"")),
    }
}

/// A key in a header of its own; strangers meet 401 without a challenge.
pub(crate) fn api_key(
    header: &'static str,
    key: &'static str,
) -> impl Fn(&Request) -> Answer + Send + Sync + 'static {
    move |request| {
        if request.header(header) == Some(key) {
            open()
        } else {
            Answer::status(401).json(r#"{"error":"unauthorized"}"#)
        }
    }
}

/// A client certificate, where the handshake leaves it optional; strangers meet 403.
pub(crate) fn client_certificate() -> impl Fn(&Request) -> Answer + Send + Sync + 'static {
    |request| {
        if request.has_client_certificate() {
            open()
        } else {
            Answer::status(403).body("a client certificate is needed\n")
        }
    }
}

fn open() -> Answer {
    Answer::status(200).json(r#"{"door":"open"}"#)
}
