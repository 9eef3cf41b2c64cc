//! What a program prints: header fields, or a token, as JSON.

use std::collections::BTreeSet;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::credential::holdings::fingerprint;
use crate::domain::presenter::Presentation;
use crate::domain::secret::Secret;

/// The version of the format.
const VERSION: u64 = 1;

/// The most header fields.
const MOST: usize = 32;

/// The scheme of a token that names none.
const USUAL: &str = "Bearer";

/// All that the format has.
const KEYS: [&str; 6] = [
    "version",
    "headers",
    "token",
    "type",
    "expires_at",
    "expires_in",
];

/// Headers that belong to the exchange itself.
const FRAMING: [&str; 9] = [
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

/// A credential that a program printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::credential) enum Printed {
    /// Header fields.
    Headers(Vec<(HeaderName, Secret)>),
    /// A token, which goes into `Authorization`.
    Token(Token),
}

/// A token and its scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::credential) struct Token {
    /// `Bearer`, unless it names another one.
    pub(in crate::credential) scheme: String,
    /// What follows it.
    pub(in crate::credential) value: Secret,
}

/// What stands around the values: names of headers, and schemes.
#[derive(Clone, Debug)]
pub(super) struct Shape(Vec<(HeaderName, Option<String>)>);

impl Printed {
    /// Reads it, and until when it holds; or says in words what is wrong, without quoting anything.
    pub(super) fn read(
        printed: &Secret,
        now: Timestamp,
    ) -> Result<(Self, Option<Timestamp>), String> {
        let json = match serde_json::from_slice(printed.expose()) {
            Ok(Value::Object(json)) => json,
            Ok(_) => return Err("printed JSON that is no object".to_owned()),
            Err(why) => {
                let (line, column) = (why.line(), why.column());
                return Err(format!("printed no JSON (line {line}, column {column})"));
            }
        };
        let known = |key: &&String| !KEYS.contains(&key.as_str());
        // What is no key may be a value in the wrong place, so it is counted and not named.
        let unknown = json.keys().filter(known).count();
        if unknown > 0 {
            return Err(format!(
                "printed JSON with {unknown} unknown key(s); it may hold `{}`",
                KEYS.join("`, `")
            ));
        }
        if json
            .get("version")
            .is_some_and(|it| it.as_u64() != Some(VERSION))
        {
            return Err(format!("printed JSON of another `version` than {VERSION}"));
        }
        let printed = match (json.get("headers"), json.get("token")) {
            (Some(headers), None) => headers_of(headers, &json)?,
            (None, Some(token)) => Self::Token(token_of(token, json.get("type"))?),
            (Some(_), Some(_)) | (None, None) => {
                return Err("must print either `headers` or `token`".to_owned());
            }
        };
        Ok((printed, expiry(&json, now)?))
    }

    /// What a request carries of it.
    pub(super) fn presentation(&self) -> Presentation {
        Presentation {
            headers: self.fields(),
            fingerprint: Some(fingerprint(&self.all())),
            validity: match self {
                Self::Token(token) => crate::credential::jwt::validity(token.value.expose()),
                Self::Headers(_) => crate::domain::presenter::Validity::default(),
            },
            ..Presentation::default()
        }
    }

    /// All of it in one text: what names it.
    pub(super) fn all(&self) -> Secret {
        let lines = self
            .fields()
            .into_iter()
            .map(|(name, value)| [name.as_str().as_bytes(), b": ", value.expose(), b"\n"].concat());
        Secret::new(lines.collect::<Vec<_>>().concat())
    }

    /// The token, where it is one.
    pub(super) fn token(self) -> Option<Token> {
        match self {
            Self::Token(token) => Some(token),
            Self::Headers(_) => None,
        }
    }

    /// Whatever must not be shown: values, and what follows the scheme in one.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = Vec::new();
        for (name, value) in self.fields() {
            if let Some((_, rest)) = scheme_of(&name, &value) {
                secrets.push(rest);
            }
            secrets.push(value);
        }
        secrets
    }

    fn fields(&self) -> Vec<(HeaderName, Secret)> {
        match self {
            Self::Headers(fields) => fields.clone(),
            Self::Token(Token { scheme, value }) => {
                let value = [scheme.as_bytes(), b" ", value.expose()].concat();
                vec![(AUTHORIZATION, Secret::new(value))]
            }
        }
    }
}

impl Shape {
    /// That of what a program printed; a Bearer token where it has printed nothing yet.
    pub(super) fn of(printed: Option<&Printed>) -> Self {
        let Some(printed) = printed else {
            return Self(vec![(AUTHORIZATION, Some(USUAL.to_owned()))]);
        };
        let fields = printed.fields().into_iter().map(|(name, value)| {
            let scheme = scheme_of(&name, &value).map(|(scheme, _)| scheme);
            (name, scheme)
        });
        Self(fields.collect())
    }

    /// The same with a value in the place of each secret.
    pub(super) fn with(self, value: &Secret) -> Printed {
        let fields = self.0.into_iter().map(|(name, scheme)| {
            let value = match scheme {
                Some(scheme) => Secret::new([scheme.as_bytes(), b" ", value.expose()].concat()),
                None => value.clone(),
            };
            (name, value)
        });
        Printed::Headers(fields.collect())
    }
}

/// Scheme and credentials, where a header has both (RFC 9110 §11.4).
fn scheme_of(name: &HeaderName, value: &Secret) -> Option<(String, Secret)> {
    if *name != AUTHORIZATION {
        return None;
    }
    let at = value.expose().iter().position(|byte| *byte == b' ')?;
    let (scheme, rest) = value.expose().split_at_checked(at)?;
    let scheme = std::str::from_utf8(scheme).ok().filter(|it| is_token(it))?;
    Some((scheme.to_owned(), Secret::new(rest.trim_ascii())))
}

fn headers_of(headers: &Value, json: &Map<String, Value>) -> Result<Printed, String> {
    if json.contains_key("type") {
        return Err("printed a `type`, which goes with `token` and not with `headers`".to_owned());
    }
    let headers = headers.as_object().filter(|headers| !headers.is_empty());
    let headers = headers.ok_or("must print `headers` as an object of names and values")?;
    if headers.len() > MOST {
        return Err(format!("printed more than {MOST} headers"));
    }
    let fields: Vec<_> = headers.iter().map(field).collect::<Result<_, _>>()?;
    let names: BTreeSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    if names.len() < fields.len() {
        return Err("printed a header twice".to_owned());
    }
    Ok(Printed::Headers(fields))
}

fn field((name, value): (&String, &Value)) -> Result<(HeaderName, Secret), String> {
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_no_name| "printed a header with a name that none can have".to_owned())?;
    if FRAMING.contains(&name.as_str()) {
        return Err(format!(
            "printed the header `{name}`, which belongs to the exchange itself"
        ));
    }
    let value = value.as_str().map(str::trim).filter(|it| !it.is_empty());
    let value = value.filter(|value| HeaderValue::from_str(value).is_ok());
    let value = value.ok_or_else(|| {
        format!(
            "printed the header `{name}` with a value that is no text, empty, or of several lines"
        )
    })?;
    Ok((name, Secret::new(value)))
}

fn token_of(token: &Value, kind: Option<&Value>) -> Result<Token, String> {
    let visible = |token: &&str| !token.is_empty() && token.bytes().all(|it| it.is_ascii_graphic());
    let token = token.as_str().filter(visible);
    let token = token.ok_or("printed a `token` that cannot stand in a header")?;
    let scheme = match kind {
        None => Some(USUAL),
        Some(kind) => kind.as_str().filter(|kind| is_token(kind)),
    };
    let scheme = scheme.ok_or("printed a `type` that is no scheme, such as `Bearer`")?;
    Ok(Token {
        scheme: scheme.to_owned(),
        value: Secret::new(token),
    })
}

/// What RFC 9110 §5.6.2 calls a token: schemes are such.
fn is_token(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

fn expiry(json: &Map<String, Value>, now: Timestamp) -> Result<Option<Timestamp>, String> {
    match (json.get("expires_at"), json.get("expires_in")) {
        (None, None) => Ok(None),
        (Some(at), None) => {
            let at = at.as_str().and_then(|at| at.parse().ok());
            at.map(Some)
                .ok_or_else(|| "printed an `expires_at` that is no RFC 3339 time".to_owned())
        }
        (None, Some(seconds)) => {
            let life = seconds.as_f64();
            let life = life.and_then(|life| Duration::try_from_secs_f64(life).ok());
            let life = life.ok_or("printed an `expires_in` that is no number of seconds")?;
            let life = SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX);
            Ok(Some(now.saturating_add(life).unwrap_or(Timestamp::MAX)))
        }
        (Some(_), Some(_)) => Err("printed both `expires_at` and `expires_in`".to_owned()),
    }
}

#[cfg(test)]
mod tests;
