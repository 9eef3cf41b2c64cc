//! The overview: what is wrong in full, what holds in short.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use askama::Template;
use jiff::Timestamp;

use super::Frame;
use super::expiry::{self, Expiry};
use super::incident::Incidents;
use super::notices::{self, DeadLetter, MOST_REFUSED};
use super::silence::{self, SilenceView};
use super::standing::{EndpointStanding, Standing};
use super::strip::Strip;
use super::text::{LINE, Moment, counted, grouped, shown};
use super::trouble::{Brief, Trouble};
use crate::domain::status::{EndpointStatus, Snapshot};

/// Endpoints that are shown in full; the next ones get a line each.
const MOST_IN_FULL: usize = 50;

/// Endpoints that are shown in a line; of the next ones only the number is told.
const MOST_IN_BRIEF: usize = 250;

/// Endpoints that hold or wait are listed up to this number.
const MOST_LISTED: usize = 200;

/// The label by which many endpoints are counted.
const TEAM: &str = "team";

/// Teams that are counted one by one.
const MOST_TEAMS: usize = 60;

#[derive(Template)]
#[template(path = "overview.html")]
pub(super) struct Overview {
    frame: Frame,
    incidents: Incidents,
    dead_letters: Vec<DeadLetter>,
    more_letters: Option<String>,
    silences: Vec<SilenceView>,
    more_silences: Option<String>,
    troubles: Vec<Trouble>,
    briefs: Vec<Brief>,
    /// `130 more endpoints`, for which there is no room.
    untold: Option<String>,
    expiries: Vec<Expiry>,
    later_expiries: Option<String>,
    waiting: Waiting,
    holding: Holding,
}

/// Endpoints without a verdict, or held back.
struct Waiting {
    listed: Vec<Waiter>,
    /// `130 more endpoints`.
    more: Option<String>,
}

struct Waiter {
    name: String,
    standing: Standing,
    held: Option<(Moment, String)>,
}

/// Endpoints that hold.
struct Holding {
    count: String,
    listed: Vec<Holder>,
    /// Where there are too many to list: how many by team.
    teams: Vec<(String, String)>,
}

struct Holder {
    name: String,
    strips: Vec<Strip>,
}

impl Overview {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let now = snapshot.taken_at;
        let ordered = ordered(snapshot);
        let group = |wanted: fn(Standing) -> bool| {
            let wanted = ordered.iter().filter(move |(of, _)| wanted(of.standing));
            wanted
                .map(|(_, status)| *status)
                .collect::<Vec<&EndpointStatus>>()
        };
        let troubled = group(Standing::is_trouble);
        let in_brief = troubled.iter().skip(MOST_IN_FULL).take(MOST_IN_BRIEF);
        let mut expiries = expiry::soon(snapshot);
        let later_expiries = more_of(expiries.len(), expiry::MOST);
        expiries.truncate(expiry::MOST);
        let (dead_letters, refused) = notices::dead_letters(snapshot);
        let mut silences = silence::silences(snapshot);
        let more_silences = more_of(silences.len(), silence::MOST);
        silences.truncate(silence::MOST);
        Self {
            frame: Frame::of(snapshot),
            incidents: Incidents::open(snapshot),
            dead_letters,
            more_letters: more_of(refused, MOST_REFUSED),
            silences,
            more_silences,
            troubles: troubled
                .iter()
                .take(MOST_IN_FULL)
                .map(|status| Trouble::of(status, now))
                .collect(),
            briefs: in_brief.map(|status| Brief::of(status, now)).collect(),
            untold: more(troubled.len(), MOST_IN_FULL + MOST_IN_BRIEF),
            expiries,
            later_expiries,
            waiting: Waiting::of(&group(is_waiting), now),
            holding: Holding::of(&group(|standing| standing == Standing::Pass)),
        }
    }
}

/// The worst first, among equals the newest trouble; what is well stays in the configured order.
fn ordered(snapshot: &Snapshot) -> Vec<(EndpointStanding, &EndpointStatus)> {
    let statuses = snapshot.endpoints.iter().map(AsRef::as_ref);
    let mut ordered: Vec<_> = statuses
        .map(|status| (EndpointStanding::of(status), status))
        .collect();
    ordered.sort_by_key(|(of, _)| {
        let newest = of.newest.filter(|_| of.standing.is_trouble());
        (of.standing, Reverse(newest))
    });
    ordered
}

fn is_waiting(standing: Standing) -> bool {
    matches!(standing, Standing::Pending | Standing::Held)
}

/// `130 more`, where there is room for fewer.
fn more_of(number: usize, most: usize) -> Option<String> {
    let more = number.saturating_sub(most);
    (more > 0).then(|| format!("{} more", grouped(more)))
}

fn more(number: usize, most: usize) -> Option<String> {
    let more = number.saturating_sub(most);
    (more > 0).then(|| counted(more, "more endpoint"))
}

impl Waiting {
    fn of(statuses: &[&EndpointStatus], now: Timestamp) -> Self {
        let listed = statuses.iter().take(MOST_LISTED);
        Self {
            listed: listed.map(|status| Waiter::of(status, now)).collect(),
            more: more(statuses.len(), MOST_LISTED),
        }
    }
}

impl Waiter {
    fn of(status: &EndpointStatus, now: Timestamp) -> Self {
        let mut holds = status.checks.iter().filter_map(|check| check.held.as_ref());
        Self {
            name: status.endpoint.name.to_string(),
            standing: EndpointStanding::of(status).standing,
            held: holds
                .next()
                .map(|hold| (Moment::of(hold.until, now), shown(&hold.why, LINE))),
        }
    }
}

impl Holding {
    fn of(statuses: &[&EndpointStatus]) -> Self {
        let is_listed = statuses.len() <= MOST_LISTED;
        let listed = statuses.iter().filter(|_| is_listed);
        Self {
            count: grouped(statuses.len()),
            listed: listed.map(|status| Holder::of(status)).collect(),
            teams: if is_listed {
                Vec::new()
            } else {
                teams(statuses)
            },
        }
    }
}

impl Holder {
    fn of(status: &EndpointStatus) -> Self {
        let strips = status
            .pairs()
            .map(|(check, of)| Strip::of(check.name.as_str(), &of.history));
        Self {
            name: status.endpoint.name.to_string(),
            strips: strips.collect(),
        }
    }
}

/// How many endpoints each team has, the largest first; none where nobody set the label.
fn teams(statuses: &[&EndpointStatus]) -> Vec<(String, String)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for status in statuses {
        let team = status.endpoint.labels.get(TEAM).map_or("", String::as_str);
        *counts.entry(team).or_default() += 1;
    }
    if counts.keys().all(|team| team.is_empty()) {
        return Vec::new();
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let rest: usize = counts.iter().skip(MOST_TEAMS).map(|(_, count)| count).sum();
    counts.truncate(MOST_TEAMS);
    let named = counts.into_iter().map(|(team, count)| {
        let team = if team.is_empty() { "no team" } else { team };
        (shown(team, 80), grouped(count))
    });
    let rest = (rest > 0).then(|| ("other teams".to_owned(), grouped(rest)));
    named.chain(rest).collect()
}
