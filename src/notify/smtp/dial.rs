//! Who is dialled, and with which name.

use std::net::{IpAddr, SocketAddr};

use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;

use super::patience::{Patience, within};
use super::record::Failure;

/// More addresses than this of one name are not tried.
const MOST_ADDRESSES: usize = 4;

/// The addresses of a name, the one to dial first in front.
pub(super) async fn resolve(
    host: &str,
    port: u16,
    patience: Patience,
) -> Result<Vec<SocketAddr>, Failure> {
    let found = within(patience.step, tokio::net::lookup_host((host, port))).await?;
    Ok(found.take(MOST_ADDRESSES).collect())
}

/// Connects to the first of them that answers.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    patience: Patience,
) -> Result<TcpStream, Failure> {
    let mut last = Failure::Broken("the name has no address".to_owned());
    for address in addresses {
        match within(patience.connect, TcpStream::connect(address)).await {
            Ok(stream) => return Ok(stream),
            Err(Failure::Broken(why)) => last = Failure::Broken(format!("{address}: {why}")),
            Err(other @ (Failure::Refused(_) | Failure::Never(_))) => return Err(other),
        }
    }
    Err(last)
}

/// The name to greet with: the configured one, else this host's where it has a domain, else its
/// address (RFC 5321 §4.1.4).
pub(super) fn hello(configured: Option<&str>, local: Option<IpAddr>) -> ClientId {
    let own = || {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        let name = name.trim();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        (name.contains('.') && name.bytes().all(plain)).then(|| name.to_owned())
    };
    match (configured.map(str::to_owned).or_else(own), local) {
        (Some(name), _) => match name.parse() {
            Ok(address) => literal(address),
            Err(_no_address) => ClientId::Domain(name),
        },
        (None, Some(address)) => literal(address),
        (None, None) => ClientId::Domain("localhost".to_owned()),
    }
}

fn literal(address: IpAddr) -> ClientId {
    match address.to_canonical() {
        IpAddr::V4(address) => ClientId::Ipv4(address),
        IpAddr::V6(address) => ClientId::Ipv6(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_greets_in_brackets() {
        let greeting = |name| hello(Some(name), None).to_string();
        assert_eq!(greeting("192.0.2.1"), "[192.0.2.1]");
        assert_eq!(greeting("2001:db8::1"), "[IPv6:2001:db8::1]");
        assert_eq!(greeting("monitor.example.com"), "monitor.example.com");
    }
}
