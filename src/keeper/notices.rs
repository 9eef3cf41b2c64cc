//! From incidents to notices that are owed, and what becomes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::errand::{Errand, ToldAlertmanagers};
use super::event::Moment;
use super::live::Live;
use super::outbox::Tried;
use super::told::Told;
use crate::domain::finding::Class;
use crate::domain::incident::Incident;
use crate::domain::notice::{Attempt, Decided, Draft, Heartbeat, Notice, Occasion, Way};

impl Live {
    /// When something is to be said next, if nothing happens before.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        // Before a configuration is there, nobody knows who is to be told.
        if !self.is_begun {
            return None;
        }
        let calm = self.cases.next_calm();
        [self.dispatch.wake_at(), calm].into_iter().flatten().min()
    }

    /// The open incidents that each Alertmanager was told of, by its address.
    pub(super) fn told_alertmanagers(&self) -> ToldAlertmanagers {
        let mut ways = self.policy.receivers.values().flatten();
        if !ways.any(|way| matches!(way, Way::Alertmanager(_))) {
            return Vec::new();
        }
        let mut told: BTreeMap<&str, Vec<Arc<Incident>>> = BTreeMap::new();
        for (receiver, incident) in self.dispatch.known() {
            let ways = self.policy.receivers.get(receiver).into_iter().flatten();
            for way in ways {
                if let Way::Alertmanager(url) = way {
                    told.entry(url).or_default().push(Arc::clone(incident));
                }
            }
        }
        let told = told.into_iter();
        told.map(|(url, incidents)| (url.to_owned(), incidents))
            .collect()
    }

    /// Looks for incidents that have become calm, and for notices that are due.
    pub(super) fn say_what_is_due(&mut self, now: Moment) -> Vec<Told> {
        let mut told = Vec::new();
        for id in self.cases.to_be_calm(now.steady) {
            let transitions = self.cases.book(&id).look(now.steady);
            self.cases.tidy(&id, now.steady);
            let Some(place) = self.place(&id) else {
                continue;
            };
            let turned = transitions.into_iter();
            told.extend(turned.filter_map(|it| self.turn(place, &id, it, now)));
        }
        let Decided {
            drafts,
            tellings,
            memo,
        } = self.dispatch.due(now.steady);
        for draft in drafts {
            told.push(self.owe(draft, now));
        }
        self.retell |= !tellings.is_empty();
        self.unsaved.tellings.extend(tellings);
        if memo.is_some() {
            self.unsaved.memo = memo;
        }
        told
    }

    fn owe(&mut self, draft: Draft, now: Moment) -> Told {
        let incidents = draft.incidents.into_iter();
        let incidents = incidents.map(|incident| self.brought_up_to_date(incident));
        let notice = Notice {
            incidents: incidents.collect(),
            id: draft.id,
            created_at: self.creation(now),
            occasion: match draft.occasion {
                Occasion::Heartbeat(_) => Occasion::Heartbeat(self.heartbeat(now)),
                other @ (Occasion::Opened { .. }
                | Occasion::Repeated { .. }
                | Occasion::Ended
                | Occasion::Flapping
                | Occasion::Isolated(_)
                | Occasion::Rejoined(_)
                | Occasion::Silenced(_)
                | Occasion::Test) => other,
            },
            thread: draft.thread,
            receiver: draft.receiver,
        };
        let ways = self.policy.receivers.get(&notice.receiver);
        let owed = self.outbox.owe(notice, ways.map_or(&[], Vec::as_slice));
        self.unsaved.notice(Arc::clone(&owed));
        self.errands.push(Errand::Tell(Arc::clone(&owed)));
        Told::Owed(owed)
    }

    /// When a notice was decided on. A later one is never earlier, even where the clock was set back:
    /// they are told in this order.
    fn creation(&mut self, now: Moment) -> Timestamp {
        let next = self
            .created_at
            .saturating_add(SignedDuration::from_micros(1));
        let next = next.unwrap_or(Timestamp::MAX);
        // One from the far future was made under a clock that was wrong by more than is worth this.
        let is_near = next.duration_since(now.wall) <= SignedDuration::from_hours(24);
        self.created_at = if is_near {
            next.max(now.wall)
        } else {
            now.wall
        };
        self.created_at
    }

    /// An incident that goes on is told as it is now, one that ended as it was.
    fn brought_up_to_date(&self, incident: Arc<Incident>) -> Arc<Incident> {
        let fresh = || {
            let place = self.place(&incident.check)?;
            let story = self.story(place, incident.class)?;
            let worst = story.findings.first()?;
            Some(Incident {
                reason: worst.reason,
                story: Arc::new(story),
                ..Incident::clone(&incident)
            })
        };
        if incident.is_open() && incident.class != Class::Bypass {
            fresh().map_or(incident, Arc::new)
        } else {
            incident
        }
    }

    fn heartbeat(&mut self, now: Moment) -> Heartbeat {
        let (before, probes_before) = self
            .heartbeat
            .replace((now.wall, self.probes))
            .unwrap_or((self.started_at, 0));
        let tally = self.snapshot(now.wall).tally();
        Heartbeat {
            since: before,
            checks: tally.pass + tally.fail + tally.unknown + tally.pending,
            probes: self.probes - probes_before,
            open: self.cases.count(),
            failing: (tally.fail, tally.unknown),
        }
    }

    /// Takes down what a try to tell a notice came to.
    pub(super) fn tried(&mut self, tried: Tried) -> Option<Told> {
        let told = tried.clone();
        let receiver = self.outbox.receiver(&tried.notice)?;
        let is_final = !matches!(tried.attempt, Attempt::Retried(_));
        let owed = self.outbox.note(tried)?;
        self.unsaved.notice(owed);
        self.unsaved.urgent |= is_final;
        Some(Told::Tried {
            tried: told,
            receiver,
        })
    }

    /// Everything that is still owed, for whoever tells it.
    pub(super) fn resume_errands(&mut self) {
        let pending = self.outbox.pending();
        self.errands
            .extend(pending.map(|owed| Errand::Tell(Arc::clone(owed))));
    }

    /// Waits for no re-probe any more: the program is about to end.
    pub(super) fn hurry(&mut self, now: Moment) {
        for incident in self.cases.open() {
            self.dispatch.reprobed(&incident.id, now.steady);
        }
    }
}
