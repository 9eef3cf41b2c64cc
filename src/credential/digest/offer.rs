//! What a server offers: its Digest challenges, and which of them is answered.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

use super::algorithm::Algorithm;
use crate::domain::challenge::{Challenge, read};

/// The Digest challenges of one answer.
pub(super) struct Offers(Vec<Challenge>);

/// A challenge that can be answered. Texts are the bytes that the server sent, without quotes and
/// escapes: they are hashed as they are (RFC 7616 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) realm: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) opaque: Option<Vec<u8>>,
    pub(super) algorithm: Algorithm,
    /// The algorithm in the server's spelling, where it named one.
    pub(super) word: Option<String>,
    pub(super) quality: Quality,
    pub(super) naming: Naming,
}

/// The quality of protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quality {
    /// `auth`.
    Request,
    /// `auth-int`: the body is hashed too.
    RequestAndBody,
    /// None on offer, as before RFC 2617.
    Old,
}

/// How the user's name travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// As its bytes.
    Plain,
    /// As its bytes where they are ASCII, else percent-encoded (RFC 5987).
    Extended,
    /// Hashed with the realm.
    Hashed,
}

impl Offers {
    /// Reads them out of an answer's header section.
    pub(super) fn read(fields: &HeaderMap) -> Self {
        let lines = fields.get_all(WWW_AUTHENTICATE).iter();
        let lines: Vec<&[u8]> = lines.map(http::HeaderValue::as_bytes).collect();
        let mut challenges = read(&lines).challenges;
        challenges.retain(|challenge| challenge.scheme == "digest");
        Self(challenges)
    }

    /// Whether the server says that nothing but the nonce was wrong.
    pub(super) fn is_stale(&self) -> bool {
        self.0.iter().any(|challenge| says(challenge, "stale"))
    }

    /// The one with the strongest algorithm; the first of several.
    pub(super) fn strongest(&self) -> Option<Offer> {
        let offers = self.0.iter().rev().filter_map(Offer::of);
        // Of equal ones `max_by_key` gives the last, which the reversal made the first.
        offers.max_by_key(|offer| offer.algorithm.hash)
    }
}

impl Offer {
    fn of(challenge: &Challenge) -> Option<Self> {
        let word = challenge.param("algorithm").map(str::trim);
        let algorithm = word.map_or(Some(Algorithm::DEFAULT), Algorithm::read)?;
        Some(Self {
            realm: bytes(challenge.param("realm").unwrap_or_default()),
            nonce: bytes(challenge.param("nonce")?),
            opaque: challenge.param("opaque").map(bytes),
            algorithm,
            word: word.map(str::to_owned),
            quality: Quality::offered(challenge.param("qop").unwrap_or_default())?,
            naming: Naming::asked_for(challenge),
        })
    }
}

impl Quality {
    /// The one to use of a list; `None` where it holds unknown ones alone.
    fn offered(list: &str) -> Option<Self> {
        let words = || list.split([',', ' ', '\t']).filter(|word| !word.is_empty());
        let offers = |wanted: &str| words().any(|word| word.eq_ignore_ascii_case(wanted));
        if words().next().is_none() {
            Some(Self::Old)
        } else if offers("auth") {
            Some(Self::Request)
        } else {
            offers("auth-int").then_some(Self::RequestAndBody)
        }
    }

    /// The word for it in an answer.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Request => Some("auth"),
            Self::RequestAndBody => Some("auth-int"),
            Self::Old => None,
        }
    }
}

impl Naming {
    fn asked_for(challenge: &Challenge) -> Self {
        let charset = challenge.param("charset").unwrap_or_default();
        if says(challenge, "userhash") {
            Self::Hashed
        } else if charset.trim().eq_ignore_ascii_case("utf-8") {
            Self::Extended
        } else {
            Self::Plain
        }
    }
}

/// Whether a parameter is `true`, quoted or not.
fn says(challenge: &Challenge, name: &str) -> bool {
    let value = challenge.param(name).unwrap_or_default();
    value.trim().eq_ignore_ascii_case("true")
}

/// The bytes that a server sent: the challenge reader makes one character of each.
fn bytes(text: &str) -> Vec<u8> {
    let byte = |letter: char| u8::try_from(u32::from(letter)).unwrap_or(b'?');
    text.chars().map(byte).collect()
}
