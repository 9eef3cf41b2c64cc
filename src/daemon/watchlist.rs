//! Everything that is watched under one configuration, ready to be knocked on.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp, Unit};
use tracing::warn;

use super::doorbell::{Denied, Doorbell, Held, Knocked, Manner};
use super::tokens::with_token_endpoints;
use crate::clock::SharedClock;
use crate::credential;
use crate::domain::check::{Check, CheckId, Name};
use crate::domain::endpoint::Endpoint;
use crate::domain::fetches::Fetches;
use crate::domain::finding::Reason;
use crate::domain::presenter::{Presenter as _, Shown, Unpresentable};
use crate::domain::rest;
use crate::domain::secret::Redactor;
use crate::domain::status::Hold;
use crate::keeper::{Event, Keeper, Observed};
use crate::probe::Target;
use crate::schedule::{End, Pushback};
use crate::store::Saved;

/// The endpoints of one configuration, and who shows credentials at them.
#[derive(Debug)]
pub(super) struct Watchlist {
    doorbell: Doorbell,
    doors: HashMap<Name, Arc<Door>>,
    /// The same endpoints, in the order of the configuration; after them those that tokens come from.
    pub(super) endpoints: Vec<Arc<Endpoint>>,
}

#[derive(Debug)]
struct Door {
    endpoint: Arc<Endpoint>,
    target: Result<Target, String>,
    /// Names the definition, so that a change is noticed.
    definition: u64,
}

impl Watchlist {
    /// The first one.
    pub(super) async fn new(
        endpoints: Vec<Endpoint>,
        credentials: credential::Settings,
        clock: SharedClock,
    ) -> Self {
        let endpoints = with_token_endpoints(endpoints, &credentials);
        let doorbell = Doorbell::new(clock, credentials);
        Self::of(doorbell, endpoints, &HashMap::new()).await
    }

    /// Goes on from what a former run counted of accounts.
    pub(super) fn resume(&mut self, saved: &Saved) {
        self.doorbell.resume(&saved.accounts);
    }

    /// Has the keeper know what is counted of accounts from now on.
    pub(super) fn report_to(&mut self, keeper: Keeper) {
        self.doorbell.report_to(keeper);
    }

    /// The one that takes this one's place. What is known of accounts goes on, and an endpoint that
    /// is defined as before stays the very same.
    pub(super) async fn renewed(
        &self,
        endpoints: Vec<Endpoint>,
        credentials: credential::Settings,
    ) -> Self {
        let endpoints = with_token_endpoints(endpoints, &credentials);
        let doorbell = self.doorbell.renewed(credentials);
        Self::of(doorbell, endpoints, &self.doors).await
    }

    async fn of(
        doorbell: Doorbell,
        endpoints: Vec<Endpoint>,
        known: &HashMap<Name, Arc<Door>>,
    ) -> Self {
        doorbell.read_ahead(&endpoints).await;
        let mut doors = HashMap::with_capacity(endpoints.len());
        let mut order = Vec::with_capacity(endpoints.len());
        for endpoint in endpoints {
            let definition = definition(&endpoint);
            let same = known.get(&endpoint.name).filter(|door| {
                // A secret that stands in the configuration itself is no part of the definition.
                let headers = &door.endpoint.request.headers;
                door.definition == definition && *headers == endpoint.request.headers
            });
            // What is as before is not made anew: thousands of targets are some megabytes.
            let door = match same {
                Some(door) if door.target.is_ok() => Arc::clone(door),
                Some(door) => {
                    Arc::new(Door::new(&doorbell, Arc::clone(&door.endpoint), definition))
                }
                None => Arc::new(Door::new(&doorbell, Arc::new(endpoint), definition)),
            };
            order.push(Arc::clone(&door.endpoint));
            doors.insert(door.endpoint.name.clone(), door);
        }
        Self {
            doorbell,
            doors,
            endpoints: order,
        }
    }

    /// Takes every secret that is held out of a text.
    pub(super) fn redactor(&self) -> Redactor {
        self.doorbell.keyring.redactor()
    }

    /// What fetching came to for each credential that fetches anything.
    pub(super) fn fetches(&self) -> Vec<Fetches> {
        self.doorbell.keyring.fetches()
    }

    /// Names the definition of an endpoint.
    pub(super) fn definition(&self, endpoint: &Name) -> u64 {
        self.doors.get(endpoint).map_or(0, |door| door.definition)
    }

    /// Knocks for one check. Says what the keeper is to know, if anything, and what the schedule is.
    pub(super) async fn knock(&self, id: &CheckId) -> (Option<Event>, End) {
        let nothing = || (None, End::unanswered(self.doorbell.clock.monotonic()));
        // The check may have left the configuration since its turn came.
        let Some(door) = self.doors.get(&id.endpoint) else {
            return nothing();
        };
        let mut checks = door.endpoint.checks.iter();
        let Some(check) = checks.find(|check| check.name == id.check) else {
            return nothing();
        };
        let knocked = match (&door.endpoint.tokens_of, &door.target) {
            (Some(credential), _) => self.doorbell.tend(credential, Manner::ComesBack).await,
            (None, Ok(target)) => self.knock_at(target, door, check).await,
            (None, Err(why)) => Ok((Err(failed(why)), Shown::default())),
        };
        match knocked {
            Ok(knocked) if overslept(&knocked, door.endpoint.timeout) => {
                warn!(
                    endpoint = id.endpoint.as_str(),
                    check = id.check.as_str(),
                    "this program stood still while a probe was under way; it says nothing"
                );
                nothing()
            }
            Ok(knocked) => self.observed(id, door, knocked),
            Err(Denied::Held(held)) => self.held(id, check, held),
            Err(Denied::NotYet) => (None, End::postponed()),
        }
    }

    /// Knocks for one check outside of its turns; `None` where nothing came of it.
    pub(super) async fn knock_again(
        &self,
        id: &CheckId,
        endpoint: &Arc<Endpoint>,
        timeout: Duration,
    ) -> Option<Observed> {
        let check = endpoint.checks.iter().find(|it| it.name == id.check)?;
        let target = self.doorbell.prober.target(endpoint).ok()?;
        let timeout = timeout.min(endpoint.timeout);
        let knocking = self
            .doorbell
            .knock(&target, check, timeout, Manner::ComesBack);
        let (outcome, shown) = knocking.await.ok()?;
        Some(Observed {
            id: id.clone(),
            endpoint: Arc::clone(endpoint),
            at: self.doorbell.clock.now(),
            outcome,
            shown,
            redactor: self.doorbell.keyring.redactor(),
        })
    }

    async fn knock_at(
        &self,
        target: &Target,
        door: &Door,
        check: &Check,
    ) -> Result<Knocked, Denied> {
        let timeout = door.endpoint.timeout;
        let knocking = self
            .doorbell
            .knock(target, check, timeout, Manner::ComesBack);
        knocking.await
    }

    fn observed(
        &self,
        id: &CheckId,
        door: &Door,
        (outcome, shown): Knocked,
    ) -> (Option<Event>, End) {
        let at = self.doorbell.clock.now();
        let end = match outcome.as_ref().ok().and_then(|seen| seen.answer()) {
            None => End::unanswered(self.doorbell.clock.monotonic()),
            Some(answer) => End {
                pushback: rest::asked(answer, at).map(|rest| Pushback {
                    retry_after: rest.retry_after,
                }),
                ..End::default()
            },
        };
        let observed = Observed {
            id: id.clone(),
            endpoint: Arc::clone(&door.endpoint),
            at,
            outcome,
            shown,
            redactor: self.doorbell.keyring.redactor(),
        };
        (Some(Event::Observed(Box::new(observed))), end)
    }

    /// A holder asks again at its next turn, because its secret may be another one by then; nothing
    /// else can end the hold of a refused credential sooner.
    fn held(&self, id: &CheckId, check: &Check, held: Held) -> (Option<Event>, End) {
        let end = if check.persona.is_holder() {
            End::unanswered(self.doorbell.clock.monotonic())
        } else {
            End {
                held: Some(held.until),
                ..End::default()
            }
        };
        let event = Event::Held {
            id: id.clone(),
            hold: Hold {
                until: self.wall_time(held.until),
                why: held.why,
                span: None,
            },
        };
        (Some(event), end)
    }

    /// The time of day at which an instant will come.
    pub(super) fn wall_time(&self, instant: Instant) -> Timestamp {
        let clock = &self.doorbell.clock;
        let left = instant.saturating_duration_since(clock.monotonic());
        let left = SignedDuration::try_from(left).unwrap_or(SignedDuration::ZERO);
        let until = clock.now().saturating_add(left).unwrap_or(Timestamp::MAX);
        // The same instant is to be the same time whenever it is asked for.
        until.round(Unit::Second).unwrap_or(until)
    }
}

/// Whether silence lasted so long beyond the timeout that nobody here was awake to end it in time.
fn overslept((outcome, _): &Knocked, timeout: Duration) -> bool {
    const LATE: Duration = Duration::from_secs(5);
    let silent = outcome.as_ref().ok().filter(|seen| seen.answer().is_none());
    silent.is_some_and(|seen| seen.duration > timeout + LATE)
}

fn failed(why: &str) -> Unpresentable {
    Unpresentable::new(Reason::ProbeFailed, why.to_owned())
}

impl Door {
    fn new(doorbell: &Doorbell, endpoint: Arc<Endpoint>, definition: u64) -> Self {
        let target = doorbell.prober.target(&endpoint);
        Self {
            target: target.map_err(|error| error.to_string()),
            endpoint,
            definition,
        }
    }
}

/// Names what an endpoint's definition says. A secret that stands in the configuration itself is not
/// part of it: secrets rotate without a new definition.
fn definition(endpoint: &Endpoint) -> u64 {
    let mut hash = Hash(DefaultHasher::new());
    // Writing into a hash never fails.
    let _written = write!(hash, "{endpoint:?}").is_ok();
    hash.0.finish()
}

struct Hash(DefaultHasher);

impl std::fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
