//! Strands: one incident and one receiver, the way between them, and what was said on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::group::{GroupKey, Kind, Lane, cause_of, later};
use super::{Decision, Dispatch, Held, Matter, Owes, Pace, WhyNot, decide, owes};
use crate::domain::check::Name;
use crate::domain::finding::Class;
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::{Said, Telling};

/// How long after its end an incident is news to those who were not told because the program was
/// down. Later, it is rather the policy that has changed.
const NEWS: Duration = Duration::from_hours(1);
/// The same, of a bypass.
const NEWS_OF_BYPASS: Duration = Duration::from_hours(24);

/// An incident about which somebody may still have to be told.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) incident: Arc<Incident>,
    /// When it was heard of, and when of its end: moments that never go back, unlike those of the
    /// incident itself, which are what the clock showed.
    pub(super) opened_at: Timestamp,
    ended_at: Option<Timestamp>,
    pub(super) reprobing_until: Option<Timestamp>,
    pub(super) strands: BTreeMap<Name, Strand>,
}

impl Watched {
    /// One that has opened.
    pub(super) fn new(incident: &Arc<Incident>, now: Timestamp) -> Self {
        Self {
            incident: Arc::clone(incident),
            opened_at: now,
            ended_at: None,
            reprobing_until: None,
            strands: BTreeMap::new(),
        }
    }

    /// One of the last run, whose clock may have been fast.
    fn restored(incident: &Arc<Incident>, now: Timestamp) -> Self {
        Self {
            opened_at: incident.opened_at.min(now),
            ended_at: incident.ended.map(|ended| ended.at.min(now)),
            ..Self::new(incident, now)
        }
    }

    /// Takes the newest state in, and gives the one before.
    fn replace(&mut self, incident: &Arc<Incident>, now: Timestamp) -> Arc<Incident> {
        let ended_at = self.ended_at.unwrap_or(now);
        self.ended_at = incident.ended.map(|_| ended_at);
        std::mem::replace(&mut self.incident, Arc::clone(incident))
    }
}

/// The way from an incident to a receiver.
#[derive(Debug)]
pub(super) struct Strand {
    /// The route; `None` where none leads there any more.
    pub(super) lane: Option<Arc<Lane>>,
    pub(super) group: GroupKey,
    pub(super) telling: Option<Telling>,
}

impl Strand {
    pub(super) fn said(&self) -> Option<Said> {
        self.telling.as_ref().map(|telling| telling.said)
    }

    fn is_settled(&self) -> bool {
        self.said() == Some(Said::Ended)
    }

    fn told(&self) -> Option<(Said, Timestamp)> {
        let telling = self.telling.as_ref();
        telling.map(|telling| (telling.said, telling.at))
    }
}

impl Dispatch {
    /// Takes what the last run left.
    pub(super) fn restore(
        &mut self,
        mut incidents: Vec<Arc<Incident>>,
        tellings: Vec<Telling>,
        now: Timestamp,
    ) {
        let mut told: BTreeMap<IncidentId, BTreeMap<Name, Telling>> = BTreeMap::new();
        for telling in tellings {
            let of_incident = told.entry(telling.incident.clone()).or_default();
            of_incident.insert(telling.receiver.clone(), telling);
        }
        incidents.sort_by_key(|incident| incident.opened_at);
        for incident in &incidents {
            let told = told.remove(&incident.id).unwrap_or_default();
            self.watch(Watched::restored(incident, now), told, now);
        }
        for incident in &incidents {
            self.fold_flapping(incident, now);
            self.wake_strands(&incident.id, now);
            self.let_go_if_settled(&incident.id);
        }
    }

    /// Begins to watch an incident of which this much was told.
    pub(super) fn watch(
        &mut self,
        watched: Watched,
        tellings: BTreeMap<Name, Telling>,
        now: Timestamp,
    ) {
        let incident = Arc::clone(&watched.incident);
        let incident = incident.as_ref();
        self.incidents.insert(incident.id.clone(), watched);
        let of_check = self.by_check.entry(incident.check.clone()).or_default();
        of_check.insert(incident.id.clone());
        let lanes = if is_news(incident, now) {
            self.lanes_of(incident)
        } else {
            Vec::new()
        };
        let mut tellings = tellings;
        for lane in lanes {
            let telling = tellings.remove(&lane.route.receiver);
            self.attach(incident, Some(lane), telling);
        }
        for telling in tellings.into_values() {
            let lane = self.lanes_of(incident);
            let lane = lane
                .into_iter()
                .find(|lane| lane.route.receiver == telling.receiver);
            self.attach(incident, lane, Some(telling));
        }
    }

    /// Makes a strand.
    fn attach(&mut self, incident: &Incident, lane: Option<Arc<Lane>>, telling: Option<Telling>) {
        let receiver = match (&lane, &telling) {
            (Some(lane), _) => lane.route.receiver.clone(),
            (None, Some(telling)) => telling.receiver.clone(),
            (None, None) => return,
        };
        let group = self.group_for(incident, &receiver, lane.as_deref(), telling.as_ref());
        let strand = Strand {
            lane,
            group,
            telling,
        };
        if !strand.is_settled() {
            self.groups.join(&strand.group, &incident.id);
            if let Some(telling) = &strand.telling {
                self.groups.spoke(&strand.group, telling.at);
                self.groups
                    .goes_on(&strand.group, &incident.id, incident.is_open());
            }
        }
        if let Some(watched) = self.incidents.get_mut(&incident.id) {
            self.unsaid.note(watched, &strand);
            watched.strands.insert(receiver, strand);
        }
    }

    /// The group of a strand: that of a common cause where it was told in one, or where one goes on.
    fn group_for(
        &self,
        incident: &Incident,
        receiver: &Name,
        lane: Option<&Lane>,
        telling: Option<&Telling>,
    ) -> GroupKey {
        let Some(lane) = lane else {
            return GroupKey {
                receiver: receiver.clone(),
                kind: Kind::Unrouted,
            };
        };
        let common = cause_of(incident).map(|cause| lane.group_by_cause(cause));
        let is_common = |key: &GroupKey| match telling {
            Some(telling) => telling.group == key.text(),
            None => self.groups.is_going_on(key),
        };
        common
            .filter(is_common)
            .unwrap_or_else(|| lane.group_of(incident))
    }

    /// Puts the newest state of an incident in the place of what was known, and gives that.
    pub(super) fn replace(
        &mut self,
        incident: &Arc<Incident>,
        now: Timestamp,
    ) -> Option<Arc<Incident>> {
        let watched = self.incidents.get_mut(&incident.id)?;
        for strand in watched.strands.values() {
            self.unsaid.forget(watched, strand);
        }
        let before = watched.replace(incident, now);
        for strand in watched.strands.values() {
            self.unsaid.note(watched, strand);
            let goes_on = incident.is_open() && !matches!(strand.said(), None | Some(Said::Ended));
            self.groups.goes_on(&strand.group, &incident.id, goes_on);
        }
        Some(before)
    }

    /// Lays the strands of an incident anew, after the routes have changed.
    pub(super) fn reroute(&mut self, id: &IncidentId) {
        let Some(watched) = self.incidents.get_mut(id) else {
            return;
        };
        let incident = Arc::clone(&watched.incident);
        let strands = std::mem::take(&mut watched.strands);
        let mut lanes: BTreeMap<Name, Arc<Lane>> = BTreeMap::new();
        for lane in self.lanes_of(&incident) {
            lanes.insert(lane.route.receiver.clone(), lane);
        }
        for (receiver, strand) in strands {
            self.groups.leave(&strand.group, id);
            if let Some(watched) = self.incidents.get(id) {
                self.unsaid.forget(watched, &strand);
            }
            let lane = lanes.remove(&receiver);
            // Over before it was told, and still owed: the old way is as good as any.
            let lane = lane.or_else(|| strand.lane.filter(|_| !incident.is_open()));
            self.attach(&incident, lane, strand.telling);
        }
        if incident.is_open() {
            for lane in lanes.into_values() {
                self.attach(&incident, Some(lane), None);
            }
        }
    }

    /// The ways of an incident, one for each receiver: the first one.
    fn lanes_of(&mut self, incident: &Incident) -> Vec<Arc<Lane>> {
        let mut receivers = BTreeSet::new();
        let mut lanes = Vec::new();
        for found in self.policy.routes_of(&incident.labels) {
            if receivers.insert(found.route.receiver.clone()) {
                let lane = self.lanes.entry(found.path.clone());
                lanes.push(Arc::clone(
                    lane.or_insert_with(|| Arc::new(Lane::new(&found))),
                ));
            }
        }
        lanes
    }

    /// Has the groups of an incident decide when it gives them something to.
    pub(super) fn wake_strands(&mut self, id: &IncidentId, now: Timestamp) {
        let Some(watched) = self.incidents.get(id) else {
            return;
        };
        let mut wakes = Vec::new();
        for strand in watched.strands.values() {
            let Some(group) = self.groups.get(&strand.group) else {
                continue;
            };
            let news = self.news_since(watched, strand);
            let pace = group.pace(&strand.group, strand.lane.as_deref(), news);
            let decision = self.judge(watched, strand, &pace, now);
            wakes.push((strand.group.clone(), decision));
        }
        for (key, decision) in wakes {
            self.wake_for(&key, decision, now);
        }
    }

    /// Has a group decide when a decision on one of its members can change.
    pub(super) fn wake_for(&mut self, key: &GroupKey, decision: Decision, now: Timestamp) {
        let at = match decision {
            Decision::Speak(_) => Some(now),
            Decision::Hold(why) => {
                if matches!(why, WhyNot::Held(_)) {
                    self.groups.held.insert(key.clone());
                }
                why.until()
            }
        };
        if let Some(at) = at {
            self.groups.wake(key, at);
        }
    }

    /// Decides on one strand.
    pub(super) fn judge(
        &self,
        watched: &Watched,
        strand: &Strand,
        pace: &Pace,
        now: Timestamp,
    ) -> Decision {
        let matter = Matter {
            incident: &watched.incident,
            told: strand.told(),
            held: self.held(&watched.incident, strand, now),
            reprobing_until: watched.reprobing_until,
        };
        decide(&matter, pace, now)
    }

    /// What keeps the receiver from being told what it should know.
    pub(super) fn held(
        &self,
        incident: &Incident,
        strand: &Strand,
        now: Timestamp,
    ) -> Option<Held> {
        let owes = owes(incident, strand.said());
        let applies = |held: &Held| held.concerns(incident, owes);
        let isolated = self.cutoff.is_on().then_some(Held::Isolated);
        let silenced = || self.silenced(&incident.labels, now).map(Held::Silenced);
        let muted = || {
            let lane = strand.lane.as_ref()?;
            self.muted(&lane.route, now).map(Held::Muted)
        };
        isolated
            .filter(applies)
            .or_else(|| silenced().filter(applies))
            .or_else(|| {
                let may_be_muted = incident.class != Class::Bypass;
                may_be_muted.then(muted).flatten().filter(applies)
            })
    }

    /// Since when there is something to be told.
    pub(super) fn news_since(&self, watched: &Watched, strand: &Strand) -> Timestamp {
        let opened = || {
            let back_at = self.cutoff.over_at();
            let was_held = watched.incident.class == Class::Outage;
            watched
                .opened_at
                .max(back_at.filter(|_| was_held).unwrap_or(Timestamp::MIN))
        };
        match (&strand.telling, watched.ended_at) {
            (None, _) => opened(),
            (Some(_), Some(ended_at)) => ended_at,
            (Some(telling), None) => telling.at,
        }
    }

    /// Settles those strands of an incident that was held back until it was over.
    pub(super) fn withhold_untold(&mut self, id: &IncidentId, now: Timestamp) {
        let Some(watched) = self.incidents.get(id) else {
            return;
        };
        let incident = &watched.incident;
        let withheld = watched.strands.iter().filter(|(_, strand)| {
            strand.telling.is_none() && self.held(incident, strand, now).is_some()
        });
        let receivers: Vec<Name> = withheld.map(|(name, _)| name.clone()).collect();
        for receiver in receivers {
            self.settle_silently(id, &receiver, now);
        }
    }

    /// Takes down that nothing more is said of an incident to a receiver, without saying so.
    pub(super) fn settle_silently(&mut self, id: &IncidentId, receiver: &Name, now: Timestamp) {
        let strand = self.incidents.get(id);
        let Some(strand) = strand.and_then(|watched| watched.strands.get(receiver)) else {
            return;
        };
        let telling = match &strand.telling {
            Some(telling) => Telling {
                said: Said::Ended,
                at: now,
                ..telling.clone()
            },
            None => Telling {
                incident: id.clone(),
                receiver: receiver.clone(),
                said: Said::Ended,
                at: now,
                group: strand.group.text(),
                mails: Vec::new(),
                thread: Vec::new(),
            },
        };
        self.note(telling, now);
    }

    /// Takes down what was said.
    pub(super) fn note(&mut self, telling: Telling, now: Timestamp) {
        let (id, receiver) = (telling.incident.clone(), telling.receiver.clone());
        let Some(watched) = self.incidents.get_mut(&id) else {
            return;
        };
        if let Some(strand) = watched.strands.get(&receiver) {
            self.unsaid.forget(watched, strand);
        }
        let Some(strand) = watched.strands.get_mut(&receiver) else {
            return;
        };
        if telling.said == Said::Ended {
            self.groups.leave(&strand.group, &id);
        } else {
            let is_open = watched.incident.is_open();
            self.groups.goes_on(&strand.group, &id, is_open);
        }
        strand.telling = Some(telling.clone());
        self.tellings.insert((id, receiver), telling);
        self.changed_at.get_or_insert(now);
    }

    /// Forgets an incident of which nothing more is to be told.
    pub(super) fn let_go_if_settled(&mut self, id: &IncidentId) {
        let Some(watched) = self.incidents.get(id) else {
            return;
        };
        if watched.incident.is_open() || !watched.strands.values().all(Strand::is_settled) {
            return;
        }
        let check = watched.incident.check.clone();
        self.incidents.remove(id);
        if let Some(of_check) = self.by_check.get_mut(&check) {
            of_check.remove(id);
            if of_check.is_empty() {
                self.by_check.remove(&check);
            }
        }
    }

    /// Makes one story of the incidents of a check that flaps: what a receiver was told of an older
    /// one, it was told of the newest.
    pub(super) fn fold_flapping(&mut self, incident: &Incident, now: Timestamp) {
        if !incident.flapping || incident.class == Class::Bypass {
            return;
        }
        let of_check = self.by_check.get(&incident.check);
        let watched = of_check.into_iter().flatten();
        let watched = watched.filter_map(|id| self.incidents.get(id));
        let mut flapping: Vec<&Watched> = watched
            .filter(|it| it.incident.flapping && it.incident.class == incident.class)
            .collect();
        // The one that is open is the newest, whatever the clock showed.
        flapping.sort_by_key(|it| (it.incident.is_open(), it.opened_at));
        let flapping: Vec<Arc<Incident>> = flapping
            .into_iter()
            .map(|it| Arc::clone(&it.incident))
            .collect();
        for pair in flapping.windows(2) {
            if let [older, newer] = pair {
                self.hand_over(older, newer, now);
                self.let_go_if_settled(&older.id);
            }
        }
    }

    fn hand_over(&mut self, older: &Incident, newer: &Incident, now: Timestamp) {
        let Some(watched) = self.incidents.get(&older.id) else {
            return;
        };
        let strands = watched.strands.iter();
        let strands = strands.filter(|(_, strand)| !strand.is_settled());
        let handed: Vec<(Name, Option<Telling>)> = strands
            .map(|(receiver, strand)| (receiver.clone(), strand.telling.clone()))
            .collect();
        for (receiver, telling) in handed {
            self.settle_silently(&older.id, &receiver, now);
            let Some(telling) = telling else { continue };
            let heir = self.incidents.get(&newer.id);
            let heir = heir.and_then(|watched| watched.strands.get(&receiver));
            let telling = Telling {
                incident: newer.id.clone(),
                ..telling
            };
            match heir {
                Some(strand) if strand.telling.is_some() => {}
                Some(_) => self.note(telling, now),
                None => {
                    self.attach(newer, None, Some(telling.clone()));
                    self.note(telling, now);
                }
            }
        }
        self.wake_strands(&newer.id, now);
    }
}

/// Whether those who do not know of an incident are to be told.
fn is_news(incident: &Incident, now: Timestamp) -> bool {
    let lasts = match incident.class {
        Class::Bypass => NEWS_OF_BYPASS,
        Class::Lockout
        | Class::Outage
        | Class::Denial
        | Class::Challenge
        | Class::Response
        | Class::Internal => NEWS,
    };
    incident
        .ended
        .is_none_or(|ended| now <= later(ended.at, lasts))
}

/// Whether something is to be told that a receiver does not know.
pub(super) fn is_news_to(incident: &Incident, strand: &Strand) -> bool {
    match owes(incident, strand.said()) {
        Owes::Opened | Owes::Flapping | Owes::Ended => true,
        Owes::Repeat | Owes::Quiet | Owes::Nothing => false,
    }
}
