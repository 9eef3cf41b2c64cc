//! What is sent: method, headers, body.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method, header};
use url::Url;

use super::Context;
use super::credentials::header_name;
use super::layers::{Found, Layers};
use super::ledger::{Ledger, Part};
use super::secrets::{Forms, secret};
use crate::config::place::Place;
use crate::config::raw::{self, BodyLimit, Entries, HeaderSource, TextOr};
use crate::domain::endpoint::{FollowRedirects, HeaderText, Request};
use crate::domain::secret::{Secret, SecretRef};

/// Reads the request of an endpoint.
pub(crate) fn request(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
    url: Option<Url>,
) -> Option<Request> {
    let method = method(ledger, layers);
    let mut headers = Headers::default();
    for found in layers.all("headers", |raw| &raw.headers) {
        headers.read(context, ledger, &found);
    }
    let body = layers.find("body", |raw| &raw.body);
    let body = body.map(|found| Arc::from(found.value.as_bytes()));
    let redirects = layers.find("follow_redirects", |raw| &raw.follow_redirects);
    let follow_redirects = match redirects.map(|found| *found.value).unwrap_or_default() {
        raw::FollowRedirects::Never => FollowRedirects::Never,
        raw::FollowRedirects::SameOrigin => FollowRedirects::SameOrigin,
    };
    let body_size_limit = body_size_limit(ledger, layers);
    Some(Request {
        url: url?,
        method: method?,
        headers: headers.fields,
        body,
        user_agent: headers
            .user_agent
            .unwrap_or_else(|| context.global.user_agent.clone()),
        follow_redirects,
        body_size_limit,
    })
}

fn method(ledger: &mut Ledger, layers: &Layers<'_, raw::Endpoint>) -> Option<Method> {
    let Some(found) = layers.find("method", |raw| &raw.method) else {
        return Method::from_bytes(raw::Endpoint::METHOD.as_bytes()).ok();
    };
    let (text, upper) = (found.value.as_str(), found.value.to_ascii_uppercase());
    let Ok(method) = Method::from_bytes(text.as_bytes()) else {
        ledger
            .fault(&found.place, "this is no method (RFC 9110, section 9.1)")
            .hint("write one such as `GET`, `HEAD` or `POST`");
        return None;
    };
    if text != upper {
        ledger
            .fault(&found.place, "methods are written in capitals")
            .hint(format!("write `{upper}`"));
        return None;
    }
    if method == Method::CONNECT {
        ledger.fault(
            &found.place,
            "`CONNECT` asks a proxy for a tunnel; it reads no resource",
        );
        return None;
    }
    if [Method::DELETE, Method::PUT, Method::PATCH].contains(&method) {
        ledger
            .warn(
                &found.place,
                format!("a `{method}` that is let in takes effect"),
            )
            .label("the holder's probe does, and so does a stranger's if the lock fails")
            .hint("probe with `GET`, `HEAD` or `OPTIONS`, or a resource that may be changed");
    }
    Some(method)
}

fn body_size_limit(ledger: &mut Ledger, layers: &Layers<'_, raw::Endpoint>) -> usize {
    let found = layers.find("body_size_limit", |raw| &raw.body_size_limit);
    let limit = found.map(|found| *found.value).unwrap_or_default();
    if let Some(found) = found.filter(|_| limit.0 > BodyLimit::MAX || limit.0.0 == 0) {
        ledger
            .fault(
                &found.place,
                format!("`body_size_limit` lies between 1 and `{}`", BodyLimit::MAX),
            )
            .label(limit.0.to_string())
            .hint("the body of every probe in flight is held in memory");
    }
    limit.0.0
}

/// Headers as they are read, the endpoint's own before its profile's.
#[derive(Debug, Default)]
struct Headers {
    fields: Vec<(HeaderName, HeaderText)>,
    user_agent: Option<HeaderValue>,
}

impl Headers {
    fn read(
        &mut self,
        context: &Context<'_>,
        ledger: &mut Ledger,
        found: &Found<'_, Entries<TextOr<HeaderSource>>>,
    ) {
        let outer = self.fields.len();
        for (text, value) in found.value.iter() {
            let place = found.place.key(text);
            let Some(name) = field_name(ledger, &place, text) else {
                continue;
            };
            if self.fields[outer..].iter().any(|(other, _)| *other == name) {
                ledger
                    .fault(&place, format!("the header `{name}` stands here twice"))
                    .on_key()
                    .label("names are compared without case");
                continue;
            }
            let shadowed = self.fields.iter().any(|(other, _)| *other == name);
            let value = field_value(context, ledger, &place, &name, value);
            match value {
                Some(HeaderText::Plain(value)) if name == header::USER_AGENT => {
                    self.user_agent.get_or_insert(value);
                }
                Some(value) if !shadowed => self.fields.push((name, value)),
                Some(_) | None => {}
            }
        }
    }
}

/// Reads the name of a header that every persona sends.
fn field_name(ledger: &mut Ledger, place: &Place<'_>, text: &str) -> Option<HeaderName> {
    if text.eq_ignore_ascii_case("host") {
        return Some(header::HOST);
    }
    let name = header_name(ledger, place, text, Part::Key)?;
    if name == header::AUTHORIZATION || name == header::PROXY_AUTHORIZATION {
        ledger
            .fault(place, format!("`{text}` would be sent by every persona"))
            .on_key()
            .label("also by `anonymous`, who must have no credentials")
            .hint("describe it under `credentials`, and name it with `credential`");
        return None;
    }
    Some(name)
}

fn field_value(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    name: &HeaderName,
    raw: &TextOr<HeaderSource>,
) -> Option<HeaderText> {
    let text = match raw {
        TextOr::Text(text) => text,
        TextOr::Map(source) => {
            let forms = Forms {
                keys: ["value", "value_file", "value_env"],
                literal: &source.value,
                file: &source.value_file,
                env: &source.value_env,
            };
            return secret(context, ledger, place, &forms).map(HeaderText::Secret);
        }
    };
    let Ok(value) = HeaderValue::from_str(text) else {
        ledger
            .fault(place, "this is no header value (RFC 9110, section 5.5)")
            .label("visible ASCII characters, and spaces between them");
        return None;
    };
    if is_sensitive(name.as_str()) {
        ledger
            .warn(
                place,
                format!("the value of `{name}` stands in the configuration"),
            )
            .label("its name says that it is a secret")
            .hint("move it to a file: `{value_file: …}`, or use `{value_env: …}`");
        let secret = SecretRef::Literal(Secret::new(text.as_str()));
        return Some(HeaderText::Secret(secret));
    }
    Some(HeaderText::Plain(value))
}

/// Whether the name of a header or a parameter says that its value is a secret.
pub(crate) fn is_sensitive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [
        "auth",
        "cookie",
        "key",
        "token",
        "secret",
        "passw",
        "credential",
    ];
    words.iter().any(|word| name.contains(word))
}
