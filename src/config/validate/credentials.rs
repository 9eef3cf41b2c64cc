//! Credentials: each exactly one kind, each secret in exactly one form.

use http::HeaderName;

use super::command::command;
use super::ledger::{Ledger, Part};
use super::names::listed;
use super::secrets::{Forms, secret, secret_file, secret_path};
use super::{Context, tokens};
use crate::config::place::Place;
use crate::config::raw::{self, Given};
use crate::credential::{Credential, KeyPlace, UserPassword};

/// The keys of the kinds, in the order of the reference.
const KINDS: [&str; 9] = [
    "basic_auth",
    "digest_auth",
    "authorization",
    "oauth2",
    "api_key",
    "login_form",
    "client_certificate",
    "registry_token",
    "command",
];

/// Headers that belong to the exchange itself and cannot carry anything configured.
pub(crate) const FRAMING: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What a user and a password are presented by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserScheme {
    /// Both in one text, with a colon between them.
    Basic,
    /// A digest of both.
    Digest,
}

/// Reads one credential.
pub(crate) fn credential(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Credential,
) -> Option<Credential> {
    only_kind(ledger, place, raw)?;
    let mut reader = Reader { context, ledger };
    if let Some(user) = raw.basic_auth.get() {
        let place = place.key("basic_auth");
        return reader
            .user(&place, user, UserScheme::Basic)
            .map(Credential::Basic);
    }
    if let Some(user) = raw.digest_auth.get() {
        let place = place.key("digest_auth");
        return reader
            .user(&place, user, UserScheme::Digest)
            .map(Credential::Digest);
    }
    if let Some(raw) = raw.authorization.get() {
        return reader.authorization(&place.key("authorization"), raw);
    }
    if let Some(raw) = raw.oauth2.get() {
        let token = tokens::oauth2(context, ledger, &place.key("oauth2"), raw);
        return token.map(|token| Credential::OAuth2(Box::new(token)));
    }
    if let Some(raw) = raw.api_key.get() {
        return reader.api_key(&place.key("api_key"), raw);
    }
    if let Some(raw) = raw.login_form.get() {
        let form = tokens::login_form(context, ledger, &place.key("login_form"), raw);
        return form.map(|form| Credential::LoginForm(Box::new(form)));
    }
    if let Some(raw) = raw.registry_token.get() {
        let token = tokens::registry_token(context, ledger, &place.key("registry_token"), raw);
        return token.map(|token| Credential::RegistryToken(Box::new(token)));
    }
    if let Some(raw) = raw.command.get() {
        return command(context, ledger, &place.key("command"), raw).map(Credential::Command);
    }
    let raw = raw.client_certificate.get()?;
    reader.client_certificate(&place.key("client_certificate"), raw)
}

/// Refuses a credential that is of no kind or of several.
fn only_kind(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::Credential) -> Option<()> {
    let present = [
        raw.basic_auth.get().is_some(),
        raw.digest_auth.get().is_some(),
        raw.authorization.get().is_some(),
        raw.oauth2.get().is_some(),
        raw.api_key.get().is_some(),
        raw.login_form.get().is_some(),
        raw.client_certificate.get().is_some(),
        raw.registry_token.get().is_some(),
        raw.command.get().is_some(),
    ];
    let kinds = KINDS.iter().zip(present);
    let mut kinds = kinds.filter_map(|(kind, present)| present.then_some(*kind));
    let Some(first) = kinds.next() else {
        ledger
            .fault(place, "a credential needs a kind")
            .on_key()
            .hint(format!(
                "give it one of {}",
                listed(&KINDS).replace(" and ", " or ")
            ));
        return None;
    };
    let Some(second) = kinds.next() else {
        return Some(());
    };
    ledger
        .fault(&place.key(second), "a credential has one kind")
        .on_key()
        .label(format!("it is `{first}` already"))
        .see(&place.key(first))
        .hint("make two credentials of it");
    None
}

struct Reader<'r, 'c> {
    context: &'r Context<'c>,
    ledger: &'r mut Ledger,
}

impl Reader<'_, '_> {
    fn user(
        &mut self,
        place: &Place<'_>,
        raw: &raw::UserPassword,
        scheme: UserScheme,
    ) -> Option<UserPassword> {
        let username = username(self.ledger, place, &raw.username, scheme);
        let forms = Forms {
            keys: ["password", "password_file", "password_env"],
            literal: &raw.password,
            file: &raw.password_file,
            env: &raw.password_env,
        };
        let password = secret(self.context, self.ledger, place, &forms);
        Some(UserPassword {
            username: username?,
            password: password?,
        })
    }

    fn authorization(&mut self, place: &Place<'_>, raw: &raw::Authorization) -> Option<Credential> {
        let scheme = self.scheme(&place.key("type"), &raw.scheme);
        let forms = Forms {
            keys: ["credentials", "credentials_file", "credentials_env"],
            literal: &raw.credentials,
            file: &raw.credentials_file,
            env: &raw.credentials_env,
        };
        let credentials = secret(self.context, self.ledger, place, &forms);
        if let Some(literal) = raw.credentials.get() {
            self.refuse_scheme_twice(&place.key("credentials"), literal, &raw.scheme);
        }
        let (scheme, credentials) = (scheme?, credentials?);
        Some(Credential::Authorization {
            scheme,
            credentials,
        })
    }

    fn scheme(&mut self, place: &Place<'_>, scheme: &str) -> Option<String> {
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "basic" => Some("basic_auth"),
            "digest" => Some("digest_auth"),
            _ => None,
        };
        if let Some(kind) = kind {
            self.ledger
                .fault(place, format!("`type` cannot be `{scheme}`"))
                .hint(format!("use `{kind}`, which knows how to make the header"));
            return None;
        }
        if !is_token(scheme) {
            self.ledger
                .fault(place, "`type` is no authentication scheme")
                .hint("a scheme is one word, such as `Bearer` or `Token`");
            return None;
        }
        Some(scheme.to_owned())
    }

    fn refuse_scheme_twice(&mut self, place: &Place<'_>, literal: &raw::SecretText, scheme: &str) {
        let first = literal.expose().split(' ').next();
        let twice = first.is_some_and(|word| word.eq_ignore_ascii_case(scheme));
        if twice && literal.expose().contains(' ') {
            self.ledger
                .fault(place, "`credentials` starts with the scheme")
                .hint(format!("leave `{scheme}` out; it comes from `type`"));
        }
    }

    fn api_key(&mut self, place: &Place<'_>, raw: &raw::ApiKey) -> Option<Credential> {
        let spot = match (raw.header.get(), raw.query.get()) {
            (Some(header), None) => {
                let name = header_name(self.ledger, &place.key("header"), header, Part::Value);
                name.map(KeyPlace::Header)
            }
            (None, Some(query)) if query.is_empty() => {
                self.ledger.fault(&place.key("query"), "`query` is empty");
                None
            }
            (None, Some(query)) => Some(KeyPlace::Query(query.clone())),
            (Some(_), Some(_)) => {
                self.ledger
                    .fault(
                        &place.key("query"),
                        "`query` and `header` exclude each other",
                    )
                    .on_key()
                    .label("`header` is given as well")
                    .see(&place.key("header"))
                    .hint("keep one of them");
                None
            }
            (None, None) => {
                self.ledger
                    .missing(place, "header")
                    .hint("say where the key goes: `header: X-API-Key`, or `query: key`");
                None
            }
        };
        let forms = Forms {
            keys: ["value", "value_file", "value_env"],
            literal: &raw.value,
            file: &raw.value_file,
            env: &raw.value_env,
        };
        let value = secret(self.context, self.ledger, place, &forms);
        let (place, value) = (spot?, value?);
        Some(Credential::ApiKey { place, value })
    }

    fn client_certificate(
        &mut self,
        place: &Place<'_>,
        raw: &raw::ClientCertificate,
    ) -> Option<Credential> {
        let cert_file = text(self.ledger, place, "cert_file", &raw.cert_file);
        let cert_file = cert_file
            .and_then(|path| secret_path(self.context, self.ledger, &place.key("cert_file"), path));
        let key_file = text(self.ledger, place, "key_file", &raw.key_file);
        let key_file = key_file
            .and_then(|path| secret_file(self.context, self.ledger, &place.key("key_file"), path));
        let (cert_file, key_file) = (cert_file?, key_file?);
        Some(Credential::ClientCertificate {
            cert_file,
            key_file,
        })
    }
}

/// A user's name, without a colon where Basic presents it.
pub(super) fn username(
    ledger: &mut Ledger,
    place: &Place<'_>,
    given: &Given<String>,
    scheme: UserScheme,
) -> Option<String> {
    let name = text(ledger, place, "username", given)?;
    if scheme == UserScheme::Basic && name.contains(':') {
        ledger
            .fault(&place.key("username"), "a user's name cannot hold a colon")
            .label("Basic ends the name at the first colon (RFC 7617, section 2)");
        return None;
    }
    Some(name.to_owned())
}

/// A header that may carry something configured.
pub(crate) fn header_name(
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
    part: Part,
) -> Option<HeaderName> {
    let Ok(name) = HeaderName::from_bytes(text.as_bytes()) else {
        ledger
            .fault(place, "this is no header name (RFC 9110, section 5.1)")
            .on(part)
            .label("letters, digits and `-`");
        return None;
    };
    if FRAMING.contains(&name.as_str()) {
        ledger
            .fault(place, format!("`{name}` belongs to the exchange itself"))
            .on(part)
            .label("it cannot be configured");
        return None;
    }
    Some(name)
}

/// A text that must be there and not be empty.
pub(crate) fn text<'a>(
    ledger: &mut Ledger,
    map: &Place<'_>,
    key: &'static str,
    given: &'a Given<String>,
) -> Option<&'a str> {
    let Some(text) = given.get() else {
        ledger.missing(map, key);
        return None;
    };
    if text.is_empty() || text.contains(char::is_control) {
        let why = if text.is_empty() {
            "is empty"
        } else {
            "holds a control character"
        };
        ledger.fault(&map.key(key), format!("`{key}` {why}"));
        return None;
    }
    Some(text)
}

/// Whether a text is a token of HTTP (RFC 9110, section 5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    let tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(tchar)
}
