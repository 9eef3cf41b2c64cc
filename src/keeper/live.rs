//! The live state itself: events in, what is to be stored and told out. No waiting, no clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::cases::Cases;
use super::errand::Errand;
use super::event::{Event, Moment};
use super::outbox::Outbox;
use super::tokens::Tokens;
use super::told::Told;
use super::unsaved::Unsaved;
use super::watch::Watch;
use crate::domain::check::{CheckId, Name, Persona};
use crate::domain::endpoint::{Endpoint, Origin};
use crate::domain::judge::CredentialTeller;
use crate::domain::notice::{Dispatch, Restored};
use crate::domain::reproduction::Presentation;
use crate::domain::routing::Policy;
use crate::domain::status::{
    CheckStatus, CredentialStatus, EndpointStatus, Hold, Monitor, Reload, Snapshot, Trouble,
};
use crate::store::{Saved, SavedAccount};

/// Looks are a second apart; after longer than this between two of them, the program stood still.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// Everything that is known at present.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) started_at: Timestamp,
    pub(super) endpoints: Vec<Arc<EndpointStatus>>,
    /// What only the keeper needs to know of each endpoint, in the same order.
    pub(super) watches: Vec<Watch>,
    pub(super) index: HashMap<Name, usize>,
    pub(super) credentials: BTreeMap<Name, CredentialStatus>,
    /// Where it is told that a credential expires soon.
    pub(super) tellers: BTreeMap<Name, CredentialTeller>,
    /// Checks that cannot be made without a token, and where that is told.
    pub(super) tokens: Tokens,
    /// What is counted of accounts.
    pub(super) accounts: BTreeMap<Name, SavedAccount>,
    /// What a former run left, until its checks are adopted.
    pub(super) saved: Saved,
    pub(super) monitor: Monitor,
    pub(super) unsaved: Unsaved,
    /// The cadence of probes that must be refused, where an origin has too many for their own.
    pub(super) stretched: BTreeMap<Origin, Duration>,
    /// Incidents, open and ended.
    pub(super) cases: Cases,
    /// Who is to be told of them, and was.
    pub(super) dispatch: Dispatch,
    /// Whether a configuration was adopted.
    pub(super) is_begun: bool,
    /// Notices, owed and told.
    pub(super) outbox: Outbox,
    /// Since when nothing is probed any more, where the end has begun.
    stopping_at: Option<Timestamp>,
    /// When the last notice was decided on.
    pub(super) created_at: Timestamp,
    /// Whether Alertmanagers may have to be told of other incidents than before.
    pub(super) retell: bool,
    /// What others are to do.
    pub(super) errands: Vec<Errand>,
    /// Who is told of what.
    pub(super) policy: Arc<Policy>,
    /// How each credential travels.
    pub(super) presentations: BTreeMap<Name, Presentation>,
    /// How many probes came back.
    pub(super) probes: u64,
    /// When the last heartbeat of this run was, and how many probes there had been.
    pub(super) heartbeat: Option<(Timestamp, u64)>,
    /// When most hosts could be reached again, while it is waited for the others.
    pub(super) rejoined: Option<(Timestamp, Instant)>,
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
            tellers: BTreeMap::new(),
            tokens: Tokens::default(),
            accounts: saved.accounts.clone(),
            monitor: Monitor {
                reload,
                isolated: saved.memo.isolation.is_some(),
                ..Monitor::default()
            },
            unsaved: Unsaved::default(),
            stretched: BTreeMap::new(),
            cases: Cases::resumed(&saved.incidents),
            dispatch: Dispatch::new(Arc::default(), Restored::default(), 0, now),
            is_begun: false,
            outbox: Outbox::resumed(&saved.notices),
            stopping_at: None,
            created_at: last_notice(&saved),
            retell: false,
            errands: Vec::new(),
            policy: Arc::default(),
            presentations: BTreeMap::new(),
            probes: 0,
            heartbeat: None,
            rejoined: None,
            looked_at: None,
            saved,
        }
    }

    /// Takes an event in; what it changes is told.
    pub(super) fn apply(&mut self, event: Event, now: Moment) -> Vec<Told> {
        match event {
            Event::Observed(observed) => self.observed(*observed, now).unwrap_or_default(),
            Event::Held { id, hold } => {
                self.held(&id, hold);
                self.weigh_hold(&id, now)
            }
            Event::Counted {
                name,
                account,
                noted,
            } => {
                self.count(name, account, noted);
                Vec::new()
            }
            Event::Stopping => {
                self.stopping_at = Some(now.wall);
                Vec::new()
            }
            Event::Adopted(adoption) => self.adopt(adoption, now),
            Event::Reprobed(reprobed) => self.judge_again(reprobed, now),
            Event::Tried(tried) => self.tried(tried).into_iter().collect(),
            Event::Silenced(wish, reply) => {
                // Whoever asked may have gone.
                let _heard = reply.send(self.silence(wish, now)).is_ok();
                Vec::new()
            }
            Event::Expired(id, reply) => {
                let _heard = reply.send(self.expire(&id, now)).is_ok();
                Vec::new()
            }
            Event::Accepted {
                endpoint,
                check,
                reply,
            } => {
                let accepted = self.accept(&endpoint, check.as_ref());
                let _heard = reply.send(accepted).is_ok();
                Vec::new()
            }
            Event::Paced(pace) => {
                for (id, hold) in pace.held {
                    self.held(&id, hold);
                }
                self.stretch(pace.stretched, now.monotonic);
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
            Event::Hurried(reply) => {
                self.hurry(now);
                let told = self.say_what_is_due(now);
                self.errands.push(Errand::Caught(reply));
                told
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
            fetches: Vec::new(),
            incidents: self.cases.all(),
            notices: self.outbox.all(),
            silences: self.dispatch.silences(taken_at),
            receivers: self.policy.receivers.keys().cloned().collect(),
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
        // Where nothing is probed any more, no verdict is too old.
        if self.stopping_at.is_some() {
            return told;
        }
        for place in self.stale_places(now) {
            told.extend(self.stale(place, now));
        }
        told.extend(self.look_for_isolation(now));
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

    /// What is counted of an account is another thing now; who waits for the disk is told.
    fn count(&mut self, name: Name, account: SavedAccount, noted: Option<oneshot::Sender<()>>) {
        if self.accounts.get(&name) != Some(&account) {
            self.unsaved.accounts.insert(name.clone(), account.clone());
            self.accounts.insert(name, account);
        }
        self.errands.extend(noted.map(Errand::Caught));
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

    pub(super) fn endpoint(&self, place: Place) -> Option<Arc<Endpoint>> {
        let status = self.endpoints.get(place.endpoint)?;
        Some(Arc::clone(&status.endpoint))
    }

    pub(super) fn status(&self, place: Place) -> Option<&CheckStatus> {
        let checks = &self.endpoints.get(place.endpoint)?.checks;
        checks.get(place.check).map(Arc::as_ref)
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

/// When the last notice of a former run was decided on.
fn last_notice(saved: &Saved) -> Timestamp {
    let created = saved.notices.iter().map(|owed| owed.notice.created_at);
    created.max().unwrap_or(Timestamp::MIN)
}
