//! What people ask for: silences, and that a changed challenge is right.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::event::{Moment, Observed, Wish};
use super::live::{Live, Place};
use crate::domain::check::{CheckId, Name};
use crate::domain::drift::{self, Met};
use crate::domain::judge::{Circumstances, Judgement, Question};
use crate::domain::observation::Observation;
use crate::domain::silence::{Silence, SilenceId};

impl Live {
    /// Has incidents not be told for a while.
    pub(super) fn silence(&mut self, wish: Wish, now: Moment) -> SilenceId {
        let length = SignedDuration::try_from(wish.length).unwrap_or(SignedDuration::MAX);
        let silence = Arc::new(Silence {
            id: SilenceId::new(now.steady, &wish.author, &wish.comment),
            matchers: wish.matchers,
            starts_at: now.steady,
            ends_at: now.steady.saturating_add(length).unwrap_or(Timestamp::MAX),
            comment: wish.comment,
            author: wish.author,
        });
        self.unsaved.silences.push(Arc::clone(&silence));
        self.dispatch.add_silence(Arc::clone(&silence), now.steady);
        silence.id.clone()
    }

    /// Ends a silence; whether there was one.
    pub(super) fn expire(&mut self, id: &SilenceId, now: Moment) -> bool {
        let ended = self.dispatch.expire_silence(id, now.steady);
        let was_there = ended.is_some();
        self.unsaved.silences.extend(ended);
        was_there
    }

    /// Accepts the challenges that an endpoint's checks offer by now; `None` where there is no such
    /// check.
    pub(super) fn accept(&mut self, endpoint: &Name, check: Option<&Name>) -> Option<Vec<CheckId>> {
        let at = *self.index.get(endpoint)?;
        let checks = &self.endpoints.get(at)?.endpoint.checks;
        let names = checks.iter().map(|it| it.name.clone()).enumerate();
        let chosen = names.filter(|(_, name)| check.is_none_or(|wanted| wanted == name));
        let chosen: Vec<(usize, Name)> = chosen.collect();
        if chosen.is_empty() {
            return None;
        }
        let mut changed = Vec::new();
        for (check, name) in chosen {
            let place = Place {
                endpoint: at,
                check,
            };
            let status = self.status_mut(place)?;
            if status.baseline.accept() > 0 {
                let id = CheckId {
                    endpoint: endpoint.clone(),
                    check: name,
                };
                self.unsaved.checks.insert(id.clone());
                changed.push(id);
            }
        }
        self.unsaved.urgent |= !changed.is_empty();
        Some(changed)
    }

    /// Compares the challenges of an answer with those that were accepted, and learns the first ones.
    pub(super) fn note_drift(
        &mut self,
        place: Place,
        observed: &Observed,
        judgement: &mut Judgement,
    ) {
        let Some(endpoint) = self.endpoint(place) else {
            return;
        };
        let answer = observed.outcome.as_ref().ok().and_then(Observation::answer);
        let (Some(check), Some(answer)) = (endpoint.checks.get(place.check), answer) else {
            return;
        };
        let Some(watch) = self.watches.get(place.endpoint) else {
            return;
        };
        let question = Question {
            endpoint: &endpoint,
            check,
            circumstances: Circumstances {
                now: observed.at,
                ..watch.circumstances()
            },
        };
        let Some(status) = self.status(place) else {
            return;
        };
        let mut baseline = status.baseline.clone();
        let met = drift::hold(&question, answer, &mut baseline, judgement);
        let is_news = match met {
            Some(Met::Learnt) => true,
            Some(Met::Strange) => baseline.strange.len() != status.baseline.strange.len(),
            Some(Met::Known | Met::Passed) | None => return,
        };
        if let Some(status) = self.status_mut(place) {
            status.baseline = baseline;
        }
        if is_news {
            self.unsaved.checks.insert(observed.id.clone());
        }
    }
}
