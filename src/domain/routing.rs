//! Who is told of what: a tree of routes, with Alertmanager's words and meanings.

mod times;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::Regex;
use url::Url;

use super::check::Name;
use super::notice::Way;

/// Everything that decides who is told, and when.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The root of the tree; `None` where nobody is told anything.
    pub route: Option<Route>,
    /// Named times, for routes.
    pub time_intervals: Vec<TimeInterval>,
    /// Everybody who can be told, and on which ways.
    pub receivers: BTreeMap<Name, Vec<Way>>,
    /// A regular notice that proves that mail gets out.
    pub heartbeat: Option<Regularly>,
    /// The address of the status page, for links; `None` where nobody else can reach it.
    pub page: Option<Url>,
    /// What stands behind the `@` of a `Message-ID`: the sender's domain.
    pub message_domain: String,
}

impl Policy {
    /// The routes that an incident with these labels takes, in the order of the tree.
    ///
    /// As Alertmanager walks: a branch is entered where all its matchers are met; siblings are asked
    /// in order until one is entered that does not go on; a branch of which no branch is entered
    /// speaks for itself.
    pub fn routes_of(&self, labels: &BTreeMap<String, String>) -> Vec<RouteMatch<'_>> {
        let mut found = Vec::new();
        if let Some(root) = &self.route {
            root.walk("0", labels, &mut found);
        }
        found
    }

    /// Whether a route tells nothing but bypasses at a moment.
    pub fn is_muted(&self, route: &Route, now: Timestamp) -> bool {
        let within = |name: &Name| {
            let mut intervals = self.time_intervals.iter();
            intervals.any(|interval| interval.name == *name && interval.contains(now))
        };
        let active = &route.active_time_intervals;
        route.mute_time_intervals.iter().any(within)
            || !active.is_empty() && !active.iter().any(within)
    }
}

/// A route that an incident takes.
#[derive(Clone, Debug)]
pub struct RouteMatch<'p> {
    /// Where it stands in the tree: `0` is the root, `0.2` its third branch.
    pub path: String,
    /// The route.
    pub route: &'p Route,
}

/// A notice that is sent again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regularly {
    /// The time between two of them.
    pub every: Duration,
    /// Who gets it.
    pub receiver: Name,
}

/// A branch of the routing tree, with what it took over from the branch above.
#[derive(Clone, Debug)]
pub struct Route {
    /// Who is told.
    pub receiver: Name,
    /// What must hold, all of it; nothing at the root.
    pub matchers: Vec<Matcher>,
    /// Whether the next sibling is asked as well.
    pub goes_on: bool,
    /// Labels whose values must be equal for incidents to share a notice.
    pub group_by: Vec<String>,
    /// How long a first notice waits for company.
    pub group_wait: Duration,
    /// The least time between two notices of a group.
    pub group_interval: Duration,
    /// How often an open incident is told again.
    pub repeat_interval: Duration,
    /// Times during which nothing but a bypass is told.
    pub mute_time_intervals: Vec<Name>,
    /// Times outside of which nothing but a bypass is told; empty for always.
    pub active_time_intervals: Vec<Name>,
    /// The branches, asked in order.
    pub routes: Vec<Route>,
}

impl Route {
    /// Whether everything holds that must hold.
    pub fn admits(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = |label: &str| labels.get(label).map_or("", String::as_str);
        let mut matchers = self.matchers.iter();
        matchers.all(|matcher| matcher.is_met_by(value(&matcher.label)))
    }

    /// Gathers the routes below this one, or this one; tells whether it was entered.
    fn walk<'p>(
        &'p self,
        path: &str,
        labels: &BTreeMap<String, String>,
        found: &mut Vec<RouteMatch<'p>>,
    ) -> bool {
        if !self.admits(labels) {
            return false;
        }
        let before = found.len();
        for (index, branch) in self.routes.iter().enumerate() {
            if branch.walk(&format!("{path}.{index}"), labels, found) && !branch.goes_on {
                break;
            }
        }
        if found.len() == before {
            found.push(RouteMatch {
                path: path.to_owned(),
                route: self,
            });
        }
        true
    }
}

/// What one label must say. A label that is absent counts as empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// What it must say.
    pub rule: MatchRule,
}

/// What a label must say.
#[derive(Clone, Debug)]
pub enum MatchRule {
    /// `=`: this.
    Is(String),
    /// `!=`: anything but this.
    IsNot(String),
    /// `=~`: a text that the anchored expression matches.
    Matches(Regex),
    /// `!~`: a text that it does not match.
    MatchesNot(Regex),
}

/// Expressions are the same where their texts are.
impl PartialEq for MatchRule {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(left), Self::Is(right)) | (Self::IsNot(left), Self::IsNot(right)) => {
                left == right
            }
            (Self::Matches(left), Self::Matches(right))
            | (Self::MatchesNot(left), Self::MatchesNot(right)) => left.as_str() == right.as_str(),
            (Self::Is(_) | Self::IsNot(_) | Self::Matches(_) | Self::MatchesNot(_), _) => false,
        }
    }
}

impl Matcher {
    /// Whether a label's value satisfies the matcher.
    pub fn is_met_by(&self, value: &str) -> bool {
        match &self.rule {
            MatchRule::Is(wanted) => value == wanted,
            MatchRule::IsNot(unwanted) => value != unwanted,
            MatchRule::Matches(regex) => regex.is_match(value),
            MatchRule::MatchesNot(regex) => !regex.is_match(value),
        }
    }
}

/// As a configuration has it: `class="bypass"`.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operator, value) = match &self.rule {
            MatchRule::Is(value) => ("=", value.as_str()),
            MatchRule::IsNot(value) => ("!=", value.as_str()),
            MatchRule::Matches(regex) => ("=~", bare(regex)),
            MatchRule::MatchesNot(regex) => ("!~", bare(regex)),
        };
        write!(f, "{}{operator}\"", self.label)?;
        for char in value.chars() {
            match char {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                char => f.write_char(char)?,
            }
        }
        f.write_char('"')
    }
}

/// The expression as it was written, before it was anchored.
fn bare(regex: &Regex) -> &str {
    let text = regex.as_str();
    let inner = text.strip_prefix("^(?s:");
    let inner = inner.and_then(|text| text.strip_suffix(")$"));
    inner.unwrap_or(text)
}

/// A named set of times.
#[derive(Clone, Debug)]
pub struct TimeInterval {
    /// The name that routes use.
    pub name: Name,
    /// The times; one that fits is enough.
    pub spans: Vec<TimeSpan>,
}

/// Times that fit all that is given here; an empty list leaves open what it is about.
#[derive(Clone, Debug)]
pub struct TimeSpan {
    /// Minutes of the day, from the first to before the second: 0 to 1440.
    pub times: Vec<(u16, u16)>,
    /// Days of the week from first to last, Monday being 1 and Sunday 7.
    pub weekdays: Vec<(u8, u8)>,
    /// Days of the month from first to last; negative ones count from its end.
    pub days_of_month: Vec<(i8, i8)>,
    /// Months from first to last.
    pub months: Vec<(u8, u8)>,
    /// Years from first to last.
    pub years: Vec<(i16, i16)>,
    /// The time zone.
    pub zone: TimeZone,
}
