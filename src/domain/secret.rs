//! The one type that holds a secret, and the redaction of its value wherever it turns up.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Bytes that nobody may see: no `Display`, and a `Debug` that says nothing.
///
/// The bytes are wiped when the last owner lets go.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes as they are.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The bytes, for the one place that sends them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is nothing in it; an empty secret is never sent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Where a secret is to be had; it is read when it is needed, so that a rotated one counts at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file; one trailing line break is dropped. May start with `$CREDENTIALS_DIRECTORY`.
    File(PathBuf),
    /// In the configuration itself: allowed, and warned about.
    Literal(Secret),
}

/// Takes the values of the secrets it was made of out of text and bytes.
///
/// Each secret is known in the forms that a server may echo: raw, percent-encoded, base64, and
/// escaped for a quoted string or for HTML. A `user:password` pair is a secret of its own.
///
/// ```
/// use authvigil::domain::secret::{Redactor, Secret};
/// let redactor = Redactor::new([&Secret::new("hunter2")]);
/// assert_eq!(redactor.text("realm=\"hunter2\""), "realm=\"[redacted]\"");
/// ```
#[derive(Clone, Default)]
pub struct Redactor(Vec<Arc<AhoCorasick>>);

impl Redactor {
    /// Secrets shorter than this are not searched for: every text would match.
    pub const SHORTEST: usize = 3;

    /// Prepares the search for all forms of all these secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let needles: BTreeSet<Vec<u8>> = secrets
            .into_iter()
            .filter(|secret| secret.expose().len() >= Self::SHORTEST)
            .flat_map(|secret| forms(secret.expose()))
            .collect();
        if needles.is_empty() {
            return Self::default();
        }
        // The longest first: a secret that holds another one is taken out whole.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(needles);
        Self(automaton.into_iter().map(Arc::new).collect())
    }

    /// A redactor that takes out what either of both does.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The text without any known secret.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for automaton in &self.0 {
            if automaton.is_match(clean.as_ref()) {
                let replacements = vec![REDACTED; automaton.patterns_len()];
                clean = Cow::Owned(automaton.replace_all(&clean, &replacements));
            }
        }
        clean
    }

    /// The bytes without any known secret.
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut clean = Cow::Borrowed(bytes);
        for automaton in &self.0 {
            if automaton.is_match(clean.as_ref()) {
                let replacements = vec![REDACTED; automaton.patterns_len()];
                clean = Cow::Owned(automaton.replace_all_bytes(&clean, &replacements));
            }
        }
        clean
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forms: usize = self
            .0
            .iter()
            .map(|automaton| automaton.patterns_len())
            .sum();
        write!(f, "Redactor({forms} forms)")
    }
}

fn forms(raw: &[u8]) -> Vec<Vec<u8>> {
    // A header's bytes are shown as latin-1, one character a byte.
    let latin1: String = raw.iter().map(|byte| char::from(*byte)).collect();
    let mut forms = vec![raw.to_vec(), latin1.into_bytes()];
    for (space, case) in [
        ("%20", Case::Upper),
        ("%20", Case::Lower),
        ("+", Case::Upper),
    ] {
        forms.push(percent_encoded(raw, space, case));
    }
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        forms.push(engine.encode(raw).into_bytes());
    }
    forms.push(escaped(raw, &[(b'"', "\\\""), (b'\\', "\\\\")]));
    forms.push(escaped(
        raw,
        &[
            (b'&', "&amp;"),
            (b'<', "&lt;"),
            (b'>', "&gt;"),
            (b'"', "&quot;"),
            (b'\'', "&#39;"),
        ],
    ));
    forms
}

#[derive(Clone, Copy)]
enum Case {
    Lower,
    Upper,
}

fn percent_encoded(raw: &[u8], space: &str, case: Case) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(raw.len());
    for &byte in raw {
        match (byte, case) {
            (b' ', _) => encoded.extend(space.bytes()),
            (b'-' | b'.' | b'_', _) => encoded.push(byte),
            // The form that knows `+` keeps `*` and encodes `~`; the others do the reverse.
            (b'*', _) if space == "+" => encoded.push(byte),
            (b'~', _) if space != "+" => encoded.push(byte),
            _ if byte.is_ascii_alphanumeric() => encoded.push(byte),
            (_, Case::Lower) => encoded.extend(format!("%{byte:02x}").bytes()),
            (_, Case::Upper) => encoded.extend(format!("%{byte:02X}").bytes()),
        }
    }
    encoded
}

fn escaped(raw: &[u8], escapes: &[(u8, &str)]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    for &byte in raw {
        match escapes.iter().find(|(special, _)| *special == byte) {
            Some((_, escape)) => text.extend(escape.bytes()),
            None => text.push(byte),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        assert_eq!(
            format!("{:?}", SecretRef::Literal(Secret::new("hunter2"))),
            "Literal([redacted])"
        );
    }

    #[test]
    fn every_form_of_a_secret_is_taken_out() {
        let redactor = Redactor::new([&Secret::new("p\"s s/ü")]);
        let echoes = [
            "p\"s s/ü",
            "p\\\"s s/ü",
            "p&quot;s s/ü",
            "p%22s%20s%2F%C3%BC",
            "p%22s%20s%2f%c3%bc",
            "p%22s+s%2F%C3%BC",
            "cCJzIHMvw7w=",
            "cCJzIHMvw7w",
        ];
        for echo in echoes {
            assert_eq!(
                redactor.text(&format!("<{echo}>")),
                "<[redacted]>",
                "{echo}"
            );
        }
    }

    #[test]
    fn the_longest_secret_is_taken_out_whole() {
        let redactor = Redactor::new([&Secret::new("abc"), &Secret::new("abcdef")]);
        assert_eq!(redactor.bytes(b"x abcdef x"), &b"x [redacted] x"[..]);
    }

    #[test]
    fn a_secret_of_two_bytes_is_not_searched_for() {
        assert_eq!(
            Redactor::new([&Secret::new("ab")]).text("cabbage"),
            "cabbage"
        );
    }
}
