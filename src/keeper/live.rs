//! The live state itself: events in, what is to be stored and told out. No waiting, no clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::event::{Event, Moment, Observed};
use super::told::Told;
use super::unsaved::Unsaved;
use super::watch::Watch;
use super::{isolation, staleness};
use crate::domain::check::{CheckId, Name, Persona};
use crate::domain::endpoint::{Endpoint, Origin};
use crate::domain::finding::Finding;
use crate::domain::judge::{self, Circumstances, Judgement, Question};
use crate::domain::observation::{Observation, Tls};
use crate::domain::status::{
    Change, CheckStatus, CredentialStatus, EndpointStatus, Hold, Monitor, Reload, Seen, Snapshot,
    Trouble,
};
use crate::store::{Batch, Saved, SavedCheck};

/// Everything that is known at present.
#[derive(Debug)]
pub(super) struct Live {
    started_at: Timestamp,
    pub(super) endpoints: Vec<Arc<EndpointStatus>>,
    /// What only the keeper needs to know of each endpoint, in the same order.
    pub(super) watches: Vec<Watch>,
    pub(super) index: HashMap<Name, usize>,
    pub(super) credentials: BTreeMap<Name, CredentialStatus>,
    /// What a former run left, until its checks are adopted.
    pub(super) saved: Saved,
    pub(super) monitor: Monitor,
    pub(super) unsaved: Unsaved,
    /// The cadence of probes that must be refused, where an origin has too many for their own.
    pub(super) stretched: BTreeMap<Origin, Duration>,
}

/// Where a check is among the endpoints and their checks.
#[derive(Clone, Copy, Debug)]
struct Place {
    endpoint: usize,
    check: usize,
}

impl Live {
    /// The state that was saved, before any configuration is adopted.
    pub(super) fn new(saved: Saved, now: Timestamp) -> Self {
        let reload = Reload {
            succeeded_at: now,
            failure: None,
        };
        Self {
            started_at: now,
            endpoints: Vec::new(),
            watches: Vec::new(),
            index: HashMap::new(),
            credentials: BTreeMap::new(),
            saved,
            monitor: Monitor {
                reload,
                ..Monitor::default()
            },
            unsaved: Unsaved::default(),
            stretched: BTreeMap::new(),
        }
    }

    /// Takes an event in; what it changes is told.
    pub(super) fn apply(&mut self, event: Event, now: Moment) -> Vec<Told> {
        match event {
            Event::Observed(observed) => self.observed(*observed, now).unwrap_or_default(),
            Event::Held { id, hold } => {
                self.held(&id, hold);
                Vec::new()
            }
            Event::Adopted(endpoints) => {
                self.adopt(endpoints, now);
                Vec::new()
            }
            Event::Paced(pace) => {
                for (id, hold) in pace.held {
                    self.held(&id, hold);
                }
                self.stretch(pace.stretched);
                Vec::new()
            }
            Event::Refused { faults } => {
                self.monitor.reload.failure = Some(faults);
                Vec::new()
            }
            Event::Asked(reply) => {
                // Whoever asked may have gone.
                let _seen = reply.send(Arc::new(self.snapshot(now.wall))).is_ok();
                Vec::new()
            }
            // Dropped, which answers as well.
            Event::Ended(_) => Vec::new(),
        }
    }

    /// Everything that is known, at little cost: what does not change is shared.
    pub(super) fn snapshot(&self, taken_at: Timestamp) -> Snapshot {
        Snapshot {
            taken_at,
            started_at: self.started_at,
            endpoints: self.endpoints.clone(),
            credentials: self.credentials.values().cloned().collect(),
            monitor: self.monitor.clone(),
        }
    }

    /// What is wrong with the state file, or that nothing is any more.
    pub(super) fn note_store(&mut self, trouble: Option<Trouble>) -> Option<Told> {
        let is_news = self.monitor.store != trouble;
        self.monitor.store.clone_from(&trouble);
        is_news.then_some(Told::Store(trouble))
    }

    /// Looks for verdicts that have become too old, and for signs that this monitor is cut off.
    pub(super) fn look_round(&mut self, now: Moment) -> Vec<Told> {
        let mut told = Vec::new();
        for place in self.stale_places(now) {
            told.extend(self.stale(place, now));
        }
        let isolated = isolation::is_isolated(&self.endpoints, now.wall);
        if isolated != self.monitor.isolated {
            self.monitor.isolated = isolated;
            told.push(Told::Isolated(isolated));
        }
        told
    }

    /// Every check, in order.
    pub(super) fn ids(&self) -> impl Iterator<Item = CheckId> {
        self.endpoints.iter().flat_map(|status| {
            let checks = status.endpoint.checks.iter();
            checks.map(|check| CheckId {
                endpoint: status.endpoint.name.clone(),
                check: check.name.clone(),
            })
        })
    }

    /// What the store is owed; it counts as stored from here on.
    pub(super) fn batch(&mut self) -> Option<Batch> {
        if self.unsaved.is_empty() {
            return None;
        }
        let unsaved = std::mem::take(&mut self.unsaved);
        let checks = unsaved.checks.iter().filter_map(|id| self.saved_check(id));
        Some(Batch {
            checks: checks.collect(),
            changes: unsaved.changes,
            seen: unsaved.seen.into_iter().collect(),
            credentials: unsaved.credentials.into_iter().collect(),
            removed: unsaved.removed,
        })
    }

    fn saved_check(&self, id: &CheckId) -> Option<SavedCheck> {
        let place = self.place(id)?;
        let status = self
            .endpoints
            .get(place.endpoint)?
            .checks
            .get(place.check)?;
        let holder = self.persona(place)?.is_holder();
        Some(SavedCheck {
            id: id.clone(),
            last: status.last.clone(),
            good: status.good.clone(),
            held: status.held.clone(),
            history: status.history.clone(),
            holder_body: self
                .watches
                .get(place.endpoint)?
                .holder_body
                .filter(|_| holder),
        })
    }

    fn stale_places(&self, now: Moment) -> Vec<Place> {
        let watches = self.watches.iter().enumerate();
        let places = watches.flat_map(|(endpoint, watch)| {
            let stale = (0..watch.checks.len()).filter(|at| watch.is_stale(*at, now.monotonic));
            stale.map(move |check| Place { endpoint, check })
        });
        places.collect()
    }

    fn place(&self, id: &CheckId) -> Option<Place> {
        let endpoint = *self.index.get(&id.endpoint)?;
        let checks = &self.endpoints.get(endpoint)?.endpoint.checks;
        let check = checks.iter().position(|check| check.name == id.check)?;
        Some(Place { endpoint, check })
    }

    fn observed(&mut self, observed: Observed, now: Moment) -> Option<Vec<Told>> {
        // A probe that outlived its check has nothing to say.
        let place = self.place(&observed.id)?;
        let endpoint = Arc::clone(&self.endpoints.get(place.endpoint)?.endpoint);
        let judgement = self.judge(place, &endpoint, &observed);
        let watch = self.watches.get_mut(place.endpoint)?;
        watch.note(&endpoint, place.check, &observed.outcome);
        watch.freshen(place.check, now.monotonic);
        self.note_credential(&endpoint, place, &observed);
        self.note_certificate(place, &judgement, &observed);
        let took = observed.outcome.as_ref().ok().map(|seen| seen.duration);
        let seen = Seen {
            at: observed.at,
            since: observed.at,
            judgement: judgement.redacted(&observed.redactor),
            observation: observed.outcome.ok().map(Observation::evidence),
        };
        let status = self.status_mut(place)?;
        status.held = None;
        if took.is_some() {
            status.probed_at = Some(seen.at);
        }
        status.counts.count(&seen.judgement);
        let persona = endpoint.checks.get(place.check)?.persona.clone();
        let probed = took.map(|took| Told::Probed {
            id: observed.id,
            persona,
            verdict: seen.judgement.verdict(),
            finding: seen.judgement.worst().map(|worst| worst.reason),
            took,
        });
        let told = [probed, self.come_to(place, seen)];
        Some(told.into_iter().flatten().collect())
    }

    fn judge(&self, place: Place, endpoint: &Endpoint, observed: &Observed) -> Judgement {
        let (Some(check), Some(watch)) = (
            endpoint.checks.get(place.check),
            self.watches.get(place.endpoint),
        ) else {
            return Judgement::default();
        };
        let observation = match &observed.outcome {
            Ok(observation) => observation,
            Err(unpresentable) => return judge::judge_unsent(endpoint, unpresentable),
        };
        let circumstances = Circumstances {
            credential_expires_at: observed.expires_at,
            now: observed.at,
            ..watch.circumstances()
        };
        let question = Question {
            endpoint,
            check,
            circumstances,
        };
        judge::judge(&question, observation)
    }

    /// Puts what a check came to in the place of what it came to before.
    fn come_to(&mut self, place: Place, mut seen: Seen) -> Option<Told> {
        let id = self.id(place)?;
        let status = self.status_mut(place)?;
        let before = status.last.take();
        let changed = before.as_ref().map(Seen::outcome) != Some(seen.outcome());
        if let (false, Some(before)) = (changed, &before) {
            seen.since = before.since;
        }
        let was_good = before.as_ref().filter(|it| it.judgement.worst().is_none());
        let good = status
            .good
            .take()
            .or_else(|| was_good.cloned().map(Arc::new));
        status.good = good.filter(|_| seen.judgement.worst().is_some());
        status.history.push(seen.mark());
        let before = before.map(|before| before.judgement.verdict());
        let at = seen.at;
        let change = changed.then(|| Change {
            id: id.clone(),
            before,
            seen: seen.clone(),
        });
        status.last = Some(seen);
        let Some(change) = change else {
            self.unsaved.seen.insert(id, at);
            return None;
        };
        self.unsaved.changes.push(change.clone());
        self.unsaved.checks.insert(id);
        let persona = self.persona(place)?.clone();
        Some(Told::Changed {
            change: Box::new(change),
            persona,
        })
    }

    fn stale(&mut self, place: Place, now: Moment) -> Option<Told> {
        let endpoint = Arc::clone(&self.endpoints.get(place.endpoint)?.endpoint);
        let watch = self.watches.get_mut(place.endpoint)?;
        let patience = watch.checks.get(place.check)?.patience;
        watch.set_stale(place.check);
        let status = self.status_mut(place)?;
        let last = status.last.as_ref();
        let why = staleness::not_probed(status, patience);
        let judgement = judge::judge_unsent(&endpoint, &why);
        let seen = Seen {
            at: last.map_or(now.wall, |last| last.at),
            since: now.wall,
            judgement,
            observation: last.and_then(|last| last.observation.clone()),
        };
        let is_news = last.map(Seen::outcome) != Some(seen.outcome());
        is_news.then(|| self.come_to(place, seen)).flatten()
    }

    fn held(&mut self, id: &CheckId, hold: Hold) {
        let Some(place) = self.place(id) else { return };
        if let Some(status) = self.status_mut(place)
            && status.held.as_ref() != Some(&hold)
        {
            status.held = Some(hold);
            self.unsaved.checks.insert(id.clone());
        }
    }

    fn note_credential(&mut self, endpoint: &Endpoint, place: Place, observed: &Observed) {
        let Some(check) = endpoint.checks.get(place.check) else {
            return;
        };
        let Persona::Holder(name) = &check.persona else {
            return;
        };
        let Some(status) = self.credentials.get_mut(name) else {
            return;
        };
        if observed.expires_at.is_some() {
            status.expires_at = observed.expires_at;
        }
        let answer = observed.outcome.as_ref().ok().and_then(Observation::answer);
        if answer.is_some_and(judge::is_admission) {
            status.last_accepted_at = Some(observed.at);
            self.unsaved.credentials.insert(name.clone(), observed.at);
        }
    }

    /// Keeps the certificate that expires first, and says at one check for each host and port that
    /// it will.
    fn note_certificate(&mut self, place: Place, judgement: &Judgement, observed: &Observed) {
        let Ok(observation) = &observed.outcome else {
            return;
        };
        let Some(tls) = observation.tls.as_ref().filter(|tls| !tls.chain.is_empty()) else {
            return;
        };
        let watch = self.watches.get(place.endpoint);
        let owner = watch.is_some_and(|watch| watch.tells_certificate);
        let Some(status) = self.endpoints.get_mut(place.endpoint) else {
            return;
        };
        let earliest = tls.chain.iter().min_by_key(|it| it.not_after);
        if status.certificate.as_ref() != earliest {
            Arc::make_mut(status).certificate = earliest.cloned();
        }
        let usable = judgement
            .worst()
            .is_none_or(|worst| !worst.reason.class().is_unknown());
        if owner && usable {
            let finding = expiring(&status.endpoint, tls, observed);
            let first = Place { check: 0, ..place };
            if let Some(check) = self.status_mut(first)
                && check.certificate != finding
            {
                check.certificate = finding;
            }
        }
    }

    fn persona(&self, place: Place) -> Option<&Persona> {
        let endpoint = &self.endpoints.get(place.endpoint)?.endpoint;
        Some(&endpoint.checks.get(place.check)?.persona)
    }

    fn id(&self, place: Place) -> Option<CheckId> {
        let endpoint = &self.endpoints.get(place.endpoint)?.endpoint;
        Some(CheckId {
            endpoint: endpoint.name.clone(),
            check: endpoint.checks.get(place.check)?.name.clone(),
        })
    }

    /// The status of a check, its own copy where somebody still looks at it.
    fn status_mut(&mut self, place: Place) -> Option<&mut CheckStatus> {
        let endpoint = Arc::make_mut(self.endpoints.get_mut(place.endpoint)?);
        endpoint.checks.get_mut(place.check).map(Arc::make_mut)
    }
}

fn expiring(endpoint: &Endpoint, tls: &Tls, observed: &Observed) -> Option<Finding> {
    let checks = endpoint.checks.iter();
    let least = checks
        .filter_map(|check| check.expectation.certificate_min_remaining)
        .max();
    let finding = judge::expiring(tls, least, observed.at)?;
    let severity = judge::severity_at(endpoint, finding.reason);
    Some(Finding {
        severity,
        ..finding
    })
}
