//! The subject of a mail: the verdict and the check first, in one line.

use std::sync::Arc;

use super::remains::is_bypassed;
use super::words;
use crate::domain::explanation::phrase;
use crate::domain::finding::{Class, Severity};
use crate::domain::harmless::shown;
use crate::domain::incident::{Ended, Incident, Resolution};
use crate::domain::notice::{Cause, Heartbeat, Isolation, Notice, Occasion};
use crate::domain::silence::Silence;
use crate::domain::wording::span;

/// What every subject begins with, for filters.
const MARK: &str = "[authvigil]";

/// The longest subject, in characters.
pub(super) const LONGEST: usize = 200;

/// What a subject about an end says where somebody still gets in who must not.
const BYPASSED: &str = ", but a bypass is open";

/// The subject: one line of at most [`LONGEST`] characters, none of which steers.
pub(super) fn subject(notice: &Notice) -> String {
    let said = match &notice.occasion {
        Occasion::Opened { cause } => open(notice, cause.as_ref(), ""),
        Occasion::Repeated { cause } => open(notice, cause.as_ref(), &still(notice)),
        Occasion::Ended => ended(notice),
        Occasion::Flapping => of_incidents(
            "FLAPPING",
            &notice.incidents,
            ", opens and resolves again and again",
        ),
        Occasion::Isolated(isolation) => isolated(*isolation),
        Occasion::Rejoined(isolation) => rejoined(notice, *isolation),
        Occasion::Silenced(silence) => silenced(silence),
        Occasion::Heartbeat(heartbeat) => self::heartbeat(heartbeat),
        Occasion::Test => format!("TEST of the receiver {}", notice.receiver),
    };
    shown(&format!("{MARK} {said}"), LONGEST - 1)
}

fn open(notice: &Notice, cause: Option<&Cause>, tail: &str) -> String {
    let incidents = &notice.incidents;
    let badge = words::severity(words::gravest(incidents));
    match cause {
        Some(cause) => format!("{badge} {}{tail}", common(cause, incidents.len())),
        None => of_incidents(badge, incidents, tail),
    }
}

/// What incidents have in common: `host db.example.com: 5 checks in outage`.
pub(super) fn common(cause: &Cause, count: usize) -> String {
    let checks = words::counted(count, "check");
    match cause {
        Cause::Host(host) => format!("host {}: {checks} in outage", shown(host, 100)),
        Cause::Credential(name) => {
            format!("credential {}: {checks} locked out", shown(name, 100))
        }
        Cause::TokenEndpoint(name) => {
            format!(
                "token endpoint of {}: {checks} without a token",
                shown(name, 100)
            )
        }
    }
}

/// How long the oldest one goes on.
fn still(notice: &Notice) -> String {
    let spans = notice.incidents.iter();
    let longest = spans
        .map(|incident| words::lasted(incident, notice.created_at))
        .max();
    longest.map_or_else(String::new, |longest| {
        format!(", still after {}", words::brief(longest))
    })
}

fn ended(notice: &Notice) -> String {
    let incidents = &notice.incidents;
    let lasts = |word: &str| match incidents.as_slice() {
        [one] => format!(
            ", {word} {}",
            words::brief(words::lasted(one, notice.created_at))
        ),
        _ => String::new(),
    };
    match removed(incidents) {
        // A person who reads no further must not believe that the door is shut.
        0 if is_bypassed(notice) => of_incidents("RESOLVED", incidents, BYPASSED),
        0 => of_incidents("RESOLVED", incidents, &lasts("over after")),
        count if count == incidents.len() => {
            of_incidents("REMOVED (not fixed)", incidents, &lasts("open for"))
        }
        count => {
            let resolved = incidents.len() - count;
            let beside = if is_bypassed(notice) { BYPASSED } else { "" };
            let tail = format!("; {resolved} resolved, {count} removed (not fixed){beside}");
            of_incidents("ENDED", incidents, &tail)
        }
    }
}

/// How many left the configuration.
pub(super) fn removed(incidents: &[Arc<Incident>]) -> usize {
    let is_removed = |incident: &&Arc<Incident>| {
        incident.ended.map(|Ended { resolution, .. }| resolution) == Some(Resolution::Removed)
    };
    incidents.iter().filter(is_removed).count()
}

/// The one incident by its name and reason, many by their classes.
fn of_incidents(badge: &str, incidents: &[Arc<Incident>], tail: &str) -> String {
    let [incident] = incidents else {
        return many(badge, incidents, tail);
    };
    let head = format!("{badge} {} {}: ", incident.class.as_str(), incident.check);
    let taken = MARK.len() + 1 + head.chars().count() + tail.chars().count();
    let room = LONGEST.saturating_sub(taken + 2);
    format!("{head}{}{tail}", shown(&what(incident), room))
}

/// The reason in a few words, with the status where that says more.
pub(super) fn what(incident: &Incident) -> String {
    let phrase = phrase(incident.reason);
    let is_telling = match incident.class {
        Class::Bypass | Class::Lockout | Class::Outage | Class::Denial => true,
        Class::Challenge | Class::Response | Class::Internal => false,
    };
    match words::status(&incident.story) {
        Some(status) if is_telling && !phrase.contains(status) => format!("{phrase} ({status})"),
        _ => phrase.to_owned(),
    }
}

fn many(badge: &str, incidents: &[Arc<Incident>], tail: &str) -> String {
    let at = match incidents {
        [first, others @ ..]
            if others
                .iter()
                .all(|other| other.check.endpoint == first.check.endpoint) =>
        {
            format!(" at {}", first.check.endpoint)
        }
        _ => String::new(),
    };
    let count = words::counted(incidents.len(), "incident");
    format!("{badge} {count}{at}: {}{tail}", words::by_class(incidents))
}

fn isolated(isolation: Isolation) -> String {
    format!(
        "{} this monitor may be cut off: {} of {} in outage",
        words::severity(Severity::Critical),
        isolation.down,
        words::counted(isolation.hosts, "host"),
    )
}

fn rejoined(notice: &Notice, isolation: Isolation) -> String {
    let lasted = notice.created_at.duration_since(isolation.since);
    format!(
        "RESOLVED this monitor reaches most hosts again, after {}",
        words::brief(lasted)
    )
}

fn silenced(silence: &Silence) -> String {
    let what = if silence.names_bypass() {
        "a bypass"
    } else {
        "incidents"
    };
    let until = words::minute(silence.ends_at);
    let (author, comment) = (shown(&silence.author, 40), shown(&silence.comment, 80));
    format!("SILENCED {what} until {until} by {author}: {comment}")
}

fn heartbeat(heartbeat: &Heartbeat) -> String {
    let checks = words::counted(heartbeat.checks, "check");
    let (failing, unknown) = heartbeat.failing;
    match (heartbeat.open, failing, unknown) {
        (0, 0, 0) => {
            let probes = usize::try_from(heartbeat.probes).unwrap_or(usize::MAX);
            format!("all is well: {checks}, {}", words::counted(probes, "probe"))
        }
        (open, failing, unknown) => format!(
            "not all is well: {} open, {failing} failing and {unknown} unknown of {checks}",
            words::counted(open, "incident"),
        ),
    }
}

/// How long something was, for a sentence.
pub(super) fn said(incident: &Incident, notice: &Notice) -> String {
    span(words::lasted(incident, notice.created_at))
}
