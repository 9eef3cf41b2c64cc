//! The web configuration file: users, headers, limits; its TLS settings are in `web_tls`.

use std::collections::BTreeMap;

use http::header::{
    CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    X_XSS_PROTECTION,
};
use http::{HeaderName, HeaderValue};

use super::Context;
use super::ledger::Ledger;
use super::web_tls::tls;
use crate::config::hint::nearest;
use crate::config::place::{FileId, Place};
use crate::config::printable::printable;
use crate::config::raw::{self, Entries, Period, SecretText};
use crate::domain::secret::Secret;
use crate::web::{Protection, RateLimit, Users};

/// A password takes seconds to check beyond this.
const DEAR: u32 = 14;

/// The headers that the format knows, and their values where not every value will do.
const HEADERS: [(HeaderName, &[&str]); 5] = [
    (CONTENT_SECURITY_POLICY, &[]),
    (STRICT_TRANSPORT_SECURITY, &[]),
    (X_CONTENT_TYPE_OPTIONS, &["nosniff"]),
    (X_FRAME_OPTIONS, &["deny", "sameorigin"]),
    (X_XSS_PROTECTION, &[]),
];

/// Reads what the file says. After a fault it is not all there.
pub(crate) fn protection(
    context: &Context<'_>,
    ledger: &mut Ledger,
    file: FileId,
    raw: &raw::WebFile,
) -> Protection {
    let root = Place::root(file);
    let section = root.key("tls_server_config");
    let tls_config = raw.tls_server_config.as_ref();
    Protection {
        tls: tls_config.and_then(|raw| tls(context, ledger, &section, raw)),
        users: users(ledger, &root.key("basic_auth_users"), &raw.basic_auth_users),
        headers: headers(
            ledger,
            &root.below("http_server_config", "headers"),
            &raw.http_server_config.headers,
        ),
        rate_limit: rate_limit(ledger, &root.key("rate_limit"), &raw.rate_limit),
    }
}

fn users(ledger: &mut Ledger, section: &Place<'_>, raw: &Entries<SecretText>) -> Users {
    let mut users = BTreeMap::new();
    for (name, hash) in raw.iter() {
        let place = section.key(name);
        if name.contains(':') {
            ledger
                .fault(&place, "a user's name holds no colon")
                .on_key()
                .label("in Basic, it ends the name (RFC 7617, section 2)");
        }
        match cost(hash.expose()) {
            Some(cost) if cost > DEAR => {
                ledger
                    .warn(&place, "every new password is checked for seconds")
                    .on_key()
                    .label(format!("the cost of this hash is {cost}"))
                    .hint("make one with a cost of 10 to 12");
            }
            Some(_) => {}
            None => {
                // It may be the password itself, so it is not shown.
                ledger.fault(&place, "this is no bcrypt hash").hint(
                    "make one with `htpasswd -nBC 10 USER`, and put what follows the colon here",
                );
            }
        }
        users.insert(name.to_owned(), Secret::new(hash.expose()));
    }
    Users(users)
}

/// The cost of a bcrypt hash, if it is one.
fn cost(hash: &str) -> Option<u32> {
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || b"./$".contains(&byte);
    let parts: bcrypt::HashParts = hash.parse().ok()?;
    let sound = hash.len() == 60 && hash.starts_with("$2") && hash.bytes().all(alphabet);
    let cost = parts.get_cost();
    (sound && (4..=31).contains(&cost)).then_some(cost)
}

fn headers(
    ledger: &mut Ledger,
    section: &Place<'_>,
    raw: &Entries<String>,
) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    for (name, text) in raw.iter() {
        let place = section.key(name);
        let known = |it: &(HeaderName, _)| it.0.as_str().eq_ignore_ascii_case(name);
        let Some((known, values)) = HEADERS.into_iter().find(known) else {
            unknown_header(ledger, &place, name);
            continue;
        };
        let value = HeaderValue::from_str(text).ok();
        let allowed = values.is_empty() || values.contains(&text.as_str());
        match value.filter(|_| allowed) {
            // An empty value leaves what the program itself says.
            Some(value) if value.is_empty() => {}
            Some(value) => headers.push((known, value)),
            None if values.is_empty() => {
                ledger.fault(&place, "this is no header value (RFC 9110, section 5.5)");
            }
            None => {
                ledger
                    .fault(&place, format!("`{name}` cannot have this value"))
                    .hint(format!("write `{}`", values.join("` or `")));
            }
        }
    }
    headers
}

fn unknown_header(ledger: &mut Ledger, place: &Place<'_>, name: &str) {
    const NAMES: [&str; 5] = [
        "Content-Security-Policy",
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "X-XSS-Protection",
    ];
    let hint = match nearest(name, NAMES) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the headers here are `{}`", NAMES.join("`, `")),
    };
    let message = format!("the header `{}` cannot be set here", printable(name));
    ledger.fault(place, message).on_key().hint(hint);
}

fn rate_limit(ledger: &mut Ledger, section: &Place<'_>, raw: &raw::RateLimit) -> Option<RateLimit> {
    let burst = raw.burst.get().copied();
    let Some(Period(interval)) = raw.interval.get().copied() else {
        if burst.is_some() {
            ledger.missing(section, "interval");
        }
        return None;
    };
    if interval.is_zero() {
        return None;
    }
    let burst = burst.and_then(|burst| usize::try_from(burst).ok());
    match burst {
        None => {
            ledger
                .missing(section, "burst")
                .hint("without it, no request would be answered");
            None
        }
        Some(0) => {
            ledger
                .fault(&section.key("burst"), "a burst of 0 answers no request")
                .hint("let it be at least 1, or set `interval: 0s` for no limit");
            None
        }
        Some(burst) => Some(RateLimit { interval, burst }),
    }
}
