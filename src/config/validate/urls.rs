//! URLs: of endpoints, token endpoints, proxies, runbooks.

use std::net::IpAddr;

use url::{Host, Url};

use super::ledger::Ledger;
use crate::config::place::Place;
use crate::domain::endpoint::is_loopback;

/// Schemes that endpoints and everything that is fetched may have.
pub(crate) const HTTP: &[&str] = &["http", "https"];
/// Schemes of proxies.
pub(crate) const PROXY: &[&str] = &["http", "https", "socks5", "socks5h"];

/// Reads a URL of one of these schemes, without a user or a password.
///
/// No message repeats the URL: it may hold a secret where none belongs.
pub(crate) fn url(
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
    schemes: &[&str],
) -> Option<Url> {
    if has_userinfo(text) {
        ledger
            .fault(place, "a URL must not hold a user or a password")
            .label("what stands before `@` would end up in logs")
            .hint("remove it; secrets are named under `credentials`");
        return None;
    }
    if let Some(at) = text.find(|char: char| char.is_whitespace() || char.is_control()) {
        let at = text[..at].chars().count();
        ledger
            .fault(place, "a URL must not hold spaces or control characters")
            .within(at, at + 1);
        return None;
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let known = |scheme: &str| {
        schemes
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme))
    };
    if !scheme.is_some_and(known) {
        let forms: Vec<String> = schemes.iter().map(|it| format!("`{it}://`")).collect();
        let draft = ledger.fault(
            place,
            format!("a URL must start with {}", forms.join(" or ")),
        );
        if scheme.is_none() && schemes.contains(&"https") {
            draft.hint("write `https://` before the host");
        }
        return None;
    }
    match Url::parse(text) {
        Ok(url) => Some(url),
        Err(error) => {
            ledger.fault(place, format!("this is no URL: {error}"));
            None
        }
    }
}

/// Whether an authority holds an `@`.
pub(crate) fn has_userinfo(text: &str) -> bool {
    // Where a scheme is followed by backslashes, they count as slashes (WHATWG URL).
    let slashes = text.find("//").or_else(|| text.find("\\\\"));
    let rest = slashes.map_or(text, |at| &text[at + 2..]);
    let authority = rest.split(['/', '?', '#', '\\']).next();
    authority.is_some_and(|authority| authority.contains('@'))
}

/// Reads a URL that secrets are sent to: `https`, or on loopback.
pub(crate) fn secret_url(ledger: &mut Ledger, place: &Place<'_>, text: &str) -> Option<Url> {
    let url = url(ledger, place, text, HTTP)?;
    if url.scheme() == "http" && !is_loopback(&url) {
        ledger
            .fault(place, "secrets would be sent here in clear text")
            .within(0, "http".len())
            .label("`http://` to another machine")
            .hint("use `https://`");
        return None;
    }
    Some(url)
}

/// The address of a host that is written as one.
pub(crate) fn ip_literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn userinfo_is_seen_wherever_it_hides() {
        for text in [
            "https://u:p@h/",
            "https://u@h",
            "https://:p@h?x",
            "u:p@h",
            "https:\\\\u:p@h",
        ] {
            assert!(has_userinfo(text), "{text}");
        }
        for text in ["https://h/@", "https://h?a@b", "https://h#@", "h"] {
            assert!(!has_userinfo(text), "{text}");
        }
    }
}
