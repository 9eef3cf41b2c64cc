//! What was still wrong with a check when one of its incidents ended.

use std::cmp::Reverse;

use super::room::Room;
use super::sheet::Tone;
use super::words;
use crate::domain::finding::{Class, Finding};
use crate::domain::harmless::shown;
use crate::domain::incident::{Ended, Incident, Resolution};
use crate::domain::notice::{Notice, Occasion};

/// What is still wrong although an incident recovered, the gravest first.
///
/// What the same notice tells the end of is wrong no more.
pub(super) fn remains<'a>(incident: &'a Incident, notice: &Notice) -> Vec<&'a Finding> {
    let Some(Ended {
        at,
        resolution: Resolution::Recovered,
    }) = incident.ended
    else {
        return Vec::new();
    };
    let is_over = |class: Class| {
        let mut others = notice.incidents.iter();
        others.any(|other| {
            let is_same = other.check == incident.check && other.class == class;
            is_same && other.ended.is_some_and(|ended| ended.at >= at)
        })
    };
    let findings = incident.story.beside.iter();
    let findings = findings.filter(|finding| !is_over(finding.reason.class()));
    let mut findings: Vec<&Finding> = findings.collect();
    findings.sort_by_key(|it| (Reverse(it.severity), it.reason.class(), it.reason));
    findings
}

/// The incidents whose checks still fail in another way, with the gravest of what is wrong.
pub(super) fn failing(notice: &Notice) -> Vec<(&Incident, &Finding)> {
    let incidents = notice.incidents.iter().map(AsRef::as_ref);
    let failing = incidents.filter_map(|incident| {
        let gravest = remains(incident, notice).first().copied();
        gravest.map(|finding| (incident, finding))
    });
    let mut failing: Vec<(&Incident, &Finding)> = failing.collect();
    failing.sort_by_key(|(_, it)| (Reverse(it.severity), it.reason.class(), it.reason));
    failing
}

/// How an end looks after which something is still wrong; `None` where nothing is.
pub(super) fn tone(notice: &Notice) -> Option<Tone> {
    let failing = failing(notice);
    let (_, gravest) = failing.first()?;
    Some(Tone::of(gravest.severity))
}

/// Whether somebody gets in who must not, although what the notice tells of is over.
pub(super) fn is_bypassed(notice: &Notice) -> bool {
    let incidents = notice.incidents.iter();
    let mut remains = incidents.flat_map(|incident| remains(incident, notice));
    notice.occasion == Occasion::Ended && remains.any(|it| it.reason.class() == Class::Bypass)
}

/// A finding in a few words: `bypass, anonymous_admitted, saw 200 OK`.
pub(super) fn brief(finding: &Finding, room: &Room) -> String {
    /// It stands in a sentence.
    const SHORT: usize = 120;
    let head = format!("{}, {}", finding.reason.class().as_str(), finding.reason);
    match shown(&finding.saw, room.text.min(SHORT)) {
        saw if saw.is_empty() => head,
        saw => format!("{head}, saw {saw}"),
    }
}

/// The gravest finding in a few words, and how many more there are; `None` where there is none.
pub(super) fn said(remains: &[&Finding], room: &Room) -> Option<String> {
    let (gravest, others) = remains.split_first()?;
    let gravest = brief(gravest, room);
    Some(match others.len() {
        0 => gravest,
        more => format!("{gravest}; and {}", words::counted(more, "more finding")),
    })
}
