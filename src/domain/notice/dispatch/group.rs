//! Groups: incidents of one route that share notices, and when these leave.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::decide::Pace;
use crate::domain::check::Name;
use crate::domain::finding::{Class, Reason};
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::Cause;
use crate::domain::routing::{Route, RouteMatch};

/// How long further bypasses, and recoveries of bypasses, are collected.
const BURST: Duration = Duration::from_secs(5);

/// A route that leads to a receiver, without its branches.
#[derive(Debug)]
pub(super) struct Lane {
    /// Where it stands in the tree.
    pub(super) path: String,
    /// What it says.
    pub(super) route: Route,
}

impl Lane {
    pub(super) fn new(found: &RouteMatch<'_>) -> Self {
        let route = Route {
            routes: Vec::new(),
            ..found.route.clone()
        };
        Self {
            path: found.path.clone(),
            route,
        }
    }

    /// The group of this route that an incident belongs to, before it is known to be one of several
    /// with a common cause.
    pub(super) fn group_of(&self, incident: &Incident) -> GroupKey {
        let path = self.path.clone();
        let value = |label: &String| incident.labels.get(label).cloned().unwrap_or_default();
        let kind = match incident.class {
            Class::Bypass => Kind::Bypass { path },
            Class::Lockout
            | Class::Outage
            | Class::Denial
            | Class::Challenge
            | Class::Response
            | Class::Internal => Kind::Labels {
                path,
                values: self.route.group_by.iter().map(value).collect(),
            },
        };
        GroupKey {
            receiver: self.route.receiver.clone(),
            kind,
        }
    }

    /// The group of incidents of this route with a common cause.
    pub(super) fn group_by_cause(&self, cause: Cause) -> GroupKey {
        GroupKey {
            receiver: self.route.receiver.clone(),
            kind: Kind::Cause {
                path: self.path.clone(),
                cause,
            },
        }
    }
}

/// What several incidents like this one would have in common.
pub(super) fn cause_of(incident: &Incident) -> Option<Cause> {
    let label = |name: &str| {
        let value = incident.labels.get(name);
        value.filter(|value| !value.is_empty()).cloned()
    };
    match incident.class {
        Class::Outage => label("host").map(Cause::Host),
        Class::Lockout if incident.reason == Reason::TokenUnavailable => {
            label("credential").map(Cause::TokenEndpoint)
        }
        Class::Lockout => label("credential").map(Cause::Credential),
        Class::Bypass | Class::Denial | Class::Challenge | Class::Response | Class::Internal => {
            None
        }
    }
}

/// Names a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupKey {
    pub(super) receiver: Name,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Equal values of the labels that the route groups by.
    Labels { path: String, values: Vec<String> },
    /// A common cause.
    Cause { path: String, cause: Cause },
    /// All bypasses of a route.
    Bypass { path: String },
    /// What was told on a route that is no more: nothing but its end is told.
    Unrouted,
}

impl GroupKey {
    /// The name under which tellings keep it.
    pub(super) fn text(&self) -> String {
        match &self.kind {
            Kind::Labels { path, values } => format!("{path}{values:?}"),
            Kind::Bypass { path } => format!("{path}!"),
            Kind::Unrouted => String::new(),
            Kind::Cause { path, cause } => match cause {
                Cause::Host(host) => format!("{path}#host={host}"),
                Cause::Credential(name) => format!("{path}#credential={name}"),
                Cause::TokenEndpoint(name) => format!("{path}#token={name}"),
            },
        }
    }

    pub(super) fn cause(&self) -> Option<&Cause> {
        match &self.kind {
            Kind::Cause { cause, .. } => Some(cause),
            Kind::Labels { .. } | Kind::Bypass { .. } | Kind::Unrouted => None,
        }
    }

    pub(super) fn is_unrouted(&self) -> bool {
        self.kind == Kind::Unrouted
    }

    pub(super) fn is_of_bypasses(&self) -> bool {
        matches!(self.kind, Kind::Bypass { .. })
    }
}

/// Incidents that share notices.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) members: BTreeSet<IncidentId>,
    /// Those of a common cause that are open and were told: while there are any, others join them.
    going_on: BTreeSet<IncidentId>,
    /// When its last notice left; among bypasses, the last that told of one.
    pub(super) spoke_at: Option<Timestamp>,
    /// Among bypasses: when the last notice left that told of recoveries.
    pub(super) recovered_at: Option<Timestamp>,
    next: Option<Timestamp>,
}

impl Group {
    /// When its notices may leave, if the first of its news is this old.
    pub(super) fn pace(&self, key: &GroupKey, lane: Option<&Lane>, news: Timestamp) -> Pace {
        let repeat_interval = lane.map(|lane| signed(lane.route.repeat_interval));
        let after =
            |at: Option<Timestamp>, wait: Duration| at.map_or(Timestamp::MIN, |at| later(at, wait));
        let Some(lane) = lane else {
            return Pace {
                opens_at: Timestamp::MIN,
                ends_at: Timestamp::MIN,
                repeats_at: Timestamp::MIN,
                repeat_interval,
            };
        };
        if key.is_of_bypasses() {
            return Pace {
                opens_at: after(self.spoke_at, BURST),
                ends_at: after(self.recovered_at, BURST),
                repeats_at: Timestamp::MIN,
                repeat_interval,
            };
        }
        let free_at = after(self.spoke_at, lane.route.group_interval);
        let news_at = free_at.max(later(news, lane.route.group_wait));
        Pace {
            opens_at: news_at,
            ends_at: news_at,
            repeats_at: free_at,
            repeat_interval,
        }
    }

    fn is_needed(&self, key: &GroupKey) -> bool {
        // The memory of a burst outlives its incidents; there are as many as there are routes.
        !self.members.is_empty() || key.is_of_bypasses()
    }
}

/// All groups, and the order in which they have something to decide.
#[derive(Debug, Default)]
pub(super) struct Groups {
    all: BTreeMap<GroupKey, Group>,
    agenda: BTreeSet<(Timestamp, GroupKey)>,
    /// Those with a member that waits for something else than the time of its group.
    pub(super) held: BTreeSet<GroupKey>,
}

impl Groups {
    pub(super) fn get(&self, key: &GroupKey) -> Option<&Group> {
        self.all.get(key)
    }

    /// Has a group decide at a moment, or earlier if it would have anyway.
    pub(super) fn wake(&mut self, key: &GroupKey, at: Timestamp) {
        let Some(group) = self.all.get_mut(key) else {
            return;
        };
        if group.next.is_some_and(|next| next <= at) {
            return;
        }
        if let Some(next) = group.next.replace(at) {
            self.agenda.remove(&(next, key.clone()));
        }
        self.agenda.insert((at, key.clone()));
    }

    pub(super) fn join(&mut self, key: &GroupKey, id: &IncidentId) {
        let group = self.all.entry(key.clone()).or_default();
        group.members.insert(id.clone());
    }

    /// Takes down whether a member is open and was told.
    pub(super) fn goes_on(&mut self, key: &GroupKey, id: &IncidentId, goes_on: bool) {
        if key.cause().is_none() {
            return;
        }
        if let Some(group) = self.all.get_mut(key) {
            if goes_on {
                group.going_on.insert(id.clone());
            } else {
                group.going_on.remove(id);
            }
        }
    }

    /// Whether a group of a common cause has a member that is open and was told.
    pub(super) fn is_going_on(&self, key: &GroupKey) -> bool {
        let group = self.all.get(key);
        group.is_some_and(|group| !group.going_on.is_empty())
    }

    pub(super) fn leave(&mut self, key: &GroupKey, id: &IncidentId) {
        let Some(group) = self.all.get_mut(key) else {
            return;
        };
        group.members.remove(id);
        group.going_on.remove(id);
        if group.is_needed(key) {
            return;
        }
        if let Some(next) = group.next {
            self.agenda.remove(&(next, key.clone()));
        }
        self.all.remove(key);
        self.held.remove(key);
    }

    /// Takes down that a group spoke, at the latest then.
    pub(super) fn spoke(&mut self, key: &GroupKey, at: Timestamp) {
        if let Some(group) = self.all.get_mut(key) {
            group.spoke_at = group.spoke_at.max(Some(at));
        }
    }

    /// Takes down that a group told of recoveries.
    pub(super) fn recovered(&mut self, key: &GroupKey, at: Timestamp) {
        if !key.is_of_bypasses() {
            self.spoke(key, at);
        } else if let Some(group) = self.all.get_mut(key) {
            group.recovered_at = group.recovered_at.max(Some(at));
        }
    }

    /// The next group that has something to decide by now.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<GroupKey> {
        let (at, _) = self.agenda.first()?;
        if *at > now {
            return None;
        }
        let (_, key) = self.agenda.pop_first()?;
        if let Some(group) = self.all.get_mut(&key) {
            group.next = None;
        }
        Some(key)
    }

    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// Has every group decide that waits for something else than its time.
    pub(super) fn wake_held(&mut self, now: Timestamp) {
        for key in std::mem::take(&mut self.held) {
            self.wake(&key, now);
        }
    }

    pub(super) fn wake_all(&mut self, now: Timestamp) {
        let keys: Vec<GroupKey> = self.all.keys().cloned().collect();
        for key in keys {
            self.wake(&key, now);
        }
    }
}

/// A moment and a while later, or the end of time.
pub(super) fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(signed(wait)).unwrap_or(Timestamp::MAX)
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// Lanes by their paths, made once for each policy.
pub(super) type Lanes = BTreeMap<String, Arc<Lane>>;
