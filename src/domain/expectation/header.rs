//! What headers must say.

use std::fmt;

use http::HeaderName;
use regex::Regex;

use crate::domain::observation::Field;

/// What one header must say.
#[derive(Clone, Debug)]
pub struct HeaderExpectation {
    /// The header; names are compared without case.
    pub name: HeaderName,
    /// What its field lines must say.
    pub rule: HeaderRule,
}

/// What the field lines of a header must say.
#[derive(Clone, Debug)]
pub enum HeaderRule {
    /// No such line.
    Absent,
    /// At least one line, whatever it says.
    Present,
    /// At least one line that fits.
    AnyLine(TextExpectation),
    /// No line that matches.
    NoLine(Regex),
}

impl HeaderRule {
    /// Whether all field lines of a header together satisfy the rule.
    pub fn is_met_by(&self, lines: &[&Field]) -> bool {
        match self {
            Self::Absent => lines.is_empty(),
            Self::Present => !lines.is_empty(),
            Self::AnyLine(text) => readings(lines).any(|line| text.is_met_by(&line)),
            Self::NoLine(regex) => !readings(lines).any(|line| regex.is_match(&line)),
        }
    }
}

/// The values of field lines as they may be meant: as latin-1, and as UTF-8 where they are that.
fn readings<'a>(lines: &'a [&'a Field]) -> impl Iterator<Item = String> + 'a {
    lines.iter().flat_map(|line| {
        let utf8 = String::from_utf8(line.value.clone()).ok();
        let beyond_ascii = utf8.filter(|text| !text.is_ascii());
        std::iter::once(line.text()).chain(beyond_ascii)
    })
}

impl fmt::Display for HeaderRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Present => f.write_str("present"),
            Self::AnyLine(text) => text.fmt(f),
            Self::NoLine(regex) => write!(f, "no line that matches `{regex}`"),
        }
    }
}

/// What a text must be.
#[derive(Clone, Debug)]
pub enum TextExpectation {
    /// This, byte for byte.
    Exactly(String),
    /// Something that holds a match; the expression is not anchored.
    Matches(Regex),
    /// Anything without a match.
    MatchesNot(Regex),
}

impl TextExpectation {
    /// Whether a text satisfies it.
    pub fn is_met_by(&self, text: &str) -> bool {
        match self {
            Self::Exactly(wanted) => text == wanted,
            Self::Matches(regex) => regex.is_match(text),
            Self::MatchesNot(regex) => !regex.is_match(text),
        }
    }
}

impl fmt::Display for TextExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(wanted) => write!(f, "`{wanted}`"),
            Self::Matches(regex) => write!(f, "a match of `{regex}`"),
            Self::MatchesNot(regex) => write!(f, "no match of `{regex}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_latin_1_and_as_utf_8() {
        let exactly = HeaderRule::AnyLine(TextExpectation::Exactly("Caf\u{e9}".into()));
        let name = HeaderName::from_static("x-name");
        for value in [&b"Caf\xe9"[..], "Caf\u{e9}".as_bytes()] {
            let field = Field {
                name: name.clone(),
                value: value.to_vec(),
            };
            assert!(exactly.is_met_by(&[&field]), "{value:?}");
        }
    }
}
