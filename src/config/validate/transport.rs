//! How requests travel: trust, proxies, addresses, versions.

use std::collections::BTreeMap;
use std::net::IpAddr;

use url::{Host, Url};

use super::layers::Layers;
use super::ledger::{Ledger, Part};
use super::secrets::file_path;
use super::{Context, urls};
use crate::config::place::Place;
use crate::config::raw::{self, TlsConfig};
use crate::domain::endpoint::{Authorities, HttpChoice, IpProtocol, TlsVersion, Transport};

/// Reads the transport of an endpoint.
pub(crate) fn transport(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
    url: Option<&Url>,
) -> Transport {
    let tls = tls(
        context,
        ledger,
        &layers.block("tls_config", |raw| &raw.tls_config),
    );
    let proxy = layers.find("proxy_url", |raw| &raw.proxy_url);
    let proxy = proxy.and_then(|it| urls::url(ledger, &it.place, it.value, urls::PROXY));
    let version = layers.find("http_version", |raw| &raw.http_version);
    let ip_protocol = ip_protocol(layers);
    let resolve = resolve(ledger, layers, ip_protocol);
    let transport = Transport {
        authorities: tls.authorities,
        server_name: tls.server_name,
        min_version: tls.min_version,
        insecure_skip_verify: tls.insecure_skip_verify,
        proxy,
        ip_protocol,
        resolve,
        http_version: match version.map(|found| *found.value).unwrap_or_default() {
            raw::HttpVersion::Any => HttpChoice::Any,
            raw::HttpVersion::Http11 => HttpChoice::Http11,
            raw::HttpVersion::Http2 => HttpChoice::Http2,
        },
    };
    if let Some(url) = url {
        refuse_wrong_family(ledger, layers, url, &transport);
    }
    transport
}

/// What a `tls_config` says, of an endpoint or of mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) authorities: Option<Authorities>,
    pub(crate) server_name: Option<String>,
    pub(crate) min_version: TlsVersion,
    pub(crate) insecure_skip_verify: bool,
}

/// Reads a `tls_config`.
pub(crate) fn tls(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, TlsConfig>,
) -> Tls {
    let ca_file = layers.find("ca_file", |raw| &raw.ca_file);
    let authorities = ca_file.and_then(|found| {
        let path = file_path(context, ledger, &found.place, found.value)?;
        let read = context.authorities(&path);
        read.map_err(|why| {
            ledger.fault(&found.place, format!("`ca_file` {why}"));
        })
        .ok()
    });
    let server_name = layers.find("server_name", |raw| &raw.server_name);
    let server_name =
        server_name.and_then(|found| host(ledger, &found.place, found.value, Part::Value));
    let min_version = layers.find("min_version", |raw| &raw.min_version);
    let skip = layers.find("insecure_skip_verify", |raw| &raw.insecure_skip_verify);
    Tls {
        authorities,
        server_name,
        min_version: match min_version.map(|found| *found.value).unwrap_or_default() {
            raw::TlsVersion::Tls12 => TlsVersion::Tls12,
            raw::TlsVersion::Tls13 => TlsVersion::Tls13,
        },
        insecure_skip_verify: skip.is_some_and(|found| *found.value),
    }
}

/// Reads a host name or an address; on a key, the place points there.
pub(crate) fn host(
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
    part: Part,
) -> Option<String> {
    let bracketed = match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(_)) => format!("[{text}]"),
        Ok(IpAddr::V4(_)) | Err(_) => text.to_owned(),
    };
    let parsed = Host::parse(&bracketed).ok();
    let plain = |host: &Host| match host {
        Host::Domain(name) => name
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"-._".contains(&it)),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    let Some(host) = parsed.filter(plain) else {
        let draft = ledger.fault(place, "this is no host name").on(part);
        if text.contains("://") || text.contains('/') {
            draft.hint("write the host alone, without `https://` and path");
        } else if text.contains(':') {
            draft.hint("write the host alone, without a port");
        }
        return None;
    };
    Some(match host {
        Host::Ipv6(address) => address.to_string(),
        Host::Ipv4(address) => address.to_string(),
        Host::Domain(name) => name,
    })
}

fn ip_protocol(layers: &Layers<'_, raw::Endpoint>) -> IpProtocol {
    let found = layers.find("ip_protocol", |raw| &raw.ip_protocol);
    match found.map(|found| *found.value).unwrap_or_default() {
        raw::IpProtocol::Any => IpProtocol::Any,
        raw::IpProtocol::Ip4 => IpProtocol::Ip4,
        raw::IpProtocol::Ip6 => IpProtocol::Ip6,
    }
}

/// Reads which addresses to dial; an endpoint's own entries win over its profile's.
fn resolve(
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
    family: IpProtocol,
) -> BTreeMap<String, IpAddr> {
    let mut addresses = BTreeMap::new();
    for found in layers.all("resolve", |raw| &raw.resolve) {
        for (name, address) in found.value.iter() {
            let place = found.place.key(name);
            let name = host(ledger, &place, name, Part::Key);
            let Ok(address) = address.parse::<IpAddr>() else {
                ledger
                    .fault(&place, "this is no IP address")
                    .hint("write one such as `10.0.0.7` or `2001:db8::7`, without a port");
                continue;
            };
            if !family.allows(address) {
                ledger
                    .fault(&place, "this address is of the wrong family")
                    .label(format!("`ip_protocol` asks for {}", family_name(family)));
            }
            if let Some(name) = name {
                addresses.entry(name).or_insert(address);
            }
        }
    }
    addresses
}

/// An address in the URL that `ip_protocol` rules out.
fn refuse_wrong_family(
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
    url: &Url,
    transport: &Transport,
) {
    let literal = urls::ip_literal(url).filter(|it| !transport.ip_protocol.allows(*it));
    let found = layers.find("ip_protocol", |raw| &raw.ip_protocol);
    let url = layers.find("url", |raw| &raw.url);
    if let (Some(literal), Some(found), Some(url), None) = (literal, found, url, &transport.proxy) {
        let is = if literal.is_ipv4() { "IPv4" } else { "IPv6" };
        ledger
            .fault(
                &found.place,
                "`ip_protocol` rules out the URL's own address",
            )
            .label(format!("the URL holds an {is} address"))
            .see(&url.place)
            .hint("remove `ip_protocol`, or use a host name");
    }
}

fn family_name(family: IpProtocol) -> &'static str {
    match family {
        IpProtocol::Any => "any",
        IpProtocol::Ip4 => "IPv4",
        IpProtocol::Ip6 => "IPv6",
    }
}
