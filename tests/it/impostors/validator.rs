//! Locks that work, and the same locks with one flaw.

use std::sync::Arc;

use authvigil::clock::{Clock as _, SystemClock};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::issuer::Issuer;
use crate::support::lab::{Answer, Request};

pub(super) const AUDIENCE: &str = "orders";
pub(super) const KEY: &str = "sk_Vq7Kestrel4Quartz";
pub(super) const USER: &str = "reader";
pub(super) const PASSWORD: &str = "Vq7kestrelZw4quartzPx9";

/// What is wrong with a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    /// What it was shown has to be as long as it is, and no longer.
    ComparesPrefix,
    IgnoresAudience,
    IgnoresCase,
    IgnoresExpiry,
    /// Nor does it look at a password.
    IgnoresSignature,
    /// Nothing at all is as good as a credential.
    TakesEmpty,
    /// `alg: none` is an algorithm.
    TakesNone,
}

/// Answers as a door does.
pub(super) trait Lock: Send + Sync + 'static {
    fn opens(&self, request: &Request) -> bool;

    fn challenge(&self) -> Option<&'static str>;

    fn answer(&self, request: &Request) -> Answer {
        match (self.opens(request), self.challenge()) {
            (true, _) => Answer::status(200).json(r#"{"door":"open"}"#),
            (false, Some(challenge)) => Answer::unauthorized(challenge),
            (false, None) => Answer::status(401),
        }
    }
}

/// A resource server (RFC 6750) that verifies tokens (RFC 7519 §7.2, RFC 8725).
pub(super) struct Tokens {
    pub(super) issuer: Arc<Issuer>,
    pub(super) flaw: Flaw,
}

impl Lock for Tokens {
    fn opens(&self, request: &Request) -> bool {
        let Some(shown) = request.header("authorization") else {
            return false;
        };
        match shown.strip_prefix("Bearer").map(str::trim) {
            Some("") => self.flaw == Flaw::TakesEmpty,
            Some(token) => self.accepts(token).unwrap_or(false),
            None => false,
        }
    }

    fn challenge(&self) -> Option<&'static str> {
        Some("Bearer realm=\"orders\", error=\"invalid_token\"")
    }
}

impl Tokens {
    fn accepts(&self, token: &str) -> Option<bool> {
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().ok()?;
        let signed = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let [header, claims] = [header, claims].map(|part| {
            let part = URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice::<Value>(&part).ok()
        });
        let (header, claims) = (header?, claims?);
        let is_signed = if self.flaw == Flaw::IgnoresSignature {
            true
        } else if self.flaw == Flaw::TakesNone && header["alg"] == "none" {
            signature.is_empty()
        } else if self.flaw == Flaw::ComparesPrefix {
            self.issuer.sign(signed.as_bytes()).starts_with(&signature)
        } else {
            header["alg"] == self.issuer.algorithm.name()
                && self.issuer.verifies(signed.as_bytes(), &signature)
        };
        let of_algorithm =
            self.flaw != Flaw::ComparesPrefix || header["alg"] == self.issuer.algorithm.name();
        let is_meant = claims["aud"] == AUDIENCE || self.flaw == Flaw::IgnoresAudience;
        let now = SystemClock.now().as_second();
        let holds = now < claims["exp"].as_i64()? || self.flaw == Flaw::IgnoresExpiry;
        Some(is_signed && of_algorithm && is_meant && holds)
    }
}

/// A key in a header or in the query.
pub(super) struct Keys {
    pub(super) flaw: Flaw,
}

impl Lock for Keys {
    fn opens(&self, request: &Request) -> bool {
        let query = request.query.clone().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "key")
            .map(|(_, value)| value.into_owned());
        let header = request.header("x-api-key").map(str::to_owned);
        let Some(shown) = header.or(query) else {
            return false;
        };
        let prefix = self.flaw == Flaw::ComparesPrefix && !shown.is_empty();
        shown == KEY
            || self.flaw == Flaw::TakesEmpty && shown.is_empty()
            || self.flaw == Flaw::IgnoresCase && shown.eq_ignore_ascii_case(KEY)
            || prefix && KEY.starts_with(&shown)
    }

    fn challenge(&self) -> Option<&'static str> {
        None
    }
}

/// Users and passwords (RFC 7617).
pub(super) struct Accounts {
    pub(super) flaw: Flaw,
}

impl Lock for Accounts {
    fn opens(&self, request: &Request) -> bool {
        match (request.basic(), self.flaw) {
            (Some((user, password)), Flaw::TakesEmpty) if password.is_empty() => user.is_empty(),
            (Some((user, _)), Flaw::IgnoresSignature) => user == USER,
            (Some((user, password)), _) => user == USER && password == PASSWORD,
            (None, _) => false,
        }
    }

    fn challenge(&self) -> Option<&'static str> {
        Some("Basic realm=\"orders\"")
    }
}
