//! What a body must say.

use std::fmt;

use regex::Regex;
use serde_json_path::JsonPath;

/// What the body must say.
#[derive(Clone, Debug)]
pub enum BodyExpectation {
    /// This text somewhere in it.
    Contains(String),
    /// A match somewhere in it.
    Matches(Regex),
    /// No match anywhere in it.
    MatchesNot(Regex),
    /// JSON in which a path (RFC 9535) selects this value.
    Json(Box<JsonExpectation>),
}

/// A path into a JSON body and the value that it must select.
#[derive(Clone, Debug)]
pub struct JsonExpectation {
    /// The path.
    pub path: JsonPath,
    /// The value; at least one selected node must equal it.
    pub value: serde_json::Value,
}

impl BodyExpectation {
    /// Whether a body that is known up to here satisfies the expectation.
    ///
    /// `None` where only what comes after could tell.
    pub fn is_met_by(&self, body: &[u8], whole: Whole) -> Option<bool> {
        let text = String::from_utf8_lossy(body);
        let found = match self {
            Self::Contains(wanted) => text.contains(wanted.as_str()),
            Self::Matches(regex) => regex.is_match(&text),
            Self::MatchesNot(regex) => {
                let found = regex.is_match(&text);
                return (found || whole == Whole::Yes).then_some(!found);
            }
            Self::Json(json) if whole == Whole::Yes => json.is_met_by(body),
            Self::Json(_) => return None,
        };
        (found || whole == Whole::Yes).then_some(found)
    }
}

impl JsonExpectation {
    fn is_met_by(&self, body: &[u8]) -> bool {
        let Ok(document) = serde_json::from_slice::<serde_json::Value>(body) else {
            return false;
        };
        self.path
            .query(&document)
            .iter()
            .any(|node| is_same(node, &self.value))
    }
}

/// Whether two JSON values are the same; numbers are compared by what they amount to.
fn is_same(left: &serde_json::Value, right: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (left, right) {
        (Number(left), Number(right)) if left.is_f64() || right.is_f64() => {
            left.as_f64() == right.as_f64()
        }
        (Array(left), Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| is_same(a, b))
        }
        (Object(left), Object(right)) => {
            let same = |(name, value)| right.get(name).is_some_and(|other| is_same(value, other));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => left == right,
    }
}

/// Whether all of a body is at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// To its end.
    Yes,
    /// Cut off, or broken off.
    No,
}

impl fmt::Display for BodyExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contains(wanted) => write!(f, "a body that contains `{wanted}`"),
            Self::Matches(regex) => write!(f, "a body that matches `{regex}`"),
            Self::MatchesNot(regex) => write!(f, "a body that does not match `{regex}`"),
            Self::Json(json) => write!(f, "a JSON body with {} at `{}`", json.value, json.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_body_decides_only_what_was_seen_in_it() {
        let contains = BodyExpectation::Contains("ab".into());
        assert_eq!(contains.is_met_by(b"xxab", Whole::No), Some(true));
        assert_eq!(contains.is_met_by(b"xx", Whole::No), None);
        assert_eq!(contains.is_met_by(b"xx", Whole::Yes), Some(false));
        let not = BodyExpectation::MatchesNot(Regex::new("a+").unwrap());
        assert_eq!(not.is_met_by(b"xa", Whole::No), Some(false));
        assert_eq!(not.is_met_by(b"x", Whole::No), None);
    }

    #[test]
    fn a_json_expectation_finds_its_value_at_its_path() {
        let json = |path: &str, value: &str| {
            let path = JsonPath::parse(path).unwrap();
            let value = serde_json::from_str(value).unwrap();
            BodyExpectation::Json(Box::new(JsonExpectation { path, value }))
        };
        let body = br#"{"status": "up", "parts": [{"n": 1}, {"n": 2}]}"#;
        assert_eq!(
            json("$.status", "\"up\"").is_met_by(body, Whole::Yes),
            Some(true)
        );
        assert_eq!(
            json("$.parts[*].n", "2").is_met_by(body, Whole::Yes),
            Some(true)
        );
        assert_eq!(
            json("$.parts[*].n", "3").is_met_by(body, Whole::Yes),
            Some(false)
        );
        assert_eq!(
            json("$.parts[0]", "{\"n\": 1.0}").is_met_by(body, Whole::Yes),
            Some(true)
        );
        assert_eq!(
            json("$.status", "\"up\"").is_met_by(b"<html>", Whole::Yes),
            Some(false)
        );
    }
}
