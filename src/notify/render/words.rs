//! Moments, spans, counts and states, as mails say them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::check::Role;
use crate::domain::finding::{Class, Severity};
use crate::domain::incident::{Incident, Reproduced};
use crate::domain::notice::Story;
use crate::domain::routing::{MatchRule, Matcher};
use crate::domain::wording::{self, span};

/// A number of things, the noun in the right form: `345,600 probes`.
///
/// Mails that are ASCII throughout need no encoding, so the separator is none of the typographer's.
pub(super) fn counted(number: usize, noun: &str) -> String {
    wording::counted(number, noun).replace('\u{202f}', ",")
}

/// A number with commas between thousands.
pub(super) fn grouped(number: usize) -> String {
    wording::grouped(number).replace('\u{202f}', ",")
}

/// To the second, in UTC: `2026-11-22 12:00:00 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// To the minute, in UTC.
pub(super) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A moment, and how long before the notice it was.
pub(super) fn moment_ago(at: Timestamp, now: Timestamp) -> String {
    match now.duration_since(at) {
        past if past >= SignedDuration::from_secs(1) => {
            format!("{} ({} before this notice)", moment(at), span(past))
        }
        _ => moment(at),
    }
}

/// A span in as few letters as can be: `40 s`, `4 min`, `2 h 5 min`, `9 days`.
pub(super) fn brief(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours @ ..48, 0) => format!("{hours} h"),
        (hours @ ..48, minutes) => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{} days", hours / 24),
    }
}

/// How long an incident lasted, or has lasted when the notice was made.
pub(super) fn lasted(incident: &Incident, now: Timestamp) -> SignedDuration {
    let end = incident.ended.map_or(now, |ended| ended.at);
    end.duration_since(incident.since)
}

/// The status code of a status line.
pub(super) fn status(story: &Story) -> Option<&str> {
    let code = story.status_line.as_deref()?.split(' ').nth(1)?;
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then_some(code)
}

/// What the answer to re-probes means.
pub(super) fn reproduced(reproduced: Reproduced) -> String {
    let met = match reproduced {
        Reproduced { of: 0, .. } => return "no further probe came to an answer".to_owned(),
        partial if partial.is_partial() => {
            "other probes were refused, so one of several replicas may have lost its configuration"
        }
        _ => "every further probe, each over a new connection, met it too",
    };
    format!("{reproduced}: {met}")
}

/// What must become of whoever knocks.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Refused => "must be refused",
        Role::Admitted => "must be let in",
    }
}

/// The word in capitals.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::Warning => "WARNING",
    }
}

/// The gravest of all.
pub(super) fn gravest(incidents: &[Arc<Incident>]) -> Severity {
    let severities = incidents.iter().map(|incident| incident.severity);
    severities.max().unwrap_or(Severity::Warning)
}

/// How many of which class, the gravest first: `bypass 9, lockout 3`.
pub(super) fn by_class(incidents: &[Arc<Incident>]) -> String {
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    for incident in incidents {
        *counts.entry(incident.class).or_default() += 1;
    }
    let counts = counts.iter();
    let counts = counts.map(|(class, count)| format!("{} {}", class.as_str(), grouped(*count)));
    counts.collect::<Vec<_>>().join(", ")
}

/// A matcher as it is written in a configuration.
pub(super) fn matcher(matcher: &Matcher) -> String {
    let (sign, value) = match &matcher.rule {
        MatchRule::Is(value) => ("=", value.as_str()),
        MatchRule::IsNot(value) => ("!=", value.as_str()),
        MatchRule::Matches(regex) => ("=~", regex.as_str()),
        MatchRule::MatchesNot(regex) => ("!~", regex.as_str()),
    };
    format!("{}{sign}\"{value}\"", matcher.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_brief_in_a_subject() {
        let rows = [
            (-5, "0 s"),
            (40, "40 s"),
            (240, "4 min"),
            (7200, "2 h"),
            (7500, "2 h 5 min"),
            (47 * 3600, "47 h"),
            (48 * 3600, "2 days"),
        ];
        for (seconds, said) in rows {
            assert_eq!(brief(SignedDuration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn further_probes_are_said_with_what_they_mean() {
        let said = |again, of| reproduced(Reproduced { again, of });
        assert_eq!(
            [said(3, 3), said(0, 3), said(0, 0)],
            [
                "reproduced 3/3: every further probe, each over a new connection, met it too",
                "seen 1 of 4: other probes were refused, so one of several replicas may have lost \
                 its configuration",
                "no further probe came to an answer",
            ]
        );
    }

    #[test]
    fn the_moment_of_the_notice_itself_is_not_called_past() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let minute_ago = now - SignedDuration::from_mins(1);
        assert_eq!(
            [moment_ago(now, now), moment_ago(minute_ago, now)],
            [
                "2026-11-22 12:00:00 UTC",
                "2026-11-22 11:59:00 UTC (1 minute before this notice)"
            ]
        );
    }
}
