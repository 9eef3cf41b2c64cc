//! From verdicts to incidents: what casebooks say, done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::errand::{Errand, Reprobe};
use super::event::Moment;
use super::live::{Live, Place};
use super::told::Told;
use crate::domain::check::{Check, CheckId, Name, Persona};
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::{Class, Finding, Reason, Severity};
use crate::domain::incident::{Incident, IncidentId, Reproduced, Step, Transition};
use crate::domain::judge::{Expiring, Judgement};
use crate::domain::notice::{Account, Story};
use crate::domain::reproduction::Presentation;
use crate::domain::status::CheckStatus;

/// How long the notice of a bypass waits for what re-probes find.
pub(super) const REPROBE_WITHIN: Duration = Duration::from_secs(1);

impl Live {
    /// Has the casebook of a check take a verdict in.
    pub(super) fn weigh(&mut self, place: Place, now: Moment) -> Vec<Told> {
        let (Some(id), Some(endpoint), Some(status)) =
            (self.id(place), self.endpoint(place), self.status(place))
        else {
            return Vec::new();
        };
        let Some(seen) = &status.last else {
            return Vec::new();
        };
        // Nearly all verdicts are good ones of checks that nothing is known against.
        if status.findings().next().is_none() && !self.cases.has_book(&id) {
            return Vec::new();
        }
        let observation = seen.observation.as_ref();
        let answered = observation.is_some_and(|it| it.answer().is_some());
        if self.is_told_elsewhere(place, &seen.judgement) {
            return Vec::new();
        }
        let (judgement, expiring) = (seen.judgement.clone(), status.expiring.clone());
        let step = Step {
            judgement: &judgement,
            expiring: &expiring,
            answered,
            at: now.steady,
            wall: now.wall,
        };
        let book = self.cases.book(&id);
        let transitions = book.advance(&step, &endpoint.confirm);
        self.cases.tidy(&id, now.steady);
        let told = transitions.into_iter();
        told.filter_map(|transition| self.turn(place, &id, transition, now))
            .collect()
    }

    /// A password that was rejected is not shown again for a while, for the sake of the account. So
    /// the rejection stands: no second one will come to confirm it, although nothing is mended.
    pub(super) fn weigh_hold(&mut self, id: &CheckId, now: Moment) -> Vec<Told> {
        let Some(place) = self.place(id) else {
            return Vec::new();
        };
        let (Some(endpoint), Some(status)) = (self.endpoint(place), self.status(place)) else {
            return Vec::new();
        };
        let last = status.last.iter().flat_map(|seen| &seen.judgement.findings);
        let lockouts = last.filter(|finding| finding.reason.class() == Class::Lockout);
        let judgement = Judgement::of(lockouts.cloned().collect());
        if judgement.worst().is_none()
            || self.cases.of(id, Class::Lockout).is_some()
            || self.is_told_elsewhere(place, &judgement)
        {
            return Vec::new();
        }
        let step = Step {
            judgement: &judgement,
            expiring: &Expiring::default(),
            // Nothing came, so nothing else recovers by it.
            answered: false,
            at: now.steady,
            wall: now.wall,
        };
        let transitions = self.cases.book(id).advance(&step, &endpoint.confirm);
        self.cases.tidy(id, now.steady);
        let told = transitions.into_iter();
        told.filter_map(|transition| self.turn(place, id, transition, now))
            .collect()
    }

    /// Whether the incident that a verdict is part of is another check's.
    fn is_told_elsewhere(&self, place: Place, judgement: &Judgement) -> bool {
        let endpoint = self.endpoints.get(place.endpoint).map(|it| &it.endpoint);
        let check = endpoint.and_then(|it| Some((it, it.checks.get(place.check)?)));
        let Some((endpoint, check)) = check else {
            return false;
        };
        let credential = check.persona.credential();
        self.tokens.tells_of(endpoint, check, judgement)
            && credential.is_some_and(|name| self.is_told_there(name, place))
    }

    /// Whether the check of a credential's token endpoint says that there is no token, or has yet to
    /// look: where it looked since and there was one, or where it cannot look, nobody else tells.
    fn is_told_there(&self, credential: &Name, waiting: Place) -> bool {
        let there = self.index.get(&credential.of_its_tokens());
        let there = there.and_then(|at| self.endpoints.get(*at)?.checks.first());
        let Some(there) = there else {
            return false;
        };
        let Some(last) = &there.last else {
            return there.held.is_none();
        };
        let mut findings = last.judgement.findings.iter();
        let says = findings.any(|finding| finding.reason == Reason::TokenUnavailable);
        let since = self.status(waiting).and_then(|it| it.last.as_ref());
        let looked = since.is_some_and(|waits| last.at > waits.since);
        says || (there.held.is_none() && !looked)
    }

    /// Takes a transition in.
    pub(super) fn turn(
        &mut self,
        place: Place,
        id: &CheckId,
        transition: Transition,
        now: Moment,
    ) -> Option<Told> {
        let told = match transition {
            Transition::Opened { finding, since, .. } => {
                self.open(place, id, (&finding, since), now)
            }
            Transition::Ended { class, resolution } => {
                let end = (now.wall, resolution);
                let mut incident = self.cases.end(id, class, end)?;
                let beside = self.still_wrong(place, class);
                if incident.story.beside != beside {
                    let incident = Arc::make_mut(&mut incident);
                    Arc::make_mut(&mut incident.story).beside = beside;
                }
                self.cases.replace(Arc::clone(&incident));
                self.publish(&incident, now);
                Some(Told::Ended(incident))
            }
            Transition::Flapping { class } => self.flap(id, class, true, now),
            Transition::Calm { class } => self.flap(id, class, false, now),
        };
        self.point_out(place, id);
        told
    }

    /// What else is wrong with a check while a class of it recovers.
    fn still_wrong(&self, place: Place, class: Class) -> Vec<Finding> {
        let findings = self
            .status(place)
            .into_iter()
            .flat_map(CheckStatus::findings);
        let others = findings.filter(|finding| finding.reason.class() != class);
        others.cloned().collect()
    }

    fn open(
        &mut self,
        place: Place,
        id: &CheckId,
        (finding, since): (&Finding, Timestamp),
        now: Moment,
    ) -> Option<Told> {
        let endpoint = self.endpoint(place)?;
        let check = endpoint.checks.get(place.check)?;
        let class = finding.reason.class();
        let flapping = self.cases.book(id).is_flapping(class);
        let incident = Arc::new(Incident {
            id: IncidentId::new(id, class, now.wall),
            check: id.clone(),
            class,
            reason: finding.reason,
            severity: finding.severity,
            since,
            opened_at: now.wall,
            ended: None,
            reproduced: None,
            flapping,
            labels: Arc::new(labels(&endpoint, check, (finding.reason, finding.severity))),
            story: Arc::new(self.story(place, class)?),
        });
        self.cases.list(Arc::clone(&incident));
        self.publish(&incident, now);
        if class == Class::Bypass && may_be_repeated(&check.persona) {
            let until = later(now.steady, REPROBE_WITHIN);
            self.dispatch.wait_for_reprobes(&incident.id, until);
            self.errands.push(Errand::Reprobe(Reprobe {
                incident: incident.id.clone(),
                check: id.clone(),
                endpoint: Arc::clone(&endpoint),
                address: self
                    .status(place)
                    .and_then(|status| status.last.as_ref()?.observation.as_ref()?.remote_addr),
            }));
        }
        Some(Told::Opened(incident))
    }

    fn flap(&mut self, id: &CheckId, class: Class, flapping: bool, now: Moment) -> Option<Told> {
        let mut incident = Arc::clone(self.cases.newest(id, class)?);
        Arc::make_mut(&mut incident).flapping = flapping;
        self.cases.replace(Arc::clone(&incident));
        self.publish(&incident, now);
        Some(Told::Flapping(incident))
    }

    /// An incident is as it is now for the store and for those who are to be told.
    pub(super) fn publish(&mut self, incident: &Arc<Incident>, now: Moment) {
        self.retell = true;
        self.unsaved.incident(Arc::clone(incident));
        self.dispatch.take(incident, now.steady);
    }

    /// Shows the gravest open incident at its check.
    pub(super) fn point_out(&mut self, place: Place, id: &CheckId) {
        let gravest = self.cases.gravest(id);
        if let Some(status) = self.status_mut(place)
            && status.incident != gravest
        {
            status.incident = gravest;
        }
    }

    /// What is to be told of a check and a class, as things are.
    pub(super) fn story(&self, place: Place, class: Class) -> Option<Story> {
        let endpoint = &self.endpoints.get(place.endpoint)?.endpoint;
        let check = endpoint.checks.get(place.check)?;
        let status = self.status(place)?;
        let credential = check.persona.credential();
        let presentation = credential.and_then(|name| self.presentations.get(name));
        Some(Story::of(&Account {
            endpoint,
            check,
            seen: status.last.as_ref()?,
            good: status.good.as_deref(),
            class,
            expiring: &status.expiring,
            presentation: presentation.unwrap_or(&Presentation::Unknown),
            page: self.policy.page.as_ref(),
        }))
    }

    /// What re-probes of a bypass came to.
    pub(super) fn reprobed(
        &mut self,
        incident: &IncidentId,
        judgements: &[Judgement],
        now: Moment,
    ) -> Vec<Told> {
        self.dispatch.reprobed(incident, now.steady);
        let Some(known) = self.cases.get(incident) else {
            return Vec::new();
        };
        let answered = judgements.iter().filter(|judgement| {
            let worst = judgement.worst();
            worst.is_none_or(|worst| !worst.reason.class().is_unknown())
        });
        let again = answered.clone().filter(|judgement| is_bypass(judgement));
        let reproduced = Reproduced {
            again: u32::try_from(again.count()).unwrap_or(u32::MAX),
            of: u32::try_from(answered.count()).unwrap_or(u32::MAX),
        };
        if reproduced.of == 0 {
            return Vec::new();
        }
        let mut incident = Arc::clone(known);
        Arc::make_mut(&mut incident).reproduced = Some(reproduced);
        let book = self.cases.book(&incident.check);
        book.note_reproduced(reproduced);
        self.cases.replace(Arc::clone(&incident));
        self.publish(&incident, now);
        vec![Told::Reproduced(incident)]
    }

    /// Ends the incidents of checks that are watched no more, and of those that ask something else by
    /// now: nobody will know whether what was wrong is mended.
    pub(super) fn bury(&mut self, changed: &[CheckId], now: Moment) -> Vec<Told> {
        let gone = self.cases.checks().into_iter();
        let gone: Vec<CheckId> = gone
            .filter(|id| changed.contains(id) || self.place(id).is_none())
            .collect();
        let mut told = Vec::new();
        for id in gone {
            for class in self.cases.open_at(&id) {
                let end = (now.wall, crate::domain::incident::Resolution::Removed);
                if let Some(incident) = self.cases.end(&id, class, end) {
                    self.publish(&incident, now);
                    told.push(Told::Ended(incident));
                }
            }
            self.cases.drop_books(&id);
        }
        told
    }
}

pub(super) fn is_bypass(judgement: &Judgement) -> bool {
    let mut findings = judgement.findings.iter();
    findings.any(|finding| finding.reason.class() == Class::Bypass)
}

/// Whether a persona may knock a few times more at once: never where a real account could be locked.
fn may_be_repeated(persona: &Persona) -> bool {
    match persona {
        Persona::Anonymous | Persona::Invalid(_) | Persona::Holder(_) => true,
        Persona::Impostor(impostor) => !impostor.shows_wrong_password(),
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Everything that routes match and group by.
pub(super) fn labels(
    endpoint: &Endpoint,
    check: &Check,
    (reason, severity): (Reason, Severity),
) -> BTreeMap<String, String> {
    let credential = check.persona.credential();
    let credential = credential.map_or("", |name| name.as_str());
    let host = endpoint.request.url.host_str().unwrap_or_default();
    let persona = check.persona.to_string();
    let built_in = [
        ("endpoint", endpoint.name.as_str()),
        ("check", check.name.as_str()),
        ("persona", persona.as_str()),
        ("class", reason.class().as_str()),
        ("reason", reason.as_str()),
        ("severity", severity.as_str()),
        ("credential", credential),
        ("host", host),
    ];
    let built_in = built_in.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let configured = endpoint.labels.clone().into_iter();
    configured.chain(built_in).collect()
}
