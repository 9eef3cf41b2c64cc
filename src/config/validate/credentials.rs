//! Credentials: each exactly one kind, each secret in exactly one form.

use std::collections::BTreeMap;

use http::HeaderName;
use url::Url;

use super::Context;
use super::ledger::{Ledger, Part};
use super::secrets::{Forms, secret, secret_file};
use super::urls::secret_url;
use crate::config::place::Place;
use crate::config::raw::{self, Given};
use crate::credential::{ClientAuth, Credential, KeyPlace, LoginForm, OAuth2, UserPassword};
use crate::domain::endpoint::Transport;

/// The keys of the kinds, in the order of the reference.
const KINDS: [&str; 7] = [
    "basic_auth",
    "digest_auth",
    "authorization",
    "oauth2",
    "api_key",
    "login_form",
    "client_certificate",
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
        return reader.user(&place, user, true).map(Credential::Basic);
    }
    if let Some(user) = raw.digest_auth.get() {
        let place = place.key("digest_auth");
        return reader.user(&place, user, false).map(Credential::Digest);
    }
    if let Some(raw) = raw.authorization.get() {
        return reader.authorization(&place.key("authorization"), raw);
    }
    if let Some(raw) = raw.oauth2.get() {
        let token = oauth2(context, ledger, &place.key("oauth2"), raw);
        return token.map(|token| Credential::OAuth2(Box::new(token)));
    }
    if let Some(raw) = raw.api_key.get() {
        return reader.api_key(&place.key("api_key"), raw);
    }
    if let Some(raw) = raw.login_form.get() {
        let form = reader.login_form(&place.key("login_form"), raw);
        return form.map(|form| Credential::LoginForm(Box::new(form)));
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
    ];
    let kinds = KINDS.iter().zip(present);
    let mut kinds = kinds.filter_map(|(kind, present)| present.then_some(*kind));
    let Some(first) = kinds.next() else {
        ledger
            .fault(place, "a credential needs a kind")
            .on_key()
            .hint("give it one of `basic_auth`, `digest_auth`, `authorization`, `oauth2`, `api_key`, `login_form` or `client_certificate`");
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
        basic: bool,
    ) -> Option<UserPassword> {
        let username = text(self.ledger, place, "username", &raw.username);
        let username = username.filter(|name| {
            let fits = !(basic && name.contains(':'));
            if !fits {
                self.ledger
                    .fault(&place.key("username"), "a user's name cannot hold a colon")
                    .label("Basic ends the name at the first colon (RFC 7617, section 2)");
            }
            fits
        });
        let forms = Forms {
            keys: ["password", "password_file", "password_env"],
            literal: &raw.password,
            file: &raw.password_file,
            env: &raw.password_env,
        };
        let password = secret(self.context, self.ledger, place, &forms);
        let (username, password) = (username?.to_owned(), password?);
        Some(UserPassword { username, password })
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

    fn login_form(&mut self, place: &Place<'_>, raw: &raw::LoginForm) -> Option<LoginForm> {
        let url = required_url(self.ledger, place, "url", &raw.url);
        let secret_field = text(self.ledger, place, "secret_field", &raw.secret_field);
        let fields: BTreeMap<String, String> = owned(&raw.fields);
        if let Some(field) = secret_field.filter(|field| fields.contains_key(*field)) {
            let all = place.key("fields");
            self.ledger
                .fault(&all.key(field), "this field takes the secret")
                .on_key()
                .label("`secret_field` names it as well")
                .see(&place.key("secret_field"))
                .hint("remove it from `fields`");
        }
        let forms = Forms {
            keys: ["secret", "secret_file", "secret_env"],
            literal: &raw.secret,
            file: &raw.secret_file,
            env: &raw.secret_env,
        };
        let secret = secret(self.context, self.ledger, place, &forms);
        let (url, secret_field, secret) = (url?, secret_field?.to_owned(), secret?);
        Some(LoginForm {
            url,
            fields,
            secret_field,
            secret,
            transport: Transport::default(),
            timeout: OAuth2::TIMEOUT,
        })
    }

    fn client_certificate(
        &mut self,
        place: &Place<'_>,
        raw: &raw::ClientCertificate,
    ) -> Option<Credential> {
        let mut file = |key, given| {
            let path = text(self.ledger, place, key, given)?;
            secret_file(self.context, self.ledger, &place.key(key), path)
        };
        let cert_file = file("cert_file", &raw.cert_file);
        let key_file = file("key_file", &raw.key_file);
        let (cert_file, key_file) = (cert_file?, key_file?);
        Some(Credential::ClientCertificate {
            cert_file,
            key_file,
        })
    }
}

/// Reads a token endpoint, of a credential or of mail.
pub(crate) fn oauth2(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::OAuth2,
) -> Option<OAuth2> {
    let token_url = required_url(ledger, place, "token_url", &raw.token_url);
    let client_id = text(ledger, place, "client_id", &raw.client_id);
    let forms = Forms {
        keys: ["client_secret", "client_secret_file", "client_secret_env"],
        literal: &raw.client_secret,
        file: &raw.client_secret_file,
        env: &raw.client_secret_env,
    };
    let refresh = Forms {
        keys: ["refresh_token", "refresh_token_file", "refresh_token_env"],
        literal: &raw.refresh_token,
        file: &raw.refresh_token_file,
        env: &raw.refresh_token_env,
    };
    let refreshes = refresh.any();
    let refresh_token = refreshes
        .then(|| secret(context, ledger, place, &refresh))
        .flatten();
    // A public client has no secret (RFC 6749, section 2.1).
    let has_secret = forms.any() || !refreshes;
    let client_secret = has_secret
        .then(|| secret(context, ledger, place, &forms))
        .flatten();
    let all = place.key("scopes");
    for (index, scope) in raw.scopes.iter().enumerate() {
        if scope.is_empty() || scope.contains(char::is_whitespace) {
            ledger
                .fault(
                    &all.index(index),
                    "a scope is one word (RFC 6749, section 3.3)",
                )
                .hint("write each scope as an element of the list");
        }
    }
    let faulty = (has_secret && client_secret.is_none()) || (refreshes && refresh_token.is_none());
    if faulty {
        return None;
    }
    Some(OAuth2 {
        token_url: token_url?,
        client_id: client_id?.to_owned(),
        client_secret,
        client_auth: ClientAuth::default(),
        refresh_token,
        scopes: raw.scopes.clone(),
        audience: None,
        resource: Vec::new(),
        endpoint_params: owned(&raw.endpoint_params),
        transport: Transport::default(),
        timeout: OAuth2::TIMEOUT,
    })
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

fn required_url(
    ledger: &mut Ledger,
    place: &Place<'_>,
    key: &'static str,
    given: &Given<String>,
) -> Option<Url> {
    let url = text(ledger, place, key, given)?;
    secret_url(ledger, &place.key(key), url)
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

fn owned(entries: &raw::Entries<String>) -> BTreeMap<String, String> {
    let pairs = entries.iter();
    pairs
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}
