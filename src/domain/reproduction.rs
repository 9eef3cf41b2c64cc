//! The `curl` line that asks the same question by hand.
//!
//! In come an endpoint, a persona and what is known of how its credential travels; out goes one line
//! for a POSIX shell, with a `$VARIABLE` in the place of every secret.
//!
//! What `curl` cannot be told is left out: a name for SNI that differs from the host, and redirects
//! that are followed on the same origin alone. The line shows the first answer.
//!
//! **Invariant:** no secret, and nothing that may be one, stands in the line; nothing in it is run by
//! the shell.

mod word;

use std::sync::Arc;

use http::{HeaderName, Method};
use url::Url;
use word::Word;

use super::check::{Disguise, Persona};
use super::endpoint::{Endpoint, HeaderText, HttpChoice, IpProtocol, Request, TlsVersion};
use super::observation::is_sensitive;

/// How a credential travels, as far as whoever asks for the line knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Presentation {
    /// Not known: shown as the whole value of `Authorization`.
    #[default]
    Unknown,
    /// User and password by Basic, RFC 7617.
    Basic,
    /// User and password by Digest, RFC 7616.
    Digest,
    /// `Authorization` with this scheme and one opaque word.
    Scheme(Arc<str>),
    /// A key as the value of this header.
    HeaderKey(HeaderName),
    /// A key as the value of this query parameter.
    QueryKey(Arc<str>),
    /// A certificate and its private key in the TLS handshake.
    ClientCertificate,
    /// A cookie that a login gave.
    Session,
}

/// A text as one word of a POSIX shell: what it reads back is the text.
///
/// ```
/// use authvigil::domain::reproduction::quoted;
/// assert_eq!(quoted("orders"), "orders");
/// assert_eq!(quoted("class=\"bypass\""), "'class=\"bypass\"'");
/// ```
pub fn quoted(text: &str) -> String {
    Word::of(text).quoted()
}

/// The line: `curl -sS -i …`, without a line break.
pub fn curl(endpoint: &Endpoint, persona: &Persona, presentation: &Presentation) -> String {
    let mut words: Vec<String> = ["curl", "-sS", "-i"].map(str::to_owned).into();
    transport(endpoint, &mut words);
    method(&endpoint.request, &mut words);
    headers(&endpoint.request, &mut words);
    let key = credential(persona, presentation, &mut words);
    if has_glob(&endpoint.request.url) {
        words.push("-g".to_owned());
    }
    words.push(address(&endpoint.request.url, key).quoted());
    words.join(" ")
}

fn transport(endpoint: &Endpoint, words: &mut Vec<String>) {
    let transport = &endpoint.transport;
    let family = match transport.ip_protocol {
        IpProtocol::Any => None,
        IpProtocol::Ip4 => Some("-4"),
        IpProtocol::Ip6 => Some("-6"),
    };
    let version = match (transport.http_version, endpoint.request.url.scheme()) {
        (HttpChoice::Any, _) => None,
        (HttpChoice::Http11, _) => Some("--http1.1"),
        (HttpChoice::Http2, "http") => Some("--http2-prior-knowledge"),
        (HttpChoice::Http2, _) => Some("--http2"),
    };
    let oldest = match transport.min_version {
        TlsVersion::Tls12 => None,
        TlsVersion::Tls13 => Some("--tlsv1.3"),
    };
    let blind = transport.insecure_skip_verify.then_some("-k");
    words.extend(
        [family, version, oldest, blind]
            .into_iter()
            .flatten()
            .map(str::to_owned),
    );
    if let Some(authorities) = &transport.authorities {
        let path = authorities.path.to_string_lossy();
        option("--cacert", &Word::of(&path), words);
    }
    if let Some(proxy) = &transport.proxy {
        option("-x", &Word::of(proxy.as_str()), words);
    }
    let port = endpoint.origin().port;
    for (host, ip) in &transport.resolve {
        option(
            "--resolve",
            &Word::of(&format!("{host}:{port}:{ip}")),
            words,
        );
    }
    option(
        "-m",
        &Word::of(&endpoint.timeout.as_secs_f64().to_string()),
        words,
    );
}

fn method(request: &Request, words: &mut Vec<String>) {
    let has_body = request.body.is_some();
    match request.method {
        Method::HEAD if !has_body => words.push("-I".to_owned()),
        Method::GET if !has_body => {}
        Method::POST if has_body => {}
        ref other => option("-X", &Word::of(other.as_str()), words),
    }
    if has_body {
        // What is posted may hold a token, and need not be text.
        option("--data-binary", &Word::of("@").variable("BODY_FILE"), words);
        if !request
            .headers
            .iter()
            .any(|(name, _)| *name == http::header::CONTENT_TYPE)
        {
            // Without this, curl names a type of its own.
            option("-H", &Word::of("Content-Type:"), words);
        }
    }
}

fn headers(request: &Request, words: &mut Vec<String>) {
    if let Ok(agent) = request.user_agent.to_str() {
        option("-A", &Word::of(agent), words);
    }
    for (name, value) in &request.headers {
        let plain = match value {
            HeaderText::Plain(value) if !is_sensitive(name.as_str()) => value.to_str().ok(),
            HeaderText::Plain(_) | HeaderText::Secret(_) => None,
        };
        let word = match plain {
            // curl takes `Name:` for a header to leave out, and `Name;` for an empty one.
            Some("") => Word::of(&format!("{name};")),
            Some(plain) if !plain.contains('\t') => Word::of(&format!("{name}: {plain}")),
            Some(_) | None => Word::of(&format!("{name}: ")).variable(&variable(name.as_str())),
        };
        option("-H", &word, words);
    }
}

/// Adds the credential; gives the parameter and its value where it goes into the query.
fn credential<'a>(
    persona: &Persona,
    presentation: &'a Presentation,
    words: &mut Vec<String>,
) -> Option<(&'a str, Word)> {
    let shown = Shown::of(persona)?;
    let value = |suffix: &str| shown.value(suffix);
    match presentation {
        Presentation::Unknown => {
            let word = Word::of("Authorization: ").variable(shown.generic);
            option("-H", &word, words);
        }
        Presentation::Basic => option("-u", &shown.user_password(), words),
        Presentation::Digest => {
            words.push("--digest".to_owned());
            option("-u", &shown.user_password(), words);
        }
        Presentation::Scheme(scheme) => {
            let word = Word::of(&format!("Authorization: {scheme} ")).and(value("TOKEN"));
            option("-H", &word, words);
        }
        Presentation::HeaderKey(name) => {
            option(
                "-H",
                &Word::of(&format!("{name}: ")).and(value("KEY")),
                words,
            );
        }
        Presentation::QueryKey(name) => return Some((name, value("KEY"))),
        Presentation::ClientCertificate => {
            option("--cert", &value("CERTIFICATE_FILE"), words);
            option("--key", &value("KEY_FILE"), words);
        }
        Presentation::Session => {
            option("-H", &Word::of("Cookie: ").and(value("COOKIE")), words);
        }
    }
    None
}

/// What a persona shows, in variables.
struct Shown {
    /// What the names of its variables start with; `None` where there is nothing to fill in.
    prefix: Option<String>,
    /// Whose user goes with the password.
    user: Option<String>,
    /// The variable in place of all of it, where nothing is known of its form.
    generic: &'static str,
}

impl Shown {
    fn of(persona: &Persona) -> Option<Self> {
        let shown = match persona {
            Persona::Anonymous => return None,
            Persona::Holder(name) => Self {
                prefix: Some(variable(name.as_str())),
                user: Some(variable(name.as_str())),
                generic: "CREDENTIAL",
            },
            Persona::Invalid(_) => Self {
                prefix: Some("MADE_UP".to_owned()),
                user: Some("MADE_UP".to_owned()),
                generic: "MADE_UP_CREDENTIAL",
            },
            Persona::Impostor(impostor) if impostor.disguise == Disguise::Empty => Self {
                prefix: None,
                user: None,
                generic: "EMPTY_CREDENTIAL",
            },
            Persona::Impostor(impostor) => Self {
                prefix: Some(variable(&persona.to_string())),
                user: impostor
                    .credential
                    .as_ref()
                    .map(|name| variable(name.as_str())),
                generic: "IMPOSTOR_CREDENTIAL",
            },
        };
        Some(shown)
    }

    fn value(&self, suffix: &str) -> Word {
        match &self.prefix {
            Some(prefix) => Word::default().variable(&format!("{prefix}_{suffix}")),
            None => Word::default(),
        }
    }

    fn user_password(&self) -> Word {
        let user = match &self.user {
            Some(user) => Word::default().variable(&format!("{user}_USER")),
            None => Word::default(),
        };
        user.text(":").and(self.value("PASSWORD"))
    }
}

/// The address as configured, with variables in place of what may be secret, without a fragment.
fn address(url: &Url, key: Option<(&str, Word)>) -> Word {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    let mut word = Word::of(bare.as_str());
    let mut mark = "?";
    for pair in url.query().into_iter().flat_map(|query| query.split('&')) {
        word = word.text(mark);
        word = match pair.split_once('=') {
            Some((name, value)) if may_be_secret(name, value) => {
                word.text(&format!("{name}=")).variable(&variable(name))
            }
            Some(_) | None => word.text(pair),
        };
        mark = "&";
    }
    if let Some((name, value)) = key {
        let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        word = word.text(&format!("{mark}{name}=")).and(value);
    }
    word
}

/// Whether the value of a query parameter is better not shown: by its name, or because it is as long
/// as a token.
fn may_be_secret(name: &str, value: &str) -> bool {
    const SHORTEST_TOKEN: usize = 16;
    const WORDS: [&str; 6] = ["code", "credential", "pass", "pwd", "session", "sig"];
    let lower = name.to_ascii_lowercase();
    let named = is_sensitive(name) || WORDS.iter().any(|word| lower.contains(word));
    !value.is_empty() && (named || value.len() >= SHORTEST_TOKEN)
}

/// Whether `curl` would take brackets or braces of the address for a list of addresses.
fn has_glob(url: &Url) -> bool {
    url.as_str().contains(['[', ']', '{', '}'])
}

fn option(name: &str, value: &Word, words: &mut Vec<String>) {
    words.push(name.to_owned());
    words.push(value.quoted());
}

/// A name of the configuration as the name of a shell variable.
fn variable(name: &str) -> String {
    let upper = name.chars().map(|character| match character {
        'a'..='z' => character.to_ascii_uppercase(),
        'A'..='Z' | '0'..='9' => character,
        _ => '_',
    });
    let upper: String = upper.collect();
    if upper.starts_with(|first: char| first.is_ascii_digit()) || upper.is_empty() {
        format!("_{upper}")
    } else {
        upper
    }
}

#[cfg(test)]
mod tests;
