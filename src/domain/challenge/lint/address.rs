//! As much of an `http` or `https` URL as the rules need.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An absolute address on the web.
pub(super) struct WebAddress<'a> {
    /// Whether the scheme is `https`.
    pub(super) is_secure: bool,
    /// Host and port as they were written.
    authority: &'a str,
    /// Path, query and fragment as they were written.
    pub(super) path: &'a str,
}

impl<'a> WebAddress<'a> {
    /// Takes an address apart; nothing if it is not an absolute one of visible ASCII characters.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_secure = scheme.eq_ignore_ascii_case("https");
        if !is_secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let whole = text.bytes().all(|byte| byte.is_ascii_graphic());
        (whole && !authority.is_empty()).then_some(Self {
            is_secure,
            authority,
            path,
        })
    }

    /// Whether scheme, host and port are the same, RFC 6454 §5.
    pub(super) fn is_same_origin(&self, other: &Self) -> bool {
        self.is_secure == other.is_secure
            && self.port() == other.port()
            && self.host().eq_ignore_ascii_case(other.host())
    }

    /// Whether the address leads to the machine it is used on.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        let name = host.rsplit('.').next().unwrap_or_default();
        name.eq_ignore_ascii_case("localhost")
            || host
                .parse::<Ipv4Addr>()
                .is_ok_and(|address| address.is_loopback())
            || host
                .parse::<Ipv6Addr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// The host as it was written.
    pub(super) fn host(&self) -> &'a str {
        let bare = self
            .authority
            .rsplit_once(':')
            .filter(|(_, port)| is_port(port));
        bare.map_or(self.authority, |(host, _)| host)
    }

    fn port(&self) -> &'a str {
        let default = if self.is_secure { "443" } else { "80" };
        let written = self.authority.rsplit_once(':').map(|(_, port)| port);
        written
            .filter(|port| is_port(port) && !port.is_empty())
            .unwrap_or(default)
    }
}

/// Whether this is a port rather than the last group of an IPv6 address.
fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_web_addresses_only() {
        for text in [
            "https://a",
            "HTTP://a:80/b?c#d",
            "https://[::1]/",
            "http://u@h/",
        ] {
            assert!(WebAddress::of(text).is_some(), "{text}");
        }
        for text in [
            "",
            "a",
            "/a",
            "//a",
            "https:",
            "https://",
            "ftp://a",
            "https://a b",
            "sip:a@b",
        ] {
            assert!(WebAddress::of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = |one, other| {
            let (one, other) = (WebAddress::of(one).unwrap(), WebAddress::of(other).unwrap());
            one.is_same_origin(&other)
        };
        assert!(same("https://a.example/x", "HTTPS://A.example:443"));
        assert!(same("http://[::1]:80/", "http://[::1]"));
        assert!(!same("https://a.example", "http://a.example"));
        assert!(!same("https://a.example", "https://a.example:8443"));
        assert!(!same("https://a.example", "https://b.example"));
    }

    #[test]
    fn loopback_is_told_by_address_or_name() {
        for text in [
            "http://127.0.0.1:8000",
            "http://[::1]:1",
            "http://localhost",
            "http://a.localhost/",
        ] {
            assert!(WebAddress::of(text).unwrap().is_loopback(), "{text}");
        }
        for text in [
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://10.0.0.1",
        ] {
            assert!(!WebAddress::of(text).unwrap().is_loopback(), "{text}");
        }
    }
}
