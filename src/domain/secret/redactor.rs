//! Takes secrets out of what is shown, in whatever form a server gave them back.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::{REDACTED, Secret};

mod view;

/// Takes the values of the secrets it was made of out of text and bytes.
///
/// Each secret is found as it is, in base64 wherever in the encoded text it stands, and behind
/// percent-encoding, the escapes of a quoted string, of JSON or of both, or those of HTML, however
/// much of it they cover. A `user:password` pair is a secret of its own.
///
/// ```
/// use authvigil::domain::secret::{Redactor, Secret};
/// let redactor = Redactor::new([&Secret::new("hunter2")]);
/// assert_eq!(redactor.text("realm=\"hunter2\""), "realm=\"[redacted]\"");
/// ```
#[derive(Clone, Default)]
pub struct Redactor(Vec<Arc<Search>>);

/// A search for several needles.
struct Search {
    /// Finds the heads of the needles.
    heads: AhoCorasick,
    /// What follows each of them, to be compared where its head was found.
    rests: Vec<Box<[u8]>>,
}

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
        Self(Search::of(&needles).into_iter().map(Arc::new).collect())
    }

    /// A redactor that takes out what either of both does.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The text without any known secret.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found = self.find(text.as_bytes());
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        for range in &mut found {
            // A secret need not be text, so it may end within a character.
            range.start = text.floor_char_boundary(range.start);
            range.end = text.ceil_char_boundary(range.end);
        }
        let mut clean = String::with_capacity(text.len());
        let mut from = 0;
        for range in found {
            clean.push_str(text.get(from..range.start).unwrap_or_default());
            clean.push_str(REDACTED);
            from = range.end;
        }
        clean.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// The bytes without any known secret.
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let found = self.find(bytes);
        if found.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for range in found {
            clean.extend_from_slice(bytes.get(from..range.start).unwrap_or_default());
            clean.extend_from_slice(REDACTED.as_bytes());
            from = range.end;
        }
        clean.extend_from_slice(bytes.get(from..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// Where secrets stand, in order; those that overlap are one.
    fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<Range<usize>> = self.find_in(bytes).collect();
        for view in view::all(bytes) {
            found.extend(self.find_in(&view.bytes).map(|range| view.origin(&range)));
        }
        found.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    fn find_in<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.iter().flat_map(move |search| search.find_in(bytes))
    }
}

impl Search {
    /// A token of a kilobyte has some fifteen forms, and an automaton takes many times what it
    /// searches for: so it searches for what they begin with.
    const HEAD: usize = 48;

    fn of(needles: &BTreeSet<Vec<u8>>) -> Option<Self> {
        let split = |needle: &Vec<u8>| {
            let (head, rest) = needle.split_at(needle.len().min(Self::HEAD));
            (head.to_vec(), Box::from(rest))
        };
        let (heads, rests): (Vec<Vec<u8>>, Vec<Box<[u8]>>) = needles.iter().map(split).unzip();
        // Schemes and names of parameters are shown in lower case.
        let heads = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(heads)
            .ok()?;
        Some(Self { heads, rests })
    }

    /// Where needles stand. One that was cut off, or goes on otherwise, is found as far as it goes.
    fn find_in<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let heads = self.heads.find_overlapping_iter(bytes);
        heads.map(|found| {
            let rest = self.rests.get(found.pattern().as_usize());
            let follows = bytes.get(found.end()..).unwrap_or_default();
            let same = rest.into_iter().flatten().zip(follows);
            let same = same.take_while(|(wanted, met)| wanted.eq_ignore_ascii_case(met));
            found.start()..found.end() + same.count()
        })
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forms: usize = self.0.iter().map(|search| search.rests.len()).sum();
        write!(f, "Redactor({forms} forms)")
    }
}

fn forms(raw: &[u8]) -> Vec<Vec<u8>> {
    // A header's bytes are shown as latin-1, one character a byte.
    let as_shown: String = raw.iter().map(|byte| char::from(*byte)).collect();
    // A form writes `+` for a blank.
    let in_a_form = raw
        .iter()
        .map(|byte| if *byte == b' ' { b'+' } else { *byte });
    let mut forms = vec![raw.to_vec(), as_shown.into_bytes(), in_a_form.collect()];
    // A server may read UTF-8 and write latin-1.
    let latin1: Option<Vec<u8>> = std::str::from_utf8(raw)
        .unwrap_or_default()
        .chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect();
    let latin1 = latin1.filter(|latin1| !latin1.is_empty() && latin1 != raw);
    for bytes in std::iter::once(raw).chain(latin1.as_deref()) {
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            forms.push(engine.encode(bytes).into_bytes());
        }
        forms.extend(within_base64(bytes));
    }
    forms.extend(latin1);
    forms
}

/// What base64 makes of a secret that has other bytes around it: the characters that hang on the
/// secret alone, for each of the three ways in which it can stand to the groups of three.
fn within_base64(raw: &[u8]) -> Vec<Vec<u8>> {
    /// Fewer characters than this occur by chance.
    const FEWEST: usize = 8;
    let mut forms = Vec::new();
    for before in 0..3 {
        let padded = [&[0; 2][..before], raw].concat();
        // Eight bits a byte, six a character.
        let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&padded);
            let own = encoded.get(from..to).unwrap_or_default();
            if own.len() >= FEWEST {
                forms.push(own.as_bytes().to_vec());
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "p&#x22;s s/ü",
            "%70\"s%20s%2fü",
            "p%2522s%2520s%252F%25C3%25BC",
            "p%22s s/%FC",
            r#"p\"s s\/\u00fc"#,
            r#"p\\\"s s\\/\\u00fc"#,
            r#"p\\\"s s\\/\\u00c3\\u00bc"#,
            r"p\u0022s\u0020s/ü",
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
    fn a_character_that_json_escapes_in_two_halves_is_taken_out() {
        let redactor = Redactor::new([&Secret::new("a\n💥b")]);
        assert_eq!(redactor.text(r"<a\n\ud83d\udca5b>"), "<[redacted]>");
        assert_eq!(redactor.text(r"<a\\n\\uD83D\\uDCA5b>"), "<[redacted]>");
    }

    #[test]
    fn half_an_escape_stays_as_it_is() {
        let redactor = Redactor::new([&Secret::new("abc")]);
        for text in [r"abc\ud83d!", r"abc\u00", r"abc\uzzzz", r"abc\"] {
            let clean = text.replace("abc", REDACTED);
            assert_eq!(redactor.text(text), clean);
        }
    }

    #[test]
    fn the_longest_secret_is_taken_out_whole() {
        let redactor = Redactor::new([&Secret::new("abc"), &Secret::new("abcdef")]);
        assert_eq!(redactor.bytes(b"x abcdef x"), &b"x [redacted] x"[..]);
    }

    #[test]
    fn secrets_that_overlap_are_taken_out_together() {
        let redactor = Redactor::new([&Secret::new("abcd"), &Secret::new("cdef")]);
        assert_eq!(redactor.text("x abcdef x"), "x [redacted] x");
    }

    #[test]
    fn a_secret_is_found_within_base64_of_more() {
        let redactor = Redactor::new([&Secret::new("the-s3cret-word")]);
        for before in ["", "x", "xy", "xyz"] {
            let encoded = STANDARD.encode(format!("{before}the-s3cret-word and more"));
            let clean = redactor.text(&encoded).into_owned();
            assert!(clean.contains(REDACTED), "{before}: {clean}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_taken_out_of_text_whole() {
        let redactor = Redactor::new([&Secret::new(b"abc\xe4".to_vec())]);
        assert_eq!(redactor.text("abc\u{4e00}d"), "[redacted]d");
    }

    #[test]
    fn a_long_secret_is_taken_out_as_far_as_it_was_repeated() {
        let token: String = (0..200).map(|at| char::from(b'a' + at % 26)).collect();
        let redactor = Redactor::new([&Secret::new(token.as_str())]);
        let cut = &token[..120];
        assert_eq!(redactor.text(&format!("<{token}>")), "<[redacted]>");
        assert_eq!(redactor.text(&format!("<{cut}>")), "<[redacted]>");
        assert_eq!(redactor.text(&format!("<{cut}?>")), "<[redacted]?>");
        let encoded = STANDARD.encode(&token);
        assert_eq!(redactor.text(&encoded), REDACTED);
    }

    #[test]
    fn a_secret_of_two_bytes_is_not_searched_for() {
        assert_eq!(
            Redactor::new([&Secret::new("ab")]).text("cabbage"),
            "cabbage"
        );
    }
}
