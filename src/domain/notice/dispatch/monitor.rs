//! What is told that is about no incident: that this monitor is cut off, that bypasses are silenced,
//! and that it is alive. Also what keeps others from being told.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::group::later;
use super::letter::Past;
use super::{Dispatch, Draft};
use crate::domain::check::Name;
use crate::domain::finding::{Class, Severity};
use crate::domain::notice::{Heartbeat, Isolation, Memo, MessageId, Occasion};
use crate::domain::routing::{Regularly, Route};
use crate::domain::silence::Silence;

const MINUTE: i64 = 60;

type Labels = BTreeMap<String, String>;

/// Whether this monitor is cut off.
#[derive(Debug)]
pub(super) struct Cutoff {
    isolation: Option<Isolation>,
    over_at: Option<Timestamp>,
    next: Option<Timestamp>,
}

impl Cutoff {
    /// Goes on as it was, until somebody knows better.
    pub(super) fn restored(memo: &Memo, now: Timestamp) -> Self {
        Self {
            isolation: memo.isolation.as_ref().map(|(isolation, _)| *isolation),
            over_at: None,
            next: Some(now),
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.isolation.is_some()
    }

    pub(super) fn over_at(&self) -> Option<Timestamp> {
        self.over_at
    }

    pub(super) fn decide_at(&mut self, at: Timestamp) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        self.next
    }
}

/// A silence, and whether those it concerns need not be told any more that it began.
#[derive(Debug)]
pub(super) struct Announced {
    pub(super) silence: Arc<Silence>,
    is_said: bool,
}

impl Announced {
    /// One of the last run: a silence and the word that it began were committed together.
    pub(super) fn before(silence: Arc<Silence>) -> Self {
        Self {
            silence,
            is_said: true,
        }
    }

    /// A new one, or a new form of an old one.
    pub(super) fn after(silence: Arc<Silence>, before: Option<&Self>) -> Self {
        let was_said = before.is_some_and(|it| it.is_said && it.silence.can_cover_bypass());
        let is_said = was_said || !silence.can_cover_bypass();
        Self { silence, is_said }
    }
}

impl Dispatch {
    /// Takes whether this monitor seems cut off. To be called as soon as it is known after a start:
    /// until then, it is as cut off as it was when it stopped.
    ///
    /// Meanwhile nobody is told that an outage was opened; once it is over, outages that go on are
    /// given the time that a group waits.
    pub fn isolated(&mut self, isolation: Option<Isolation>, now: Timestamp) {
        let (was, is) = (self.cutoff.is_on(), isolation.is_some());
        if was == is {
            return;
        }
        self.cutoff.isolation = isolation;
        self.cutoff.over_at = was.then_some(now);
        self.cutoff.decide_at(now);
        if let Some(isolation) = isolation {
            let told = self.memo.memo.isolation.take();
            let told = told.map(|(_, told)| told).unwrap_or_default();
            self.memo.memo.isolation = Some((isolation, told));
            self.memo.has_changed = true;
        }
        self.groups.wake_held(now);
    }

    /// Until when a silence covers these labels, at least.
    pub(super) fn silenced(&self, labels: &Labels, now: Timestamp) -> Option<Timestamp> {
        let silences = self.silences.values().map(|announced| &announced.silence);
        let covering = silences.filter(|silence| silence.covers(labels, now));
        covering.map(|silence| silence.ends_at).max()
    }

    /// Until when a route is muted, at least.
    pub(super) fn muted(&self, route: &Route, now: Timestamp) -> Option<Timestamp> {
        let has_times =
            !route.mute_time_intervals.is_empty() || !route.active_time_intervals.is_empty();
        let muted = has_times && self.policy.is_muted(route, now);
        muted.then(|| next_minute(now))
    }

    /// Tells that this monitor is cut off, or no longer.
    pub(super) fn tell_of_isolation(&mut self, now: Timestamp, drafts: &mut Vec<Draft>) {
        if self.cutoff.next.is_none_or(|next| now < next) {
            return;
        }
        self.cutoff.next = None;
        let labels = labels_of(Class::Outage);
        let ways = self.ways_of(&labels);
        let silenced = self.silenced(&labels, now);
        let Some((isolation, told)) = self.memo.memo.isolation.take() else {
            return;
        };
        let (mut kept, mut waits) = (told.clone(), None);
        let is_on = self.cutoff.is_on();
        let audience: Vec<Name> = if is_on {
            let unaware = ways.keys().filter(|name| !told.contains_key(*name));
            unaware.cloned().collect()
        } else {
            told.keys().cloned().collect()
        };
        for receiver in audience {
            let muted = ways.get(&receiver).and_then(|route| self.muted(route, now));
            if let Some(until) = silenced.or(muted) {
                waits = Some(waits.map_or(until, |waits: Timestamp| waits.min(until)));
                continue;
            }
            let (occasion, first) = match kept.remove(&receiver) {
                None => (Occasion::Isolated(isolation), None),
                Some(mail) => (Occasion::Rejoined(isolation), Some(mail)),
            };
            let draft = self.draft(receiver.clone(), occasion, first, now);
            if is_on {
                kept.insert(receiver, draft.thread.message_id.clone());
            }
            drafts.push(draft);
        }
        self.memo.has_changed |= kept != told || (!is_on && kept.is_empty());
        self.memo.memo.isolation = (is_on || !kept.is_empty()).then_some((isolation, kept));
        self.cutoff.next = waits;
    }

    /// Tells that silences began which cover bypasses, and drops those that are over.
    pub(super) fn announce_silences(&mut self, now: Timestamp, drafts: &mut Vec<Draft>) {
        self.silences.retain(|_, it| now < it.silence.ends_at);
        let begun = self.silences.values_mut();
        let begun = begun.filter(|it| !it.is_said && it.silence.is_active(now));
        let begun: Vec<Arc<Silence>> = begun
            .map(|announced| {
                announced.is_said = true;
                Arc::clone(&announced.silence)
            })
            .collect();
        for silence in begun {
            let mut labels = silence.meant();
            labels.extend(labels_of(Class::Bypass));
            let receivers: Vec<Name> = self.ways_of(&labels).into_keys().collect();
            for receiver in receivers {
                let occasion = Occasion::Silenced(Arc::clone(&silence));
                drafts.push(self.draft(receiver, occasion, None, now));
            }
        }
    }

    pub(super) fn next_announcement(&self) -> Option<Timestamp> {
        let silences = self.silences.values();
        let unsaid = silences.filter(|announced| !announced.is_said);
        unsaid.map(|announced| announced.silence.starts_at).min()
    }

    /// Has the first heartbeat come a period after the first start.
    pub(super) fn start_heartbeat(&mut self, now: Timestamp) {
        let memo = &mut self.memo.memo;
        if self.policy.heartbeat.is_some() && memo.heartbeat_at.is_none() {
            memo.heartbeat_at = Some(now);
            self.memo.has_changed = true;
        }
    }

    pub(super) fn next_beat(&self) -> Option<Timestamp> {
        let Regularly { every, .. } = self.policy.heartbeat.as_ref()?;
        Some(later(self.memo.memo.heartbeat_at?, *every))
    }

    /// Tells that this monitor is alive. Several that were missed are one.
    pub(super) fn beat(&mut self, now: Timestamp, drafts: &mut Vec<Draft>) {
        let (Some(regularly), Some(since)) =
            (self.policy.heartbeat.clone(), self.memo.memo.heartbeat_at)
        else {
            return;
        };
        if self.next_beat().is_none_or(|next| now < next) {
            return;
        }
        // At the same time of the day for ever, whenever this one was due.
        let period = i128::try_from(regularly.every.as_nanos()).unwrap_or(i128::MAX);
        let late = now.duration_since(since).as_nanos() % period.max(1);
        let on_time = Timestamp::from_nanosecond(now.as_nanosecond() - late);
        self.memo.memo.heartbeat_at = Some(on_time.unwrap_or(now));
        self.memo.has_changed = true;
        let watched = self.incidents.values();
        let heartbeat = Heartbeat {
            since,
            checks: 0,
            probes: 0,
            open: watched.filter(|it| it.incident.is_open()).count(),
            failing: (0, 0),
        };
        let occasion = Occasion::Heartbeat(heartbeat);
        drafts.push(self.draft(regularly.receiver, occasion, None, now));
    }

    /// The first way to each receiver of something with these labels.
    fn ways_of(&self, labels: &Labels) -> BTreeMap<Name, Route> {
        let mut ways = BTreeMap::new();
        for found in self.policy.routes_of(labels) {
            let receiver = found.route.receiver.clone();
            ways.entry(receiver).or_insert_with(|| found.route.clone());
        }
        ways
    }

    fn draft(
        &mut self,
        receiver: Name,
        occasion: Occasion,
        first: Option<MessageId>,
        now: Timestamp,
    ) -> Draft {
        let past = Past {
            all: first.iter().cloned().collect(),
            first,
        };
        let (id, thread) = self.letter(&receiver, past, now);
        Draft {
            id,
            receiver,
            occasion,
            thread,
            incidents: Vec::new(),
        }
    }
}

fn labels_of(class: Class) -> Labels {
    let labels = [
        ("class", class.as_str()),
        ("severity", Severity::Critical.as_str()),
    ];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
    labels.into()
}

/// The next full minute: the grain of times of the day.
fn next_minute(now: Timestamp) -> Timestamp {
    let passed = now.as_second().rem_euclid(MINUTE);
    let next = now.as_second().saturating_add(MINUTE - passed);
    Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
}
