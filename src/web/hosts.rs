//! Whose name a request may come under: without this, a page of anybody can read the port through
//! the browser of somebody who reaches it, by a name that it first sends to itself and then here.

use std::net::{IpAddr, SocketAddr};

/// A host and a port, as a `Host` field or an `Origin` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Authority<'a> {
    /// Without the brackets of an IPv6 address.
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (host, rest) = match text.strip_prefix('[') {
            Some(inner) => inner.split_once(']')?,
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let port = match rest.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            None if rest.is_empty() => None,
            Some(_) | None => return None,
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        let host = host.strip_suffix('.').unwrap_or(host);
        (!host.is_empty() && host.bytes().all(plain)).then_some(Self { host, port })
    }

    fn address(&self) -> Option<IpAddr> {
        let address = self.host.parse::<IpAddr>().ok();
        address.map(|address| address.to_canonical())
    }

    fn is(&self, other: &Self, default_port: u16) -> bool {
        let port = |it: &Self| it.port.unwrap_or(default_port);
        self.host.eq_ignore_ascii_case(other.host) && port(self) == port(other)
    }
}

/// The names under which the port may be asked.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    /// Where the port listens.
    listen: SocketAddr,
    /// The port of a URL that names none.
    default_port: u16,
    /// `web.hosts`.
    named: Vec<String>,
}

impl Hosts {
    pub(super) fn new(listen: SocketAddr, tls: bool, named: Vec<String>) -> Self {
        let default_port = if tls { 443 } else { 80 };
        Self {
            listen,
            default_port,
            named,
        }
    }

    /// Whether a `Host` is this port's, seen from a connection that came in at this address.
    pub(super) fn accept(&self, host: &str, local: SocketAddr) -> bool {
        let Some(authority) = Authority::parse(host) else {
            return false;
        };
        let loopback = match authority.address() {
            Some(address) => address.is_loopback(),
            None => authority.host.eq_ignore_ascii_case("localhost"),
        };
        loopback || self.is_ours(&authority, local) || self.is_named(&authority)
    }

    /// Whether it is the address at which the port listens, or, if that is any, the address at which
    /// this connection came in.
    fn is_ours(&self, authority: &Authority<'_>, local: SocketAddr) -> bool {
        let ours = match self.listen.ip() {
            any if any.is_unspecified() => local.ip(),
            one => one,
        };
        let port = authority.port.unwrap_or(self.default_port);
        authority.address() == Some(ours.to_canonical()) && port == self.listen.port()
    }

    /// Whether it is in `web.hosts`; an entry without a port holds for any.
    fn is_named(&self, authority: &Authority<'_>) -> bool {
        self.named.iter().any(|entry| {
            // A bare IPv6 address has no brackets there.
            let whole = entry.parse::<IpAddr>().ok();
            let named = match whole {
                Some(_) => Some(Authority {
                    host: entry,
                    port: None,
                }),
                None => Authority::parse(entry).or_else(|| bare_with_port(entry)),
            };
            named.is_some_and(|named| {
                let same = match (named.address(), authority.address()) {
                    (Some(named), Some(asked)) => named == asked,
                    (None, None) => named.host.eq_ignore_ascii_case(authority.host),
                    (Some(_), None) | (None, Some(_)) => false,
                };
                same && named
                    .port
                    .is_none_or(|port| port == authority.port.unwrap_or(self.default_port))
            })
        })
    }
}

/// An IPv6 address without brackets and a port behind it: `::1:9401` as `web.hosts` may have it.
fn bare_with_port(entry: &str) -> Option<Authority<'_>> {
    let (host, port) = entry.rsplit_once(':')?;
    host.parse::<IpAddr>().ok()?;
    let port = Some(port.parse().ok()?);
    Some(Authority { host, port })
}

/// Whether an `Origin` is that of a page which the same host served.
pub(super) fn same_origin(origin: &str, host: &str) -> bool {
    let (rest, default_port) = match origin.split_once("://") {
        Some(("http", rest)) => (rest, 80),
        Some(("https", rest)) => (rest, 443),
        Some(_) | None => return false,
    };
    match (Authority::parse(rest), Authority::parse(host)) {
        (Some(origin), Some(host)) => origin.is(&host, default_port),
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(listen: &str, named: &[&str], host: &str, local: &str) -> bool {
        let named = named.iter().map(|&name| name.to_owned()).collect();
        let hosts = Hosts::new(listen.parse().unwrap(), false, named);
        hosts.accept(host, local.parse().unwrap())
    }

    #[test]
    fn loopback_has_many_names_and_any_port() {
        for host in [
            "localhost",
            "LOCALHOST:9401",
            "localhost.",
            "127.0.0.1:9401",
            "127.8.9.10:1",
            "[::1]:9401",
            "[::1]",
            "[::ffff:127.0.0.1]:9401",
        ] {
            let at = "127.0.0.1:9401";
            assert!(accepted(at, &[], host, at), "{host}");
        }
    }

    #[test]
    fn no_foreign_name_is_accepted_however_it_is_written() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "evil.example:9401",
            "127.0.0.1.evil.example",
            "evil@localhost",
            "localhost/",
            "localhost:",
            "localhost:x",
            "localhost:99999",
            "localhost:9401:9401",
            "[::1",
            "[::1]x",
            "[localhost]x:1",
            "0x7f.1",
            "0.0.0.0:9401",
            "10.0.0.9:9401",
            "",
            ":9401",
            ".",
        ] {
            let at = "127.0.0.1:9401";
            assert!(!accepted(at, &[], host, at), "{host}");
        }
    }

    #[test]
    fn the_listen_address_counts_with_its_port() {
        let at = "10.0.0.5:9401";
        assert!(accepted(at, &[], "10.0.0.5:9401", at));
        assert!(!accepted(at, &[], "10.0.0.5:9402", at));
        assert!(!accepted(at, &[], "10.0.0.5", at));
        assert!(accepted("10.0.0.5:80", &[], "10.0.0.5", "10.0.0.5:80"));
    }

    #[test]
    fn on_every_address_that_of_the_connection_counts() {
        let local = "10.0.0.5:9401";
        assert!(accepted("0.0.0.0:9401", &[], "10.0.0.5:9401", local));
        assert!(!accepted("0.0.0.0:9401", &[], "10.0.0.6:9401", local));
        assert!(!accepted("0.0.0.0:9401", &[], "evil.example:9401", local));
        let mapped = "[::ffff:10.0.0.5]:9401";
        assert!(accepted("[::]:9401", &[], "10.0.0.5:9401", mapped));
    }

    #[test]
    fn a_named_host_counts_with_its_port_or_with_any() {
        let at = "127.0.0.1:9401";
        let named = ["monitor.example.com", "status.example.com:8443", "fd00::1"];
        for (host, taken) in [
            ("monitor.example.com", true),
            ("Monitor.Example.com:8080", true),
            ("status.example.com:8443", true),
            ("status.example.com", false),
            ("[fd00::1]:9401", true),
            ("[fd00::2]:9401", false),
            ("other.example.com", false),
        ] {
            assert_eq!(accepted(at, &named, host, at), taken, "{host}");
        }
    }

    #[test]
    fn an_origin_is_the_same_only_with_host_and_port() {
        for (origin, host, same) in [
            ("http://localhost:9401", "localhost:9401", true),
            ("https://monitor.example.com", "monitor.example.com", true),
            (
                "https://monitor.example.com",
                "monitor.example.com:443",
                true,
            ),
            ("http://localhost:3000", "localhost:9401", false),
            ("http://evil.example", "localhost:9401", false),
            ("null", "localhost:9401", false),
            ("", "localhost:9401", false),
            ("file://", "localhost:9401", false),
        ] {
            assert_eq!(same_origin(origin, host), same, "{origin} at {host}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_host_is_only_loopback_and_what_is_named_are_accepted(host in ".{0,40}") {
            let at = "127.0.0.1:9401";
            let taken = accepted(at, &["monitor.example.com"], &host, at);
            let lower = host.to_lowercase();
            let known = ["localhost", "127.", "[", "monitor.example.com"];
            assert!(!taken || known.iter().any(|known| lower.starts_with(known)), "{host}");
        }

        #[test]
        fn no_letter_behind_a_known_name_leaves_it_known(tail in "[a-z0-9.-]{0,9}[a-z0-9-]") {
            let at = "127.0.0.1:9401";
            assert!(!accepted(at, &["monitor.example.com"], &format!("localhost{tail}"), at));
            let host = format!("monitor.example.com{tail}");
            assert!(!accepted(at, &["monitor.example.com"], &host, at));
        }
    }
}
