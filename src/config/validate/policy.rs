//! Rules over an endpoint as a whole: what must not travel how, and what would be seen by nobody.

use std::net::IpAddr;

use http::Method;

use super::layers::Layers;
use super::ledger::Ledger;
use super::{Context, unwise};
use crate::config::raw;
use crate::credential::Credential;
use crate::domain::check::{Disguise, Name, Persona, Role};
use crate::domain::endpoint::{Endpoint, HeaderText, is_loopback};

type EndpointLayers<'a> = Layers<'a, raw::Endpoint>;

/// Judges an endpoint whose parts are valid.
pub(crate) fn judge(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &EndpointLayers<'_>,
    endpoint: &Endpoint,
) {
    let exposed = exposed(endpoint);
    refuse_cleartext(ledger, layers, endpoint, exposed.as_ref());
    refuse_unverified(ledger, layers, endpoint, exposed.as_ref());
    refuse_certificate_without_tls(context, ledger, layers, endpoint);
    refuse_body_of_head(ledger, layers, endpoint);
    warn_of_no_refusal(ledger, layers, endpoint);
    unwise::judge(context, ledger, layers, endpoint);
}

/// What of real value the probes of an endpoint carry.
enum Exposed {
    Credential(Name),
    File(&'static str),
    Header(String),
}

impl Exposed {
    fn name(&self) -> String {
        match self {
            Self::Credential(name) => format!("the credential `{name}`"),
            Self::File(word) => format!("the token of `{word}`"),
            Self::Header(name) => format!("the secret header `{name}`"),
        }
    }
}

fn exposed(endpoint: &Endpoint) -> Option<Exposed> {
    let real = |persona: &Persona| match persona {
        Persona::Holder(name) => Some(Exposed::Credential(name.clone())),
        Persona::Impostor(impostor) => match &impostor.disguise {
            // A real credential, whoever it belongs to.
            disguise @ (Disguise::Expired(_) | Disguise::TokenFile(_)) => {
                Some(Exposed::File(disguise.as_str()))
            }
            Disguise::Empty
            | Disguise::Tampered
            | Disguise::Truncated
            | Disguise::Unsigned
            | Disguise::WrongPassword => impostor.credential.clone().map(Exposed::Credential),
        },
        Persona::Anonymous | Persona::Invalid(_) => None,
    };
    let mut credentials = endpoint.checks.iter().filter_map(|it| real(&it.persona));
    let mut headers = endpoint.request.headers.iter();
    let header = headers.find(|(_, value)| matches!(value, HeaderText::Secret(_)));
    let header = header.map(|(name, _)| Exposed::Header(name.to_string()));
    credentials.next().or(header)
}

/// Whether what is sent in clear text stays on this machine.
fn stays_here(endpoint: &Endpoint) -> bool {
    let url = &endpoint.request.url;
    if let Some(proxy) = &endpoint.transport.proxy {
        return is_loopback(proxy) && is_loopback(url);
    }
    let host = url.host_str().unwrap_or_default();
    match endpoint.transport.resolve.get(host) {
        Some(IpAddr::V4(address)) => address.is_loopback(),
        Some(IpAddr::V6(address)) => address.is_loopback(),
        None => is_loopback(url),
    }
}

fn refuse_cleartext(
    ledger: &mut Ledger,
    layers: &EndpointLayers<'_>,
    endpoint: &Endpoint,
    exposed: Option<&Exposed>,
) {
    let clear = endpoint.request.url.scheme() == "http" && !stays_here(endpoint);
    let (Some(exposed), true, false) = (exposed, clear, endpoint.allow_cleartext) else {
        return;
    };
    if let Some(found) = layers.find("url", |raw| &raw.url) {
        ledger
            .fault(
                &found.place,
                format!("{} would be sent in clear text", exposed.name()),
            )
            .within(0, "http".len())
            .label("`http://` to another machine")
            .hint("use `https://`, or accept it with `allow_cleartext: true`");
    }
}

fn refuse_unverified(
    ledger: &mut Ledger,
    layers: &EndpointLayers<'_>,
    endpoint: &Endpoint,
    exposed: Option<&Exposed>,
) {
    let allowed = layers.find("allow_unverified", |raw| &raw.allow_unverified);
    let allowed = allowed.is_some_and(|found| *found.value);
    let tls = layers.block("tls_config", |raw| &raw.tls_config);
    let skip = tls.find("insecure_skip_verify", |raw| &raw.insecure_skip_verify);
    let skip = skip.filter(|found| *found.value && endpoint.request.url.scheme() == "https");
    let (Some(exposed), Some(skip), false) = (exposed, skip, allowed) else {
        return;
    };
    ledger
        .fault(&skip.place, format!("{} would be sent to whoever answers", exposed.name()))
        .label("the server's certificate is not verified")
        .hint("name the server's authority with `ca_file`, or accept it with `allow_unverified: true`");
}

fn refuse_certificate_without_tls(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &EndpointLayers<'_>,
    endpoint: &Endpoint,
) {
    let is_certificate = |name: &&Name| {
        let credential = context.credential(name);
        matches!(credential, Some(Credential::ClientCertificate { .. }))
    };
    let personas = endpoint.checks.iter().map(|check| &check.persona);
    let mut names = personas.filter_map(Persona::credential);
    let url = layers.find("url", |raw| &raw.url);
    let plain = endpoint.request.url.scheme() == "http";
    if let (Some(name), Some(url), true) = (names.find(is_certificate), url, plain) {
        ledger
            .fault(
                &url.place,
                format!("the client certificate `{name}` needs TLS"),
            )
            .within(0, "http".len())
            .label("`http://` has no handshake to show it in")
            .hint("use `https://`");
    }
}

fn refuse_body_of_head(ledger: &mut Ledger, layers: &EndpointLayers<'_>, endpoint: &Endpoint) {
    if endpoint.request.method != Method::HEAD {
        return;
    }
    let mut with_body = endpoint.checks.iter();
    let with_body = with_body.find(|check| !check.expectation.body.is_empty());
    let method = layers.find("method", |raw| &raw.method);
    if let (Some(check), Some(method)) = (with_body, method) {
        ledger
            .fault(&method.place, "the answer to `HEAD` has no body")
            .label(format!(
                "the check `{}` expects something of it",
                check.name
            ))
            .hint("use `GET`, or remove the `body` expectation");
    }
}

/// An endpoint whose checks are all to be admitted says nothing about its lock.
fn warn_of_no_refusal(ledger: &mut Ledger, layers: &EndpointLayers<'_>, endpoint: &Endpoint) {
    let refused = endpoint
        .checks
        .iter()
        .any(|check| check.role() == Role::Refused);
    let checks = layers.find("checks", |raw| &raw.checks);
    if let (Some(checks), false, false) = (checks, refused, endpoint.checks.is_empty()) {
        ledger
            .warn(
                &checks.place,
                format!("nobody is refused at `{}`", endpoint.name),
            )
            .on_key()
            .label("no check would notice an open door")
            .hint("add `- as: anonymous`");
    }
}
