//! What was told, to whom, and whether it arrived.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::monitor::OwnTrouble;
use super::standing::Standing;
use super::text::{LINE, Moment, counted, grouped, shown};
use crate::document::shown_address;
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::{Delivery, DeliveryState, Owed, Way};
use crate::domain::status::Snapshot;

/// Notices that wait longer than this are a trouble of the monitor's own.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// Ways of one notice that are listed.
const MOST_WAYS: usize = 8;

/// Refused notices that are listed.
pub(super) const MOST_REFUSED: usize = 20;

/// Receivers with waiting notices that are named.
const MOST_STUCK: usize = 10;

/// A notice and what became of it.
pub(super) struct NoticeView {
    pub(super) receiver: String,
    /// Why it was told: `opened`, `ended`.
    pub(super) occasion: &'static str,
    pub(super) at: Moment,
    pub(super) deliveries: Vec<DeliveryView>,
    /// `3 more ways`.
    pub(super) more: Option<String>,
}

/// What became of a notice on one way.
pub(super) struct DeliveryView {
    /// `email to oncall@example.com`.
    pub(super) way: String,
    /// The tone of the word.
    pub(super) standing: Standing,
    /// `delivered`, `waits` or `refused`.
    pub(super) word: &'static str,
    /// When it was last tried.
    pub(super) tried: Option<Moment>,
    /// `tried 5 times`, where once was not enough.
    pub(super) attempts: Option<String>,
    /// What the other side said, where it did not take it.
    pub(super) said: Option<String>,
}

/// A notice that was refused for good on one way.
pub(super) struct DeadLetter {
    pub(super) receiver: String,
    pub(super) way: String,
    pub(super) occasion: &'static str,
    /// The check that it is about, and how many others: `orders/anonymous and 3 more`.
    pub(super) about: Option<String>,
    pub(super) at: Moment,
    pub(super) said: String,
}

/// The notices about each of these incidents, the newest first.
pub(super) fn by_incident<'s>(
    snapshot: &'s Snapshot,
    incidents: &[&'s Incident],
) -> BTreeMap<&'s IncidentId, Vec<&'s Owed>> {
    let ids = incidents.iter().map(|incident| &incident.id);
    let mut notices: BTreeMap<&IncidentId, Vec<&Owed>> = ids.map(|id| (id, Vec::new())).collect();
    for owed in &snapshot.notices {
        for incident in &owed.notice.incidents {
            if let Some(of_incident) = notices.get_mut(&incident.id) {
                of_incident.push(owed);
            }
        }
    }
    notices
}

/// The last notice of each receiver, from notices that stand the newest first.
pub(super) fn last_of_each<'o>(notices: &[&'o Owed]) -> Vec<&'o Owed> {
    let mut last: Vec<&Owed> = Vec::new();
    for owed in notices {
        let is_known = |other: &&Owed| other.notice.receiver == owed.notice.receiver;
        if !last.iter().any(is_known) {
            last.push(owed);
        }
    }
    last
}

/// What was refused for good, the newest first, as far as there is room; and how much it is in all.
pub(super) fn dead_letters(snapshot: &Snapshot) -> (Vec<DeadLetter>, usize) {
    let refused = || {
        snapshot.notices.iter().flat_map(|owed| {
            let deliveries = owed.deliveries.iter();
            let refused = deliveries.filter(|(_, it)| it.state == DeliveryState::Rejected);
            refused.map(move |(way, delivery)| (owed, way, delivery))
        })
    };
    let listed = refused().take(MOST_REFUSED);
    let letters =
        listed.map(|(owed, way, delivery)| DeadLetter::of(owed, way, delivery, snapshot.taken_at));
    (letters.collect(), refused().count())
}

/// Receivers whose notices have waited for too long, each in a sentence.
pub(super) fn stuck(snapshot: &Snapshot) -> Vec<OwnTrouble> {
    let now = snapshot.taken_at;
    let mut waiting: BTreeMap<&str, Vec<&Owed>> = BTreeMap::new();
    for owed in snapshot.notices.iter().filter(|owed| owed.is_pending()) {
        let receiver = owed.notice.receiver.as_str();
        waiting.entry(receiver).or_default().push(owed);
    }
    let stuck = waiting.into_iter().filter_map(|(receiver, waiting)| {
        let oldest = waiting.iter().min_by_key(|owed| owed.notice.created_at)?;
        let since = oldest.notice.created_at;
        (now.duration_since(since) > LONGEST_WAIT).then(|| OwnTrouble {
            title: "Notices do not get out",
            text: backlog(receiver, waiting.len(), oldest),
            since: Some(Moment::of(since, now)),
        })
    });
    stuck.take(MOST_STUCK).collect()
}

/// `3 notices wait for oncall; email to oncall@example.com: 451 try again later.`
fn backlog(receiver: &str, waiting: usize, oldest: &Owed) -> String {
    let waits = match waiting {
        1 => "1 notice waits".to_owned(),
        _ => format!("{} notices wait", grouped(waiting)),
    };
    let pending = |(_, delivery): &(&Way, &Delivery)| delivery.state == DeliveryState::Pending;
    let mut deliveries = oldest.deliveries.iter().filter(pending);
    let said = deliveries.find_map(|(way, delivery)| Some((way, delivery.said.as_ref()?)));
    match said {
        Some((way, said)) => format!(
            "{waits} for {receiver}; {}: {}.",
            shown_way(way),
            shown(said.trim_end_matches('.'), LINE)
        ),
        None => format!("{waits} for {receiver}."),
    }
}

impl NoticeView {
    pub(super) fn of(owed: &Owed, now: Timestamp) -> Self {
        let deliveries = owed.deliveries.iter().take(MOST_WAYS);
        let more = owed.deliveries.len().saturating_sub(MOST_WAYS);
        Self {
            receiver: owed.notice.receiver.to_string(),
            occasion: owed.notice.occasion.as_str(),
            at: Moment::of(owed.notice.created_at, now),
            deliveries: deliveries
                .map(|(way, delivery)| DeliveryView::of(way, delivery, now))
                .collect(),
            more: (more > 0).then(|| counted(more, "more way")),
        }
    }
}

impl DeliveryView {
    fn of(way: &Way, delivery: &Delivery, now: Timestamp) -> Self {
        let (standing, word) = match delivery.state {
            DeliveryState::Delivered => (Standing::Pass, "delivered"),
            DeliveryState::Pending => (Standing::Warning, "waits"),
            DeliveryState::Rejected => (Standing::Critical, "refused"),
        };
        let tries = usize::try_from(delivery.attempts).unwrap_or(usize::MAX);
        let said = delivery.said.as_deref();
        let said = said.filter(|_| delivery.state != DeliveryState::Delivered);
        Self {
            way: shown_way(way),
            standing,
            word,
            tried: delivery.tried_at.map(|at| Moment::of(at, now)),
            attempts: (tries > 1).then(|| format!("tried {}", counted(tries, "time"))),
            said: said.map(|said| shown(said, LINE)),
        }
    }
}

impl DeadLetter {
    fn of(owed: &Owed, way: &Way, delivery: &Delivery, now: Timestamp) -> Self {
        let at = delivery.tried_at.unwrap_or(owed.notice.created_at);
        Self {
            receiver: owed.notice.receiver.to_string(),
            way: shown_way(way),
            occasion: owed.notice.occasion.as_str(),
            about: about(owed),
            at: Moment::of(at, now),
            said: shown(delivery.said.as_deref().unwrap_or_default(), LINE),
        }
    }
}

fn about(owed: &Owed) -> Option<String> {
    let (first, others) = owed.notice.incidents.split_first()?;
    Some(match others.len() {
        0 => first.check.to_string(),
        more => format!("{} and {} more", first.check, grouped(more)),
    })
}

/// A way in words, without what may be secret of it.
fn shown_way(way: &Way) -> String {
    match shown_address(way) {
        Some(address) => format!("{} to {}", way.as_str(), shown(&address, LINE)),
        None => way.as_str().to_owned(),
    }
}
