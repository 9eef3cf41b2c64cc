//! From observations to verdicts: each is judged beside what is known around it.

use std::sync::Arc;

use super::event::{Moment, Observed, Reprobed};
use super::live::{Live, Place};
use super::staleness;
use super::told::Told;
use crate::domain::endpoint::Endpoint;
use crate::domain::judge::{self, Circumstances, Judgement, Question};
use crate::domain::observation::Observation;
use crate::domain::status::{Change, Seen};

impl Live {
    pub(super) fn observed(&mut self, observed: Observed, now: Moment) -> Option<Vec<Told>> {
        // A probe that outlived its check, or the definition that it was sent by, has nothing to say.
        let place = self.place(&observed.id)?;
        let endpoint = Arc::clone(&self.endpoints.get(place.endpoint)?.endpoint);
        if !Arc::ptr_eq(&endpoint, &observed.endpoint) {
            return None;
        }
        let mut judgement = self.judge(place, &endpoint, &observed);
        self.note_drift(place, &observed, &mut judgement);
        let watch = self.watches.get_mut(place.endpoint)?;
        watch.note(&endpoint, place.check, &observed.outcome);
        watch.freshen(place.check, now.monotonic);
        self.note_credential(&endpoint, place, &observed);
        self.note_credential_expiry(&endpoint, place, &observed);
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
        self.probes += u64::from(probed.is_some());
        let told = [probed, self.come_to(place, seen)].into_iter().flatten();
        let told: Vec<Told> = told.chain(self.weigh(place, now)).collect();
        Some(told)
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
            Err(unpresentable) => {
                let unsent = judge::judge_unsent(endpoint, unpresentable);
                return self.tokens.with_dependents(endpoint, unsent);
            }
        };
        let circumstances = Circumstances {
            shown: observed.shown,
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

    pub(super) fn stale(&mut self, place: Place, now: Moment) -> Vec<Told> {
        let told = self.grow_stale(place, now);
        if self.is_told_by_lockout(place, now) {
            // Looked at again later: the lockout may end, and the check be probed no more for all that.
            if let Some(watch) = self.watches.get_mut(place.endpoint) {
                watch.freshen(place.check, now.monotonic);
            }
            return told.into_iter().collect();
        }
        let weighed = self.weigh(place, now);
        told.into_iter().chain(weighed).collect()
    }

    fn grow_stale(&mut self, place: Place, now: Moment) -> Option<Told> {
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

    /// Judges what probes right after one that saw a bypass saw.
    pub(super) fn judge_again(&mut self, reprobed: Reprobed, now: Moment) -> Vec<Told> {
        let Reprobed { incident, observed } = reprobed;
        let judged = observed.iter().filter_map(|observed| {
            let place = self.place(&observed.id)?;
            // Under another definition it says nothing.
            let endpoint = self.endpoint(place)?;
            Arc::ptr_eq(&endpoint, &observed.endpoint).then_some(())?;
            Some(self.judge(place, &endpoint, observed))
        });
        let judged: Vec<Judgement> = judged.collect();
        self.reprobed(&incident, &judged, now)
    }
}
