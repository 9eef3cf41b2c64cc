//! What is known, and not to be told for a while.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::finding::Class;
use super::routing::{MatchRule, Matcher};

/// Names a silence: eight hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SilenceId(Arc<str>);

impl SilenceId {
    /// The name of the silence that somebody makes at this moment for this reason.
    pub fn new(starts_at: Timestamp, author: &str, comment: &str) -> Self {
        let text = format!("{} {author} {comment}", starts_at.as_microsecond());
        let digest = Sha256::digest(text.as_bytes());
        let digits = digest.iter().take(4).map(|byte| format!("{byte:02x}"));
        Self(digits.collect::<String>().into())
    }

    /// Reads a name; `None` for anything but 8 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 8 && text.bytes().all(digit)).then(|| Self(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SilenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Incidents with these labels are not told of for a while. They are still opened, counted and
/// shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    /// Its name.
    pub id: SilenceId,
    /// What must hold of an incident's labels, all of it; at least one.
    pub matchers: Vec<Matcher>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Why.
    pub comment: String,
    /// Who wants it.
    pub author: String,
}

impl Silence {
    /// The longest time for which a bypass can be silenced.
    pub const LONGEST_FOR_BYPASS: Duration = Duration::from_hours(24);

    /// Whether it holds at a moment.
    pub fn is_active(&self, now: Timestamp) -> bool {
        (self.starts_at..self.ends_at).contains(&now)
    }

    /// Whether it says that bypasses are meant: a matcher `class="bypass"`, to the letter.
    pub fn names_bypass(&self) -> bool {
        self.matchers.iter().any(|matcher| {
            matcher.label == "class"
                && matches!(&matcher.rule, MatchRule::Is(value) if value == Class::Bypass.as_str())
        })
    }

    /// Whether an incident with these labels is not to be told of at a moment.
    pub fn covers(&self, labels: &BTreeMap<String, String>, now: Timestamp) -> bool {
        let value = |label: &str| labels.get(label).map_or("", String::as_str);
        let meets = |matcher: &Matcher| matcher.is_met_by(value(&matcher.label));
        let is_bypass = value("class") == Class::Bypass.as_str();
        self.is_active(now)
            && self.matchers.iter().all(meets)
            && (!is_bypass || self.can_cover_bypass())
    }

    /// Whether bypasses with fitting labels are not told of while it lasts.
    pub fn can_cover_bypass(&self) -> bool {
        self.names_bypass() && self.is_short_enough()
    }

    /// Labels that it says are meant, to the letter.
    pub fn meant(&self) -> BTreeMap<String, String> {
        let meant = self
            .matchers
            .iter()
            .filter_map(|matcher| match &matcher.rule {
                MatchRule::Is(value) => Some((matcher.label.clone(), value.clone())),
                MatchRule::IsNot(_) | MatchRule::Matches(_) | MatchRule::MatchesNot(_) => None,
            });
        meant.collect()
    }

    /// The same silence, over at a moment.
    #[must_use]
    pub fn ended_at(&self, now: Timestamp) -> Self {
        Self {
            ends_at: self.ends_at.min(now),
            ..self.clone()
        }
    }

    fn is_short_enough(&self) -> bool {
        let longest = SignedDuration::try_from(Self::LONGEST_FOR_BYPASS);
        longest.is_ok_and(|longest| self.ends_at.duration_since(self.starts_at) <= longest)
    }
}
