//! A configuration takes the place of the one before, and what is known goes on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::event::{Adoption, Moment};
use super::live::Live;
use super::staleness;
use super::tokens::Tokens;
use super::told::Told;
use super::watch::{Watch, Watched};
use crate::domain::check::{Check, CheckId, Name, Persona};
use crate::domain::endpoint::{Endpoint, Origin};
use crate::domain::judge::{CredentialTeller, Expiring, credential_tellers};
use crate::domain::notice::{Dispatch, Restored};
use crate::domain::routing::Policy;
use crate::domain::status::{
    CheckStatus, CredentialStatus, EndpointStatus, Reload, cadence, question,
};
use crate::store::{Saved, SavedCheck};

impl Live {
    /// Goes on with these endpoints; checks that are in both keep what is known of them.
    pub(super) fn adopt(&mut self, adoption: Adoption, now: Moment) -> Vec<Told> {
        let Adoption {
            endpoints,
            policy,
            presentations,
        } = adoption;
        self.policy = Arc::clone(&policy);
        self.presentations = presentations;
        if self.is_begun {
            self.dispatch.adopt(policy, now.steady);
        } else {
            self.begin(policy, now);
        }
        self.credentials = self.credentials_of(&endpoints);
        self.tokens = Tokens::of(&endpoints);
        self.tellers = credential_tellers(endpoints.iter().map(Arc::as_ref));
        let mut before = Before::of(self);
        let mut certificates: BTreeSet<(String, u16)> = BTreeSet::new();
        for endpoint in endpoints {
            let Origin { host, port, .. } = endpoint.origin();
            let tells_certificate = certificates.insert((host, port));
            let mut watch = before.watch(&endpoint, now);
            watch.tells_certificate = tells_certificate;
            let mut status = before.status(&endpoint, &watch, now);
            forget_expiries(&mut status, tells_certificate, &self.tellers);
            self.index
                .insert(endpoint.name.clone(), self.endpoints.len());
            self.endpoints.push(Arc::new(status));
            self.watches.push(watch);
        }
        self.set_patience(now.monotonic);
        let changed = std::mem::take(&mut before.changed);
        self.unsaved.checks.extend(changed.iter().cloned());
        self.unsaved.removed.extend(before.left());
        self.saved = Saved::default();
        self.monitor.reload = Reload {
            succeeded_at: now.wall,
            failure: None,
        };
        self.retell = true;
        let told = self.bury(&changed, now);
        for id in self.cases.checks() {
            if let Some(place) = self.place(&id) {
                self.point_out(place, &id);
            }
        }
        told
    }

    /// Goes on with what a former run was to say.
    fn begin(&mut self, policy: Arc<Policy>, now: Moment) {
        let Saved {
            incidents,
            tellings,
            silences,
            memo,
            ..
        } = &self.saved;
        let restored = Restored {
            incidents: incidents.clone(),
            tellings: tellings.clone(),
            silences: silences.clone(),
            memo: memo.clone(),
        };
        let seed = now.wall.as_microsecond().cast_unsigned();
        self.dispatch = Dispatch::new(policy, restored, seed, now.steady);
        self.is_begun = true;
    }

    /// Where origins have too many checks that must be refused, verdicts may become older.
    pub(super) fn stretch(&mut self, stretched: BTreeMap<Origin, Duration>, now: Instant) {
        if self.stretched != stretched {
            self.stretched = stretched;
            self.set_patience(now);
        }
    }

    fn set_patience(&mut self, now: Instant) {
        for (status, watch) in self.endpoints.iter().zip(&mut self.watches) {
            let endpoint = &status.endpoint;
            let stretched = self.stretched.get(&endpoint.origin()).copied();
            for (check, watched) in endpoint.checks.iter().zip(&mut watch.checks) {
                let paced = stretched.filter(|_| check.persona.shows_refused_credential());
                let cadence = cadence(endpoint, check).max(paced.unwrap_or_default());
                watched.be_patient(staleness::patience(cadence, endpoint.timeout), now);
            }
        }
    }

    /// Every credential whose holder knocks, with what is known of it.
    fn credentials_of(&self, endpoints: &[Arc<Endpoint>]) -> BTreeMap<Name, CredentialStatus> {
        let checks = endpoints.iter().flat_map(|endpoint| &endpoint.checks);
        let names = checks.filter_map(|check| holder(&check.persona));
        names
            .map(|name| (name.clone(), self.credential(name)))
            .collect()
    }

    fn credential(&self, name: &Name) -> CredentialStatus {
        self.credentials
            .get(name)
            .cloned()
            .unwrap_or_else(|| CredentialStatus {
                name: name.clone(),
                expires_at: None,
                last_accepted_at: self.saved.credentials.get(name).copied(),
            })
    }
}

/// Lets go of what expires soon where that is told elsewhere by now.
fn forget_expiries(
    status: &mut EndpointStatus,
    tells_certificate: bool,
    tellers: &BTreeMap<Name, CredentialTeller>,
) {
    let EndpointStatus {
        endpoint, checks, ..
    } = status;
    for (check, known) in endpoint.checks.iter().zip(checks) {
        let teller = holder(&check.persona).and_then(|name| tellers.get(name));
        let tells_credential = teller.is_some_and(|it| it.check == endpoint.check_id(check));
        let Expiring {
            certificate,
            credential,
        } = known.expiring.clone();
        let kept = Expiring {
            certificate: certificate.filter(|_| tells_certificate),
            credential: credential.filter(|_| tells_credential),
        };
        if known.expiring != kept {
            Arc::make_mut(known).expiring = kept;
        }
    }
}

fn holder(persona: &Persona) -> Option<&Name> {
    match persona {
        Persona::Holder(name) => Some(name),
        Persona::Anonymous | Persona::Impostor(_) | Persona::Invalid(_) => None,
    }
}

/// What was known before, from which each check takes what is its own.
struct Before {
    endpoints: HashMap<Name, (Arc<EndpointStatus>, Watch)>,
    checks: BTreeMap<CheckId, (Arc<CheckStatus>, Option<Watched>)>,
    saved: BTreeMap<CheckId, SavedCheck>,
    /// Checks that ask another question than before.
    changed: Vec<CheckId>,
}

impl Before {
    fn of(live: &mut Live) -> Self {
        let statuses = std::mem::take(&mut live.endpoints);
        let watches = std::mem::take(&mut live.watches);
        live.index.clear();
        let mut checks = BTreeMap::new();
        let mut endpoints = HashMap::new();
        for (status, watch) in statuses.into_iter().zip(watches) {
            let all = status.endpoint.checks.iter().zip(&status.checks);
            for (at, (check, known)) in all.enumerate() {
                let id = status.endpoint.check_id(check);
                checks.insert(id, (Arc::clone(known), watch.checks.get(at).copied()));
            }
            endpoints.insert(status.endpoint.name.clone(), (status, watch));
        }
        let saved = std::mem::take(&mut live.saved.checks);
        Self {
            endpoints,
            checks,
            saved,
            changed: Vec::new(),
        }
    }

    fn watch(&self, endpoint: &Arc<Endpoint>, now: Moment) -> Watch {
        let known = self.endpoints.get(&endpoint.name);
        let unchanged = known.filter(|(status, _)| Arc::ptr_eq(&status.endpoint, endpoint));
        let saved = || {
            let mut checks = endpoint.checks.iter();
            checks.find_map(|check| {
                let saved = self.saved.get(&endpoint.check_id(check))?;
                let same = saved.definition == question(endpoint, check);
                saved.holder_body.filter(|_| same)
            })
        };
        let watched = |check: &Check| {
            let question = question(endpoint, check);
            let known = self.checks.get(&endpoint.check_id(check));
            let known = known.and_then(|(_, watched)| *watched);
            let same = known.filter(|watched| watched.question == question);
            same.unwrap_or(Watched {
                fresh_at: now.monotonic,
                patience: endpoint.interval,
                told_stale: false,
                admitted: None,
                question,
            })
        };
        Watch {
            holder_body: unchanged.map_or_else(saved, |(_, watch)| watch.holder_body),
            tells_certificate: false,
            checks: endpoint.checks.iter().map(watched).collect(),
        }
    }

    /// What is known of an endpoint's checks; they are taken out.
    fn status(&mut self, endpoint: &Arc<Endpoint>, watch: &Watch, now: Moment) -> EndpointStatus {
        let known = self.endpoints.get(&endpoint.name);
        let same = known.filter(|(status, _)| status.endpoint.origin() == endpoint.origin());
        let certificate = same.and_then(|(status, _)| status.certificate.clone());
        let checks = endpoint.checks.iter().zip(&watch.checks);
        let checks = checks
            .map(|(check, watched)| self.check(&endpoint.check_id(check), watched.question, now))
            .collect();
        EndpointStatus {
            endpoint: Arc::clone(endpoint),
            checks,
            certificate,
        }
    }

    /// What is known of a check; where it asks something else by now, only what does not hang on the
    /// question.
    fn check(&mut self, id: &CheckId, question: u64, now: Moment) -> Arc<CheckStatus> {
        let saved = self.saved.remove(id);
        let (known, same) = match (self.checks.remove(id), saved) {
            (Some((known, watched)), _) => {
                (known, watched.is_some_and(|it| it.question == question))
            }
            (None, Some(saved)) => {
                let same = saved.definition == question;
                (Arc::new(restored(saved, now)), same)
            }
            (None, None) => return Arc::default(),
        };
        if same {
            return known;
        }
        self.changed.push(id.clone());
        Arc::new(CheckStatus {
            held: known.held.clone(),
            history: known.history.clone(),
            counts: known.counts,
            ..CheckStatus::default()
        })
    }

    /// The checks that nobody took.
    fn left(self) -> impl Iterator<Item = CheckId> {
        self.checks.into_keys().chain(self.saved.into_keys())
    }
}

/// What a former run knew of a check.
fn restored(saved: SavedCheck, now: Moment) -> CheckStatus {
    let sent = saved
        .last
        .as_ref()
        .filter(|seen| seen.observation.is_some());
    CheckStatus {
        probed_at: sent.map(|seen| seen.at),
        held: saved.held.filter(|hold| hold.until > now.wall),
        last: saved.last,
        good: saved.good,
        history: saved.history,
        baseline: saved.baseline,
        ..CheckStatus::default()
    }
}
