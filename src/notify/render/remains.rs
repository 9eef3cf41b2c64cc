//! What was still wrong with a check when one of its incidents ended.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::room::Room;
use super::sheet::Tone;
use super::words;
use crate::domain::check::CheckId;
use crate::domain::finding::{Class, Finding, Reason, Severity};
use crate::domain::harmless::shown;
use crate::domain::incident::{Ended, Incident, Resolution};
use crate::domain::notice::{Notice, Occasion};

/// When the classes of checks last ended, of those that a notice tells the end of.
type Ends<'a> = BTreeMap<(&'a CheckId, Class), Timestamp>;

fn ends<'a>(incidents: impl Iterator<Item = &'a Incident>) -> Ends<'a> {
    let mut ends = Ends::new();
    for incident in incidents {
        if let Some(Ended { at, .. }) = incident.ended {
            let last = ends.entry((&incident.check, incident.class)).or_insert(at);
            *last = at.max(*last);
        }
    }
    ends
}

/// What is still wrong although an incident recovered, the gravest first.
///
/// What the same notice tells the end of is wrong no more.
pub(super) fn remains<'a>(incident: &'a Incident, notice: &Notice) -> Vec<&'a Finding> {
    let incidents = notice.incidents.iter().map(AsRef::as_ref);
    let of_check = incidents.filter(|other: &&Incident| other.check == incident.check);
    left(incident, &ends(of_check))
}

fn left<'a>(incident: &'a Incident, ends: &Ends<'_>) -> Vec<&'a Finding> {
    let Some(Ended {
        at,
        resolution: Resolution::Recovered,
    }) = incident.ended
    else {
        return Vec::new();
    };
    let goes_on = |finding: &&Finding| {
        let end = ends.get(&(&incident.check, finding.reason.class()));
        end.is_none_or(|end| *end < at)
    };
    let mut findings: Vec<&Finding> = incident.story.beside.iter().filter(goes_on).collect();
    findings.sort_by_key(|it| gravity(it));
    findings
}

/// By what findings are sorted, so that the gravest is the first.
fn gravity(finding: &Finding) -> (Reverse<Severity>, Class, Reason) {
    let Finding {
        severity, reason, ..
    } = finding;
    (Reverse(*severity), reason.class(), *reason)
}

/// The incidents after whose end something is still wrong with their checks, with the gravest of it.
pub(super) fn failing(notice: &Notice) -> Vec<(&Incident, &Finding)> {
    let incidents = || notice.incidents.iter().map(AsRef::as_ref);
    let ends = ends(incidents());
    let failing = incidents().filter_map(|incident| {
        let gravest = left(incident, &ends).first().copied();
        gravest.map(|finding| (incident, finding))
    });
    let mut failing: Vec<(&Incident, &Finding)> = failing.collect();
    failing.sort_by_key(|(_, finding)| gravity(finding));
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
    let incidents = || notice.incidents.iter().map(AsRef::as_ref);
    let ends = ends(incidents());
    let mut findings = incidents().flat_map(|incident| left(incident, &ends));
    notice.occasion == Occasion::Ended && findings.any(|it| it.reason.class() == Class::Bypass)
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
