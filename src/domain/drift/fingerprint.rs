//! The canonical text of challenges: what a change of is worth knowing, and nothing else.
//!
//! Kept are the class of the status, and of each challenge the scheme, the names of its parameters,
//! realm, scope as a set, error and algorithm, and the hosts of addresses. Whatever differs from
//! answer to answer is left out, name and all. Challenges and parameters are sorted, and the same
//! challenge twice counts once.
//!
//! **Invariant:** the text is bounded however much a server sends; what is cut off is told apart by
//! a hash.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use url::Url;

use super::Fingerprint;
use crate::domain::challenge::{Challenge, Param};

/// Parameters that change without anybody changing anything.
///
/// `stale` is beyond the list of the standards at hand: a Digest server sends it where a nonce has
/// run out (RFC 7616 §3.3), and leaves it out at other times.
const FLEETING: [&str; 9] = [
    "challenge",
    "data",
    "dpop-nonce",
    "max_age",
    "nonce",
    "opaque",
    "sid",
    "stale",
    "token-key",
];

/// The longest value, in characters, that is kept in words.
const LONGEST_VALUE: usize = 200;

/// The longest text, in characters.
const LONGEST: usize = 2000;

impl Fingerprint {
    /// What challenges that came with this status amount to.
    ///
    /// ```
    /// use authvigil::domain::challenge::read;
    /// use authvigil::domain::drift::Fingerprint;
    ///
    /// let lines = [r#"Digest realm="x", nonce="17", qop="auth", algorithm=SHA-256"#, "Negotiate"];
    /// let fingerprint = Fingerprint::of(401, &read(&lines).challenges);
    /// assert_eq!(
    ///     fingerprint.as_str(),
    ///     r#"4xx digest(algorithm=sha-256, qop, realm="x"); negotiate"#
    /// );
    /// ```
    pub fn of(status: u16, challenges: &[Challenge]) -> Self {
        let offers: BTreeSet<String> = challenges.iter().map(offer).collect();
        let offers: Vec<String> = offers.into_iter().collect();
        let class = status / 100;
        let text = if offers.is_empty() {
            format!("{class}xx no challenge")
        } else {
            format!("{class}xx {}", offers.join("; "))
        };
        Self(bounded(text, LONGEST).into())
    }
}

fn offer(challenge: &Challenge) -> String {
    let lasting = |param: &&Param| !FLEETING.contains(&param.name.as_str());
    let params: BTreeSet<String> = challenge
        .params
        .iter()
        .filter(lasting)
        .map(trait_of)
        .collect();
    let scheme = word(&challenge.scheme);
    if params.is_empty() {
        return scheme;
    }
    let params: Vec<String> = params.into_iter().collect();
    format!("{scheme}({})", params.join(", "))
}

/// What lasts of a parameter.
fn trait_of(param: &Param) -> String {
    let Param { name, value, .. } = param;
    let shown = word(name);
    match name.as_str() {
        "realm" => format!("{shown}={}", quoted(value)),
        "scope" => format!("{shown}={}", quoted(&set(value))),
        "error" => format!("{shown}={}", word(value)),
        "algorithm" => format!("{shown}={}", word(&value.to_ascii_lowercase())),
        _ => match hosts(value) {
            hosts if hosts.is_empty() => shown,
            hosts => format!("{shown}={}", word(&hosts)),
        },
    }
}

/// The members of a list that is separated by blanks, each once and in order.
fn set(value: &str) -> String {
    let members: BTreeSet<&str> = value.split_ascii_whitespace().collect();
    members.into_iter().collect::<Vec<&str>>().join(" ")
}

/// The hosts of the addresses that a value consists of, as `//host`.
fn hosts(value: &str) -> String {
    let host = |part: &str| {
        let url = Url::parse(part).ok().filter(|_| part.contains("://"))?;
        url.host_str().map(|host| format!("//{host}"))
    };
    let hosts: BTreeSet<String> = value.split_ascii_whitespace().filter_map(host).collect();
    hosts.into_iter().collect::<Vec<String>>().join(" ")
}

/// Text as it is where it cannot be taken for anything else, else quoted.
fn word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~/:[]".contains(&byte);
    if !text.is_empty() && text.len() <= LONGEST_VALUE && text.bytes().all(plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || matches!(character, '"' | '\\') {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    format!("\"{}\"", bounded(escaped, LONGEST_VALUE))
}

/// The text, or its beginning with a hash of the whole.
fn bounded(text: String, longest: usize) -> String {
    const HASH: usize = 20;
    if text.chars().nth(longest).is_none() {
        return text;
    }
    let digest = Sha256::digest(text.as_bytes());
    let digits = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
    let digits = digits.collect::<String>();
    let start: String = text.chars().take(longest - HASH).collect();
    format!("{start}… #{digits}")
}
