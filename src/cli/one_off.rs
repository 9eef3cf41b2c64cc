//! A configuration for one knock: made of the command line, read like any other.

use serde_json::{Map, Value, json};
use tracing::warn;
use url::Url;

use super::arguments::Probe;
use super::exit::Failure;
use crate::config::{self, Config, Excerpt, Fault, Faults};
use crate::domain::check::Name;

/// The environment variable that holds the password of `--user`.
const PASSWORD_VARIABLE: &str = "AUTHVIGIL_PASSWORD";

/// The name of the credential that is shown.
const CALLER: &str = "caller";

/// The configuration with the one endpoint, and the credential if there is one.
pub(super) fn config(probe: &Probe) -> Result<Config, Failure> {
    refuse_what_would_leak(probe)?;
    let mut document = json!({ "endpoints": [endpoint(probe)?] });
    if let Some(credential) = credential(probe)? {
        document["credentials"] = json!({ CALLER: credential });
    }
    config::parse("command line".as_ref(), document.to_string())
        .map_err(|faults| told(probe, &faults))
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(text.into())
}

/// The faults without their place: nobody wrote that line.
fn told(probe: &Probe, faults: &Faults) -> Failure {
    let sentences: Vec<String> = faults.iter().map(|fault| sentence(probe, fault)).collect();
    usage(sentences.join("; "))
}

fn sentence(probe: &Probe, fault: &Fault) -> String {
    let mut sentence = fault.message.clone();
    // Whoever forgets a header's name gives a secret in its place.
    let may_be_secret = |found: &String| {
        let found = found.trim_matches('"');
        let mut given = probe.header.iter().map(|header| json!(header).to_string());
        given.any(|header| header.contains(found))
    };
    let found = fault.excerpt.as_ref().and_then(underlined);
    if let Some(found) = found.filter(|found| !may_be_secret(found)) {
        sentence = format!("{sentence}: {found}");
    }
    if let Some(label) = &fault.label {
        sentence = format!("{sentence}, {label}");
    }
    match &fault.hint {
        Some(hint) => format!("{sentence} ({hint})"),
        None => sentence,
    }
}

/// What a fault is about, as far as it is short; secrets in it are masked.
fn underlined(excerpt: &Excerpt) -> Option<String> {
    const LONGEST: usize = 80;
    let found = excerpt.text.chars().skip(excerpt.offset);
    (excerpt.length <= LONGEST).then(|| found.take(excerpt.length).collect())
}

/// Says in the words of the command line what the configuration would say in its own.
fn refuse_what_would_leak(probe: &Probe) -> Result<(), Failure> {
    let url = &probe.url;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(usage(
            "a URL must not hold a user or a password; use --user and --password-file",
        ));
    }
    let shows = probe.user.is_some() || probe.bearer_file.is_some();
    let clear = url.scheme() == "http" && !crate::domain::endpoint::is_loopback(url);
    if shows && clear && !probe.allow_cleartext {
        return Err(usage(
            "a credential over http:// can be read by everyone on the way; use https://, or \
             --allow-cleartext where that is known",
        ));
    }
    Ok(())
}

fn credential(probe: &Probe) -> Result<Option<Value>, Failure> {
    if let Some(path) = &probe.bearer_file {
        return Ok(Some(
            json!({ "authorization": { "credentials_file": path } }),
        ));
    }
    let Some(user) = &probe.user else {
        return Ok(None);
    };
    let basic = match (user.split_once(':'), &probe.password_file) {
        (Some(_), Some(_)) => {
            return Err(usage(
                "give the password by --password-file or after a colon, not both",
            ));
        }
        (Some((user, password)), None) => {
            warn!(
                "every user of this machine can read a password on a command line; give it by \
                 --password-file or by the variable {PASSWORD_VARIABLE}"
            );
            json!({ "username": user, "password": password })
        }
        (None, Some(path)) => json!({ "username": user, "password_file": path }),
        (None, None) => json!({ "username": user, "password_env": PASSWORD_VARIABLE }),
    };
    Ok(Some(json!({ "basic_auth": basic })))
}

fn endpoint(probe: &Probe) -> Result<Value, Failure> {
    let mut endpoint = json!({
        "name": named_after(&probe.url),
        "url": probe.url.as_str(),
        "method": probe.method,
        "timeout": format!("{}ms", probe.timeout.as_millis()),
        // Longer than any timeout: there is one knock.
        "interval": "365d",
        "headers": headers(probe)?,
        "resolve": resolve(probe)?,
        "allow_cleartext": probe.allow_cleartext,
        "allow_unverified": probe.insecure,
        "checks": [check(probe)],
    });
    let mut tls = json!({ "insecure_skip_verify": probe.insecure });
    if let Some(path) = &probe.ca_file {
        tls["ca_file"] = json!(path);
    }
    endpoint["tls_config"] = tls;
    Ok(endpoint)
}

/// The host, as far as it can be a name.
fn named_after(url: &Url) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let name: String = host
        .chars()
        .map(|it| if plain(it) { it } else { '-' })
        .take(Name::MAX_LEN)
        .collect();
    if name.is_empty() {
        "probe".to_owned()
    } else {
        name
    }
}

fn check(probe: &Probe) -> Value {
    let mut expect = Map::new();
    // Without an expectation any answer will do.
    let statuses = match probe.expect_status.as_slice() {
        [] => json!("100-599"),
        some => json!(some),
    };
    expect.insert("status".to_owned(), statuses);
    if !probe.expect_challenge.is_empty() {
        expect.insert("challenge".to_owned(), json!(probe.expect_challenge));
    }
    if probe.user.is_some() || probe.bearer_file.is_some() {
        json!({ "as": CALLER, "name": "valid", "expect": expect })
    } else {
        json!({ "as": "anonymous", "expect": expect })
    }
}

fn headers(probe: &Probe) -> Result<Value, Failure> {
    let mut headers = Map::new();
    for header in &probe.header {
        // The value may be a secret, so no message shows it.
        let Some((name, value)) = header.split_once(':') else {
            return Err(usage("write --header as 'Name: value'"));
        };
        headers.insert(name.trim().to_owned(), json!(value.trim()));
    }
    Ok(Value::Object(headers))
}

fn resolve(probe: &Probe) -> Result<Value, Failure> {
    let mut hosts = Map::new();
    for pair in &probe.resolve {
        let Some((host, address)) = pair.split_once('=') else {
            return Err(usage(format!("--resolve `{pair}`: write HOST=ADDRESS")));
        };
        hosts.insert(host.to_owned(), json!(address));
    }
    Ok(Value::Object(hosts))
}
