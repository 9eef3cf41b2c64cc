//! Incidents: what, since when, how grave, and who knows of it.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::notices::{self, NoticeView};
use super::standing::Standing;
use super::text::{LINE, Moment, counted, shown};
use crate::domain::check::Name;
use crate::domain::explanation;
use crate::domain::incident::{Incident, Resolution};
use crate::domain::notice::Owed;
use crate::domain::status::Snapshot;

/// Open incidents that the overview lists.
const MOST_OPEN: usize = 50;

/// Incidents that the page of an endpoint lists: open ones, and those that ended.
const MOST_AT_ENDPOINT: usize = 30;

/// Notices that are listed for one incident.
const MOST_NOTICES: usize = 20;

/// Incidents, and how many there was no room for.
pub(super) struct Incidents {
    pub(super) listed: Vec<IncidentView>,
    /// `130 more incidents`.
    pub(super) more: Option<String>,
}

/// An incident as pages show it.
pub(super) struct IncidentView {
    pub(super) id: String,
    pub(super) endpoint: String,
    pub(super) check: String,
    pub(super) standing: Standing,
    pub(super) title: &'static str,
    pub(super) code: &'static str,
    pub(super) class: &'static str,
    pub(super) severity: &'static str,
    /// What was seen when it was opened.
    pub(super) saw: Option<String>,
    pub(super) since: Moment,
    /// When it ended, and how.
    pub(super) ended: Option<(Moment, &'static str)>,
    /// `reproduced 3/3`.
    pub(super) reproduced: Option<String>,
    pub(super) flapping: bool,
    /// Until when a silence keeps it from being told.
    pub(super) silenced: Option<Moment>,
    pub(super) notices: Vec<NoticeView>,
    /// `12 older notices`.
    pub(super) older: Option<String>,
}

impl Incidents {
    /// Every open one, the gravest first, among equals the newest; of its notices the last of each
    /// receiver.
    pub(super) fn open(snapshot: &Snapshot) -> Self {
        let open = chosen(snapshot, Incident::is_open);
        Self::of(snapshot, &open, MOST_OPEN, notices::last_of_each)
    }

    /// The open ones of an endpoint, in the same order, with all of their notices.
    pub(super) fn open_at(snapshot: &Snapshot, endpoint: &Name) -> Self {
        let open = chosen(snapshot, |it| {
            it.is_open() && it.check.endpoint == *endpoint
        });
        Self::of(snapshot, &open, MOST_AT_ENDPOINT, <[&Owed]>::to_vec)
    }

    /// Those of an endpoint that ended lately, the newest first, with all of their notices.
    pub(super) fn ended_at(snapshot: &Snapshot, endpoint: &Name) -> Self {
        let incidents = snapshot.incidents.iter().map(AsRef::as_ref);
        let ended = incidents.filter(|it| !it.is_open() && it.check.endpoint == *endpoint);
        let ended: Vec<&Incident> = ended.collect();
        Self::of(snapshot, &ended, MOST_AT_ENDPOINT, <[&Owed]>::to_vec)
    }

    fn of<'s>(
        snapshot: &'s Snapshot,
        incidents: &[&'s Incident],
        most: usize,
        worth_showing: fn(&[&'s Owed]) -> Vec<&'s Owed>,
    ) -> Self {
        let listed = incidents.get(..most).unwrap_or(incidents);
        let mut told = notices::by_incident(snapshot, listed);
        let views = listed.iter().map(|incident| {
            let told = told.remove(&incident.id).unwrap_or_default();
            IncidentView::of(snapshot, incident, &worth_showing(&told))
        });
        let more = incidents.len() - listed.len();
        Self {
            listed: views.collect(),
            more: (more > 0).then(|| counted(more, "more incident")),
        }
    }
}

/// Some of the incidents, the gravest first, among equals the newest.
fn chosen(snapshot: &Snapshot, is_chosen: impl Fn(&Incident) -> bool) -> Vec<&Incident> {
    let incidents = snapshot.incidents.iter().map(AsRef::as_ref);
    let mut chosen: Vec<&Incident> = incidents.filter(|it| is_chosen(it)).collect();
    chosen.sort_by_key(|it| (standing(it), Reverse(it.opened_at)));
    chosen
}

impl IncidentView {
    fn of(snapshot: &Snapshot, incident: &Incident, notices: &[&Owed]) -> Self {
        let now = snapshot.taken_at;
        let worst = incident.story.findings.first();
        let older = notices.len().saturating_sub(MOST_NOTICES);
        let listed = notices.iter().take(MOST_NOTICES);
        Self {
            id: incident.id.to_string(),
            endpoint: incident.check.endpoint.to_string(),
            check: incident.check.check.to_string(),
            standing: standing(incident),
            title: explanation::of_reason(incident.reason).title,
            code: incident.reason.as_str(),
            class: incident.class.as_str(),
            severity: incident.severity.as_str(),
            saw: worst.map(|worst| shown(&worst.saw, LINE)),
            since: Moment::of(incident.since, now),
            ended: incident.ended.map(|ended| {
                let how = how(ended.resolution);
                (Moment::of(ended.at, incident.since), how)
            }),
            reproduced: incident.reproduced.map(|it| it.to_string()),
            flapping: incident.flapping,
            silenced: silenced(snapshot, incident).map(|until| Moment::of(until, now)),
            notices: listed.map(|owed| NoticeView::of(owed, now)).collect(),
            older: (older > 0).then(|| counted(older, "older notice")),
        }
    }
}

/// An incident stands as its finding does.
fn standing(incident: &Incident) -> Standing {
    Standing::of_class(incident.class, incident.severity)
}

fn how(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Recovered => "recovered",
        Resolution::Removed => "removed from the configuration, not fixed",
    }
}

/// Until when a silence covers an open incident: the last to end counts.
fn silenced(snapshot: &Snapshot, incident: &Incident) -> Option<Timestamp> {
    let silences = snapshot.silences.iter().filter(|_| incident.is_open());
    let covering = silences.filter(|it| it.covers(&incident.labels, snapshot.taken_at));
    covering.map(|it| it.ends_at).max()
}
