//! What must be met: statuses, challenges, headers, body, time.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use http::HeaderName;
use regex::Regex;
use serde_json_path::JsonPath;

use super::challenge::ExpectedChallenge;
use super::observation::Field;

/// Everything that one check expects.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The statuses that are agreed.
    pub status: StatusSet,
    /// The challenges that are agreed.
    pub challenge: ChallengeExpectation,
    /// What headers must say, in the order of the configuration.
    pub headers: Vec<HeaderExpectation>,
    /// What the body must say; all of it.
    pub body: Vec<BodyExpectation>,
    /// The longest that a probe may take.
    pub max_duration: Option<Duration>,
    /// What `Location` must say on the first answer.
    pub location: Option<TextExpectation>,
    /// The least that may remain of a certificate's lifetime, in place of the default horizon.
    pub certificate_min_remaining: Option<Duration>,
}

impl Expectation {
    /// Expects these statuses, any well-formed challenge, and nothing else.
    pub fn of_status(status: StatusSet) -> Self {
        Self {
            status,
            challenge: ChallengeExpectation::WellFormed,
            headers: Vec::new(),
            body: Vec::new(),
            max_duration: None,
            location: None,
            certificate_min_remaining: None,
        }
    }
}

/// A set of statuses, and whether a handshake that the server refuses counts as one.
///
/// ```
/// use authvigil::domain::expectation::StatusSet;
/// let set: StatusSet = "2xx".parse().unwrap();
/// assert!(set.contains(204) && set.names_success());
/// assert_eq!("200..=299".parse::<StatusSet>().unwrap(), "200-299".parse().unwrap());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusSet {
    ranges: Vec<RangeInclusive<u16>>,
    tls_refused: bool,
}

/// Why a text is no status set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusSetFault {
    /// Not a number, a class or a range.
    #[error("not a status: write `401`, `2xx`, `200-299` or `200..=299`")]
    Form,
    /// A number outside 100 to 599.
    #[error("a status lies between 100 and 599")]
    Range,
    /// A range that ends before it starts.
    #[error("the range ends before it starts")]
    Backwards,
}

impl StatusSet {
    const ANY: RangeInclusive<u16> = 100..=599;

    /// The word for a TLS handshake that the server refuses.
    pub const TLS_REFUSED: &str = "tls_refused";

    /// The set of these statuses.
    pub fn of(statuses: &[u16]) -> Self {
        let ranges = statuses.iter().map(|&status| status..=status).collect();
        Self {
            ranges,
            tls_refused: false,
        }
    }

    /// Every status.
    pub fn any() -> Self {
        Self {
            ranges: vec![Self::ANY],
            tls_refused: false,
        }
    }

    /// 200 to 299.
    pub fn success() -> Self {
        Self {
            ranges: vec![200..=299],
            tls_refused: false,
        }
    }

    /// The same set, which a refused TLS handshake also satisfies.
    #[must_use]
    pub fn or_tls_refused(self) -> Self {
        Self {
            tls_refused: true,
            ..self
        }
    }

    /// The union of both sets.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        self.ranges.extend(other.ranges);
        Self {
            tls_refused: self.tls_refused || other.tls_refused,
            ..self
        }
    }

    /// Whether a status is in the set.
    pub fn contains(&self, status: u16) -> bool {
        self.ranges.iter().any(|range| range.contains(&status))
    }

    /// Whether a TLS handshake that the server refused is as good as a status of the set.
    pub fn allows_tls_refused(&self) -> bool {
        self.tls_refused
    }

    /// Whether any 2xx is in the set: what makes a check one that is to be admitted.
    pub fn names_success(&self) -> bool {
        self.ranges
            .iter()
            .any(|range| *range.start() <= 299 && *range.end() >= 200)
    }

    /// Whether nothing at all is in the set.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty() && !self.tls_refused
    }
}

impl std::str::FromStr for StatusSet {
    type Err = StatusSetFault;

    fn from_str(text: &str) -> Result<Self, StatusSetFault> {
        if text == Self::TLS_REFUSED {
            return Ok(Self::default().or_tls_refused());
        }
        let range = match text.split_once("..=").or_else(|| text.split_once('-')) {
            Some((first, last)) => status(first)?..=status(last)?,
            None => match text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
                Some(class) => {
                    let first = status(&format!("{class}00"))?;
                    first..=first + 99
                }
                None => status(text).map(|only| only..=only)?,
            },
        };
        if range.is_empty() {
            return Err(StatusSetFault::Backwards);
        }
        Ok(Self {
            ranges: vec![range],
            tls_refused: false,
        })
    }
}

fn status(text: &str) -> Result<u16, StatusSetFault> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(StatusSetFault::Form);
    }
    match text.parse::<u16>() {
        Ok(status) if (100..=599).contains(&status) => Ok(status),
        Ok(_) | Err(_) => Err(StatusSetFault::Range),
    }
}

impl fmt::Display for StatusSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<String> = self.ranges.iter().map(range_text).collect();
        if self.tls_refused {
            words.push("a refused TLS handshake".to_owned());
        }
        match words.split_last() {
            None => f.write_str("nothing"),
            Some((only, [])) => f.write_str(only),
            Some((last, others)) => write!(f, "{} or {last}", others.join(", ")),
        }
    }
}

fn range_text(range: &RangeInclusive<u16>) -> String {
    let (first, last) = (*range.start(), *range.end());
    match last - first {
        _ if *range == StatusSet::ANY => "any status".to_owned(),
        0 => first.to_string(),
        99 if first % 100 == 0 => format!("{}xx", first / 100),
        _ => format!("{first}-{last}"),
    }
}

/// Which challenges are agreed.
#[derive(Clone, Debug, Default)]
pub enum ChallengeExpectation {
    /// At least one on a 401, and whatever there is well-formed.
    #[default]
    WellFormed,
    /// None needed; whatever there is well-formed.
    Optional,
    /// No `WWW-Authenticate` at all.
    Absent,
    /// Each of these on offer.
    Offers(Vec<ExpectedChallenge>),
}

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

    fn set(text: &str) -> Result<StatusSet, StatusSetFault> {
        text.parse()
    }

    #[test]
    fn a_status_is_a_number_a_class_or_a_range() {
        assert_eq!(set("401").map(|it| it.to_string()), Ok("401".into()));
        assert_eq!(set("2xx").map(|it| it.to_string()), Ok("2xx".into()));
        assert_eq!(
            set("200..=204").map(|it| it.to_string()),
            Ok("200-204".into())
        );
        assert_eq!(set("200-299"), set("2xx"));
        assert_eq!(
            set("tls_refused").map(|it| it.allows_tls_refused()),
            Ok(true)
        );
    }

    #[test]
    fn what_is_no_status_says_why() {
        assert_eq!(set("4o1"), Err(StatusSetFault::Form));
        assert_eq!(set(""), Err(StatusSetFault::Form));
        assert_eq!(set("99"), Err(StatusSetFault::Range));
        assert_eq!(set("9xx"), Err(StatusSetFault::Range));
        assert_eq!(set("700"), Err(StatusSetFault::Range));
        assert_eq!(set("299-200"), Err(StatusSetFault::Backwards));
    }

    #[test]
    fn a_set_that_touches_2xx_names_success() {
        assert!(set("100-200").is_ok_and(|it| it.names_success()));
        assert!(set("299").is_ok_and(|it| it.names_success()));
        assert!(set("300-599").is_ok_and(|it| !it.names_success()));
    }

    #[test]
    fn a_set_reads_as_a_sentence() {
        let set = StatusSet::of(&[400, 401]).or_tls_refused();
        assert_eq!(set.to_string(), "400, 401 or a refused TLS handshake");
    }

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
