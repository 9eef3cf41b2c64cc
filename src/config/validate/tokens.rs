//! Credentials that are fetched: from a token endpoint, a login form, a registry's token server.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::Context;
use super::credentials::{UserScheme, text, username};
use super::layers::Layers;
use super::ledger::Ledger;
use super::secrets::{Forms, secret};
use super::transport::tls;
use super::urls::{self, has_userinfo, secret_url};
use crate::config::place::Place;
use crate::config::raw::{self, FETCH_TIMEOUT, Given, OneOrMany, Period, TlsConfig};
use crate::credential::{ClientAuth, LoginForm, OAuth2, RegistryToken, UserPassword};
use crate::domain::endpoint::{Transport, is_loopback};
use crate::domain::secret::SecretRef;

/// Reads a token endpoint, of a credential or of mail.
pub(crate) fn oauth2(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::OAuth2,
) -> Option<OAuth2> {
    let token_url = required_url(ledger, place, "token_url", &raw.token_url);
    let client_id = text(ledger, place, "client_id", &raw.client_id);
    let secrets = client_secrets(context, ledger, place, raw);
    one_word_each(ledger, &place.key("scopes"), &raw.scopes);
    let audience = match raw.audience.get() {
        Some(_) => Some(text(ledger, place, "audience", &raw.audience)?.to_owned()),
        None => None,
    };
    let resource = resource(ledger, &place.key("resource"), raw.resource.get());
    refuse_twice(ledger, place, raw);
    let travel = Travel {
        tls_config: &raw.tls_config,
        proxy_url: &raw.proxy_url,
        timeout: &raw.timeout,
    };
    let (transport, timeout) = travel.read(context, ledger, place, token_url.as_ref());
    let (client_secret, refresh_token) = secrets?;
    Some(OAuth2 {
        token_url: token_url?,
        client_id: client_id?.to_owned(),
        client_secret,
        client_auth: match raw.client_auth.get().copied().unwrap_or_default() {
            raw::ClientAuth::Basic => ClientAuth::Basic,
            raw::ClientAuth::Body => ClientAuth::Body,
        },
        refresh_token,
        scopes: raw.scopes.clone(),
        audience,
        resource,
        endpoint_params: owned(&raw.endpoint_params),
        transport,
        timeout,
    })
}

/// The client's secret and the refresh token, each where it is given; at least one of them.
fn client_secrets(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::OAuth2,
) -> Option<(Option<SecretRef>, Option<SecretRef>)> {
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
    let faulty = (has_secret && client_secret.is_none()) || (refreshes && refresh_token.is_none());
    (!faulty).then_some((client_secret, refresh_token))
}

/// Reads where a token is to be used (RFC 8707, section 2).
fn resource(ledger: &mut Ledger, place: &Place<'_>, raw: Option<&OneOrMany>) -> Vec<Url> {
    let mut read = Vec::new();
    for (index, text) in raw.into_iter().flat_map(OneOrMany::iter) {
        let place = index.map_or(*place, |index| place.index(index));
        // What is refused is not repeated: it may hold a secret.
        let problem = if has_userinfo(text) {
            Some("it holds a user or a password")
        } else if text.contains('#') {
            Some("it has a fragment")
        } else if text.contains(|char: char| char.is_whitespace() || char.is_control()) {
            Some("a space or a control character cannot stand in it")
        } else {
            None
        };
        match (problem, Url::parse(text)) {
            (None, Ok(url)) => read.push(url),
            (problem, _) => {
                ledger
                    .fault(
                        &place,
                        "a resource is an absolute URI without a fragment (RFC 8707, section 2)",
                    )
                    .label(problem.unwrap_or("it is not absolute"))
                    .hint("write it as `https://api.example.com/`");
            }
        }
    }
    read
}

/// A parameter that the request has already must not come twice (RFC 6749, section 3.2).
fn refuse_twice(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::OAuth2) {
    let all = place.key("endpoint_params");
    for (name, _) in raw.endpoint_params.iter() {
        let key = match name {
            "audience" if raw.audience.get().is_some() => "audience",
            "client_id" => "client_id",
            "client_secret" => "client_secret_file",
            "refresh_token" => "refresh_token_file",
            "resource" if raw.resource.get().is_some() => "resource",
            "scope" => "scopes",
            "grant_type" => {
                ledger
                    .fault(&all.key(name), "the grant is chosen here already")
                    .on_key()
                    .label("`client_credentials`, or `refresh_token` where one is given")
                    .hint("remove it");
                continue;
            }
            _ => continue,
        };
        ledger
            .fault(&all.key(name), format!("`{name}` has a key of its own"))
            .on_key()
            .label("a parameter may be sent once (RFC 6749, section 3.2)")
            .hint(format!("remove it, and use `{key}`"));
    }
}

/// Reads a login form.
pub(super) fn login_form(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::LoginForm,
) -> Option<LoginForm> {
    let url = required_url(ledger, place, "url", &raw.url);
    let secret_field = text(ledger, place, "secret_field", &raw.secret_field);
    let fields: BTreeMap<String, String> = owned(&raw.fields);
    if let Some(field) = secret_field.filter(|field| fields.contains_key(*field)) {
        let all = place.key("fields");
        ledger
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
    let secret = secret(context, ledger, place, &forms);
    let travel = Travel {
        tls_config: &raw.tls_config,
        proxy_url: &raw.proxy_url,
        timeout: &raw.timeout,
    };
    let (transport, timeout) = travel.read(context, ledger, place, url.as_ref());
    let (url, secret_field, secret) = (url?, secret_field?.to_owned(), secret?);
    Some(LoginForm {
        url,
        fields,
        secret_field,
        secret,
        transport,
        timeout,
    })
}

/// Reads a registry's token server.
pub(super) fn registry_token(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::RegistryToken,
) -> Option<RegistryToken> {
    let realm = required_url(ledger, place, "realm", &raw.realm);
    let service = match raw.service.get() {
        Some(_) => Some(text(ledger, place, "service", &raw.service)?.to_owned()),
        None => None,
    };
    one_word_each(ledger, &place.key("scopes"), &raw.scopes);
    // The token server asks for Basic.
    let username = username(ledger, place, &raw.username, UserScheme::Basic);
    let forms = Forms {
        keys: ["password", "password_file", "password_env"],
        literal: &raw.password,
        file: &raw.password_file,
        env: &raw.password_env,
    };
    let password = secret(context, ledger, place, &forms);
    let travel = Travel {
        tls_config: &raw.tls_config,
        proxy_url: &raw.proxy_url,
        timeout: &raw.timeout,
    };
    let (transport, timeout) = travel.read(context, ledger, place, realm.as_ref());
    Some(RegistryToken {
        realm: realm?,
        service,
        scopes: raw.scopes.clone(),
        user: UserPassword {
            username: username?,
            password: password?,
        },
        transport,
        timeout,
    })
}

/// How requests for a credential travel.
struct Travel<'a> {
    tls_config: &'a Given<TlsConfig>,
    proxy_url: &'a Given<String>,
    timeout: &'a Given<Period>,
}

impl Travel<'_> {
    fn read(
        &self,
        context: &Context<'_>,
        ledger: &mut Ledger,
        place: &Place<'_>,
        url: Option<&Url>,
    ) -> (Transport, Duration) {
        let config = self.tls_config.get();
        let config = config.map(|raw| (raw, place.key("tls_config")));
        let tls = tls(context, ledger, &Layers::new(config));
        let proxy = self.proxy_url.get();
        let proxy =
            proxy.and_then(|text| urls::url(ledger, &place.key("proxy_url"), text, urls::PROXY));
        let transport = Transport {
            authorities: tls.authorities,
            server_name: tls.server_name,
            min_version: tls.min_version,
            insecure_skip_verify: tls.insecure_skip_verify,
            proxy,
            ..Transport::default()
        };
        if let Some(url) = url {
            refuse_exposure(ledger, place, url, &transport);
        }
        let timeout = self.timeout.get().copied().unwrap_or(FETCH_TIMEOUT);
        if timeout.0.is_zero() {
            ledger.fault(&place.key("timeout"), "a request needs more time than none");
        }
        (transport, timeout.0)
    }
}

/// Secrets go to nobody in clear text, and to nobody who has not shown who they are.
fn refuse_exposure(ledger: &mut Ledger, place: &Place<'_>, url: &Url, transport: &Transport) {
    let stays_here = is_loopback(url) && transport.proxy.as_ref().is_none_or(is_loopback);
    if stays_here {
        return;
    }
    if url.scheme() == "http" && transport.proxy.is_some() && is_loopback(url) {
        ledger
            .fault(
                &place.key("proxy_url"),
                "secrets would be sent through this proxy in clear text",
            )
            .label("the address behind it is `http://`")
            .hint("use `https://`, or remove the proxy");
    }
    if transport.insecure_skip_verify && url.scheme() == "https" {
        ledger
            .fault(
                &place.key("tls_config").key("insecure_skip_verify"),
                "secrets would be sent to whoever answers",
            )
            .label("the server's certificate is not verified")
            .hint("name the server's authority with `ca_file`");
    }
}

/// Scopes are words; a list of them in one text is an accident.
fn one_word_each(ledger: &mut Ledger, place: &Place<'_>, scopes: &[String]) {
    for (index, scope) in scopes.iter().enumerate() {
        if scope.is_empty() || scope.contains(char::is_whitespace) {
            ledger
                .fault(
                    &place.index(index),
                    "a scope is one word (RFC 6749, section 3.3)",
                )
                .hint("write each scope as an element of the list");
        }
    }
}

fn required_url(
    ledger: &mut Ledger,
    place: &Place<'_>,
    key: &'static str,
    given: &Given<String>,
) -> Option<Url> {
    let text = text(ledger, place, key, given)?;
    let url = secret_url(ledger, &place.key(key), text)?;
    if url.fragment().is_some() {
        ledger
            .warn(
                &place.key(key),
                "the part of the URL after `#` is never sent",
            )
            .hint("remove it");
    }
    Some(url)
}

fn owned(entries: &raw::Entries<String>) -> BTreeMap<String, String> {
    let pairs = entries.iter();
    pairs
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}
