//! The algorithms of Digest (RFC 7616 §3.2, §6.1).

use std::fmt::Write as _;

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

/// How a digest is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    /// The hash function.
    pub(super) hash: Hash,
    /// What the password is hashed with.
    pub(super) span: Span,
}

/// A hash function, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hash {
    Md5,
    Sha256,
    Sha512Of256,
}

/// What a hashed password holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// The realm: it is hashed with user and realm alone.
    Realm,
    /// One session: it is hashed once more with both nonces, `-sess`.
    Session,
}

impl Algorithm {
    /// Reads the parameter `algorithm`; `None` for one that nobody here knows.
    pub(super) fn read(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase();
        let (name, span) = match word.strip_suffix("-sess") {
            Some(name) => (name, Span::Session),
            None => (word.as_str(), Span::Realm),
        };
        let hash = match name {
            "md5" => Hash::Md5,
            "sha-256" => Hash::Sha256,
            "sha-512-256" => Hash::Sha512Of256,
            _ => return None,
        };
        Some(Self { hash, span })
    }

    /// What a challenge without the parameter asks for (§3.3).
    pub(super) const DEFAULT: Self = Self {
        hash: Hash::Md5,
        span: Span::Realm,
    };
}

impl Hash {
    /// The hash of the parts with colons between them, as hexadecimal digits.
    pub(super) fn of(self, parts: &[&[u8]]) -> String {
        match self {
            Self::Md5 => hashed::<Md5>(parts),
            Self::Sha256 => hashed::<Sha256>(parts),
            Self::Sha512Of256 => hashed::<Sha512_256>(parts),
        }
    }
}

/// Hashes part by part: no copy of a password is made.
fn hashed<D: Digest>(parts: &[&[u8]]) -> String {
    let mut hash = D::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hash.update(b":");
        }
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// Hexadecimal digits in lower case, as RFC 7616 §3.1.3 wants them.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _written = write!(digits, "{byte:02x}").is_ok();
    }
    digits
}
