//! The answer to a challenge (RFC 7616 §3.4).

use super::Login;
use super::algorithm::Span;
use super::offer::{Naming, Offer, Quality};
use crate::domain::presenter::Asked;

/// The count of this nonce's uses: each is used once.
pub(super) const NONCE_COUNT: &str = "00000001";

/// What is answered to an offer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) offer: Offer,
    /// The client's nonce.
    pub(super) cnonce: String,
    /// The request target, with its query, as it is sent.
    pub(super) uri: String,
}

impl Reply {
    /// The value of `Authorization`.
    pub(super) fn authorization(&self, user: &Login, asked: &Asked<'_>) -> Vec<u8> {
        let hash = self.offer.algorithm.hash;
        let method = asked.method.as_str().as_bytes();
        let request = match self.offer.quality {
            Quality::Request | Quality::Old => hash.of(&[method, self.uri.as_bytes()]),
            Quality::RequestAndBody => {
                let body = hash.of(&[asked.body]);
                hash.of(&[method, self.uri.as_bytes(), body.as_bytes()])
            }
        };
        let response = self.digest(user, self.offer.quality, &request);
        self.written(user, &response)
    }

    /// What a server that knows the password sends as `rspauth` (§3.5); `body` is that of its answer,
    /// where it counts.
    pub(super) fn server_digest(&self, user: &Login, body: Option<&[u8]>) -> String {
        let hash = self.offer.algorithm.hash;
        let uri = self.uri.as_bytes();
        let (quality, answer) = match body {
            Some(body) => {
                let body = hash.of(&[body]);
                let answer = hash.of(&[b"", uri, body.as_bytes()]);
                (Quality::RequestAndBody, answer)
            }
            None if self.offer.quality == Quality::Old => (Quality::Old, hash.of(&[b"", uri])),
            None => (Quality::Request, hash.of(&[b"", uri])),
        };
        self.digest(user, quality, &answer)
    }

    /// `request` is the hash of what §3.4.3 calls A2.
    fn digest(&self, user: &Login, quality: Quality, request: &str) -> String {
        let hash = self.offer.algorithm.hash;
        let secret = self.secret(user);
        let (secret, nonce) = (secret.as_bytes(), self.offer.nonce.as_slice());
        match quality.word() {
            Some(word) => hash.of(&[
                secret,
                nonce,
                NONCE_COUNT.as_bytes(),
                self.cnonce.as_bytes(),
                word.as_bytes(),
                request.as_bytes(),
            ]),
            None => hash.of(&[secret, nonce, request.as_bytes()]),
        }
    }

    /// The hash of what §3.4.2 calls A1.
    fn secret(&self, user: &Login) -> String {
        let Offer {
            realm,
            nonce,
            algorithm,
            ..
        } = &self.offer;
        let hash = algorithm.hash;
        let secret = hash.of(&[user.name.as_bytes(), realm, user.password.expose()]);
        match algorithm.span {
            Span::Realm => secret,
            Span::Session => hash.of(&[secret.as_bytes(), nonce, self.cnonce.as_bytes()]),
        }
    }

    fn written(&self, user: &Login, response: &str) -> Vec<u8> {
        let offer = &self.offer;
        let mut value = b"Digest ".to_vec();
        self.write_name(&mut value, user);
        write_quoted(&mut value, ", realm=", &offer.realm);
        write_quoted(&mut value, ", nonce=", &offer.nonce);
        write_quoted(&mut value, ", uri=", self.uri.as_bytes());
        if let Some(word) = &offer.word {
            write(&mut value, &[", algorithm=", word]);
        }
        write_quoted(&mut value, ", response=", response.as_bytes());
        if let Some(word) = offer.quality.word() {
            write(&mut value, &[", qop=", word, ", nc=", NONCE_COUNT]);
        }
        // Without a `qop` only a session's key is made of it.
        if offer.quality != Quality::Old || offer.algorithm.span == Span::Session {
            write_quoted(&mut value, ", cnonce=", self.cnonce.as_bytes());
        }
        if let Some(opaque) = &offer.opaque {
            write_quoted(&mut value, ", opaque=", opaque);
        }
        if offer.naming == Naming::Hashed {
            write(&mut value, &[", userhash=true"]);
        }
        value
    }

    fn write_name(&self, value: &mut Vec<u8>, user: &Login) {
        let name = user.name.as_bytes();
        let is_writable = !name.iter().any(u8::is_ascii_control);
        match self.offer.naming {
            Naming::Hashed => {
                let hashed = self.offer.algorithm.hash.of(&[name, &self.offer.realm]);
                write_quoted(value, "username=", hashed.as_bytes());
            }
            Naming::Extended if !user.name.is_ascii() => write_extended(value, name),
            Naming::Extended | Naming::Plain if is_writable => {
                write_quoted(value, "username=", name);
            }
            Naming::Extended | Naming::Plain => write_extended(value, name),
        }
    }
}

fn write(value: &mut Vec<u8>, texts: &[&str]) {
    for text in texts {
        value.extend_from_slice(text.as_bytes());
    }
}

/// A quoted string (RFC 9110 §5.6.4).
fn write_quoted(value: &mut Vec<u8>, before: &str, bytes: &[u8]) {
    value.extend_from_slice(before.as_bytes());
    value.push(b'"');
    for byte in bytes {
        if matches!(byte, b'"' | b'\\') {
            value.push(b'\\');
        }
        value.push(*byte);
    }
    value.push(b'"');
}

/// `username*`, an extended value (RFC 5987 §3.2).
fn write_extended(value: &mut Vec<u8>, name: &[u8]) {
    write(value, &["username*=UTF-8''"]);
    for byte in name {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(byte) {
            value.push(*byte);
        } else {
            write(value, &[&format!("%{byte:02X}")]);
        }
    }
}
