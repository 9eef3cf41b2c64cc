//! The live state itself: events in, what is to be stored and told out. No waiting, no clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::event::{Event, Moment, Observed};
use super::told::Told;
use super::unsaved::Unsaved;
use super::watch::Watch;
use super::{isolation, staleness};
use crate::domain::check::{CheckId, Name, Persona};
use crate::domain::endpoint::{Endpoint, Origin};
use crate::domain::judge::{self, Circumstances, Judgement, Question};
use crate::domain::observation::Observation;
use crate::domain::status::{
    Change, CheckStatus, CredentialStatus, EndpointStatus, Hold, Monitor, Reload, Seen, Snapshot,
    Trouble,
};
use crate::store::Saved;

/// Looks are a second apart; after longer than this between two of them, the program stood still.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

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
    /// When verdicts that have become too old were last looked for.
    looked_at: Option<Instant>,
}

/// Where a check is among the endpoints and their checks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) endpoint: usize,
    pub(super) check: usize,
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
            looked_at: None,
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
            incidents: Vec::new(),
            notices: Vec::new(),
            silences: Vec::new(),
            receivers: Vec::new(),
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
        self.forgive_pause(now);
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

    /// A process that stood still could not have looked, and neither could its probes.
    fn forgive_pause(&mut self, now: Moment) {
        let before = self.looked_at.replace(now.monotonic);
        let pause = before.map(|before| now.monotonic.saturating_duration_since(before));
        if let Some(pause) = pause.filter(|pause| *pause > LONGEST_LOOK) {
            for watch in &mut self.watches {
                watch.forgive(pause);
            }
        }
    }

    fn stale_places(&self, now: Moment) -> Vec<Place> {
        let watches = self.watches.iter().enumerate();
        let places = watches.flat_map(|(endpoint, watch)| {
            let stale = (0..watch.checks.len()).filter(|at| watch.is_stale(*at, now.monotonic));
            stale.map(move |check| Place { endpoint, check })
        });
        places.collect()
    }

    pub(super) fn place(&self, id: &CheckId) -> Option<Place> {
        let endpoint = *self.index.get(&id.endpoint)?;
        let checks = &self.endpoints.get(endpoint)?.endpoint.checks;
        let check = checks.iter().position(|check| check.name == id.check)?;
        Some(Place { endpoint, check })
    }

    fn observed(&mut self, observed: Observed, now: Moment) -> Option<Vec<Told>> {
        // A probe that outlived its check, or the definition that it was sent by, has nothing to say.
        let place = self.place(&observed.id)?;
        let endpoint = Arc::clone(&self.endpoints.get(place.endpoint)?.endpoint);
        if !Arc::ptr_eq(&endpoint, &observed.endpoint) {
            return None;
        }
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
        let persona = endpoint.checks.get(place.check)?.persona.clone();
        let status = self.status_mut(place)?;
        if persona.is_holder()
            || status
                .held
                .as_ref()
                .is_some_and(|hold| hold.until <= seen.at)
        {
            // An answer to what was sent before a hold began does not end it.
            status.held = None;
        }
        if took.is_some() {
            status.probed_at = Some(seen.at);
        }
        status.counts.count(&seen.judgement);
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

    pub(super) fn persona(&self, place: Place) -> Option<&Persona> {
        let endpoint = &self.endpoints.get(place.endpoint)?.endpoint;
        Some(&endpoint.checks.get(place.check)?.persona)
    }

    pub(super) fn id(&self, place: Place) -> Option<CheckId> {
        let endpoint = &self.endpoints.get(place.endpoint)?.endpoint;
        Some(endpoint.check_id(endpoint.checks.get(place.check)?))
    }

    /// The status of a check, its own copy where somebody still looks at it.
    pub(super) fn status_mut(&mut self, place: Place) -> Option<&mut CheckStatus> {
        let endpoint = Arc::make_mut(self.endpoints.get_mut(place.endpoint)?);
        endpoint.checks.get_mut(place.check).map(Arc::make_mut)
    }
}
