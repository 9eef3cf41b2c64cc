//! What is known, and not to be told for a while.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::finding::{Class, Reason, Severity};
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

/// What matchers have to do with bypasses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bypasses {
    /// They say that bypasses are meant: one is `class="bypass"`, to the letter.
    Meant,
    /// A bypass could meet them, and yet is told: they do not say that it is meant.
    Spared,
    /// No bypass meets them.
    Apart,
}

impl Bypasses {
    /// What these matchers have to do with bypasses.
    pub fn of(matchers: &[Matcher]) -> Self {
        let bypass = Class::Bypass.as_str();
        let is_bypass =
            |matcher: &Matcher| matches!(&matcher.rule, MatchRule::Is(value) if value == bypass);
        if matchers
            .iter()
            .any(|it| it.label == "class" && is_bypass(it))
        {
            return Self::Meant;
        }
        let meets = |label: &str, value: &str| {
            let mut rules = matchers.iter().filter(|matcher| matcher.label == label);
            rules.all(|matcher| matcher.is_met_by(value))
        };
        let mut reasons = Reason::ALL.iter();
        let some_reason =
            reasons.any(|it| it.class() == Class::Bypass && meets("reason", it.as_str()));
        // A bypass stays critical, whatever is configured.
        if meets("class", bypass) && meets("severity", Severity::Critical.as_str()) && some_reason {
            return Self::Spared;
        }
        Self::Apart
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
        Bypasses::of(&self.matchers) == Bypasses::Meant
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

    /// The same silence, as long, from a moment on.
    #[must_use]
    pub fn moved_to(&self, starts_at: Timestamp) -> Self {
        let length = self.ends_at.duration_since(self.starts_at);
        Self {
            starts_at,
            ends_at: starts_at.saturating_add(length).unwrap_or(Timestamp::MAX),
            ..self.clone()
        }
    }

    fn is_short_enough(&self) -> bool {
        let longest = SignedDuration::try_from(Self::LONGEST_FOR_BYPASS);
        longest.is_ok_and(|longest| self.ends_at.duration_since(self.starts_at) <= longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(label: &str, rule: MatchRule) -> Matcher {
        Matcher {
            label: label.to_owned(),
            rule,
        }
    }

    fn is(label: &str, value: &str) -> Matcher {
        matcher(label, MatchRule::Is(value.to_owned()))
    }

    fn matches(label: &str, regex: &str) -> Matcher {
        let regex = regex::Regex::new(&format!("^(?s:{regex})$")).unwrap();
        matcher(label, MatchRule::Matches(regex))
    }

    #[test]
    fn a_bypass_is_meant_only_where_a_matcher_says_so_to_the_letter() {
        let named = [is("endpoint", "orders"), is("class", "bypass")];
        assert_eq!(Bypasses::of(&named), Bypasses::Meant);
        for spares in [
            is("endpoint", "orders"),
            matches("class", "bypass"),
            matches("class", ".*"),
            is("severity", "critical"),
            is("reason", "anonymous_admitted"),
            matcher("class", MatchRule::IsNot("lockout".to_owned())),
        ] {
            let matchers = std::slice::from_ref(&spares);
            assert_eq!(Bypasses::of(matchers), Bypasses::Spared, "{spares}");
        }
    }

    #[test]
    fn what_no_bypass_can_meet_has_nothing_to_do_with_one() {
        for apart in [
            is("class", "lockout"),
            is("severity", "warning"),
            is("reason", "timeout"),
            matcher("class", MatchRule::IsNot("bypass".to_owned())),
        ] {
            let matchers = [is("endpoint", "orders"), apart.clone()];
            assert_eq!(Bypasses::of(&matchers), Bypasses::Apart, "{apart}");
        }
    }
}
