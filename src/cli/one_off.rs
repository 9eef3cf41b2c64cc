//! An endpoint that exists for one knock: made of the command line alone.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use http::{HeaderName, HeaderValue, Method};
use url::Url;

use super::arguments::Probe;
use super::exit::Failure;
use crate::config;
use crate::credential::{Credential, Settings, UserPassword};
use crate::domain::challenge::ExpectedChallenge;
use crate::domain::check::{Check, Name, Persona};
use crate::domain::endpoint::{
    Authorities, Endpoint, HeaderText, Request, Transport, is_loopback,
};
use crate::domain::expectation::{ChallengeExpectation, Expectation, StatusSet};
use crate::domain::secret::{Secret, SecretRef};

/// The environment variable that holds the password of `--user`.
const PASSWORD_VARIABLE: &str = "AUTHVIGIL_PASSWORD";

/// The endpoint to knock on, and the credential to show if there is one.
pub(super) fn from(probe: &Probe) -> Result<(Endpoint, Settings), Failure> {
    let url = checked_url(probe)?;
    let credential = credential(probe)?;
    let persona = credential.as_ref().map_or(Persona::Anonymous, |(name, _)| {
        Persona::Holder(name.clone())
    });
    let check_name = if persona.is_holder() { "valid" } else { "anonymous" };
    let check = Check {
        name: known_name(check_name)?,
        persona,
        expectation: expectation(probe)?,
    };
    let mut endpoint = with_defaults(&url)?;
    endpoint.request = Request {
        method: method(probe)?,
        headers: headers(probe)?,
        ..endpoint.request
    };
    endpoint.transport = transport(probe)?;
    endpoint.allow_cleartext = probe.allow_cleartext;
    endpoint.timeout = probe.timeout;
    endpoint.checks = vec![check];
    Ok((endpoint, Settings { credentials: credential.into_iter().collect() }))
}

/// The endpoint that a configuration with nothing but this URL would have.
fn with_defaults(url: &Url) -> Result<Endpoint, Failure> {
    let text = serde_json::json!({ "endpoints": [{ "name": "probe", "url": url.as_str() }] });
    let read = config::parse(Path::new("command line"), text.to_string());
    let mut endpoints = read.map_err(|faults| usage(faults.to_string()))?.endpoints;
    let none = || Failure::Own("the URL made no endpoint".to_owned());
    let mut endpoint = endpoints.pop().ok_or_else(none)?;
    endpoint.name = named_after(url).unwrap_or(endpoint.name);
    Ok(endpoint)
}

/// The host, as far as it can be a name.
fn named_after(url: &Url) -> Option<Name> {
    let plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let host = url.host_str()?.trim_matches(['[', ']']);
    let name = host.chars().map(|it| if plain(it) { it } else { '-' }).take(Name::MAX_LEN);
    Name::parse(&name.collect::<String>())
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(text.into())
}

fn known_name(name: &str) -> Result<Name, Failure> {
    Name::parse(name).ok_or_else(|| Failure::Own(format!("`{name}` is no name")))
}

fn checked_url(probe: &Probe) -> Result<Url, Failure> {
    let url = &probe.url;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(usage("the URL must begin with http:// or https:// and name a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(usage(
            "a URL must not hold a user or a password; use --user and --password-file",
        ));
    }
    let shows = probe.user.is_some() || probe.bearer_file.is_some();
    if shows && url.scheme() == "http" && !is_loopback(url) && !probe.allow_cleartext {
        return Err(usage(
            "a credential over http:// can be read by everyone on the way; use https://, or \
             --allow-cleartext where that is known",
        ));
    }
    Ok(url.clone())
}

fn credential(probe: &Probe) -> Result<Option<(Name, Credential)>, Failure> {
    let name = known_name("caller")?;
    if let Some(path) = &probe.bearer_file {
        let credentials = SecretRef::File(path.clone());
        let bearer = Credential::Authorization { scheme: "Bearer".to_owned(), credentials };
        return Ok(Some((name, bearer)));
    }
    let Some(user) = &probe.user else { return Ok(None) };
    let (username, password) = match (user.split_once(':'), &probe.password_file) {
        (_, Some(path)) if !user.contains(':') => (user.clone(), SecretRef::File(path.clone())),
        (Some(_), Some(_)) => {
            return Err(usage("give the password by --password-file or after a colon, not both"));
        }
        (Some((user, password)), None) => {
            (user.to_owned(), SecretRef::Literal(Secret::new(password)))
        }
        (None, _) => (user.clone(), SecretRef::Env(PASSWORD_VARIABLE.to_owned())),
    };
    Ok(Some((name, Credential::Basic(UserPassword { username, password }))))
}

fn expectation(probe: &Probe) -> Result<Expectation, Failure> {
    let mut statuses = StatusSet::default();
    for text in &probe.expect_status {
        let set: StatusSet =
            text.parse().map_err(|fault| usage(format!("--expect-status `{text}`: {fault}")))?;
        statuses = statuses.union(set);
    }
    if statuses.is_empty() {
        statuses = StatusSet::any();
    }
    let mut challenges = Vec::new();
    for text in &probe.expect_challenge {
        challenges.push(
            ExpectedChallenge::parse(text)
                .map_err(|fault| usage(format!("--expect-challenge `{text}`: {fault}")))?,
        );
    }
    let mut expectation = Expectation::of_status(statuses);
    if !challenges.is_empty() {
        expectation.challenge = ChallengeExpectation::Offers(challenges);
    }
    Ok(expectation)
}

fn method(probe: &Probe) -> Result<Method, Failure> {
    Method::from_bytes(probe.method.as_bytes())
        .map_err(|_invalid| usage(format!("`{}` is no method", probe.method)))
}

fn headers(probe: &Probe) -> Result<Vec<(HeaderName, HeaderText)>, Failure> {
    probe.header.iter().map(|header| one_header(header)).collect()
}

fn one_header(header: &str) -> Result<(HeaderName, HeaderText), Failure> {
    // The value may be a secret, so no message shows it.
    let Some((name, value)) = header.split_once(':') else {
        return Err(usage("write --header as 'Name: value'"));
    };
    let parsed = (HeaderName::try_from(name.trim()), HeaderValue::try_from(value.trim()));
    match parsed {
        (Ok(name), Ok(value)) => Ok((name, HeaderText::Plain(value))),
        (Err(_), _) => Err(usage(format!("`{}` is no header name", name.trim()))),
        (_, Err(_)) => Err(usage(format!("the value of `{}` is no header value", name.trim()))),
    }
}

fn transport(probe: &Probe) -> Result<Transport, Failure> {
    let authorities = probe.ca_file.as_deref().map(authorities).transpose()?;
    let mut resolve = BTreeMap::new();
    for pair in &probe.resolve {
        let parsed = pair.split_once('=').map(|(host, address)| (host, address.parse::<IpAddr>()));
        let Some((host, Ok(address))) = parsed else {
            return Err(usage(format!("--resolve `{pair}`: write HOST=ADDRESS")));
        };
        resolve.insert(host.to_ascii_lowercase(), address);
    }
    let insecure_skip_verify = probe.insecure;
    Ok(Transport { authorities, insecure_skip_verify, resolve, ..Transport::default() })
}

fn authorities(path: &Path) -> Result<Authorities, Failure> {
    config::authorities(path)
        .map_err(|why| usage(format!("--ca-file `{}` {why}", path.display())))
}
