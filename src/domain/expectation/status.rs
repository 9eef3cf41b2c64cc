//! Sets of statuses.

use std::fmt;
use std::ops::RangeInclusive;

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
}
