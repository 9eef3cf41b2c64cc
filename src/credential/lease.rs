//! What is fetched once, kept while it holds, and shared by all who want the same: a token, a
//! session, what a program printed.

mod fetched;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(super) use fetched::{Fetched, Granted};

use crate::clock::SharedClock;
use crate::domain::fetches::FetchOutcome;
use crate::domain::observation::Observation;
use crate::domain::presenter::{Provenance, Unpresentable};

/// How long it is kept where nobody says how long it holds.
const UNSAID: Duration = Duration::from_mins(5);

/// The longest that it is kept, whatever is said.
const LONGEST: Duration = Duration::from_hours(24 * 30);

/// How long before its end it is renewed, unless a tenth of its life is less.
const MARGIN: Duration = Duration::from_mins(1);

/// How long a first failure answers all who want the same; each further one in a row doubles that.
const FAILURE: Duration = Duration::from_secs(1);

/// The longest that a failure answers, unless the provider asks for more.
const LONGEST_FAILURE: Duration = Duration::from_secs(30);

/// How long a first failure answers where a secret was sent and no answer came, and how much longer each
/// further one in a row: whoever is slow to refuse is shown it four times in a quarter of an hour.
const UNANSWERED: (Duration, Duration) = (Duration::from_mins(1), Duration::from_mins(2));

/// The longest that such a failure answers.
const LONGEST_UNANSWERED: Duration = Duration::from_mins(7);

/// The longest that a provider which asks for rest is left alone.
const LONGEST_REST: Duration = Duration::from_mins(5);

/// A refusal makes a new one be fetched no oftener than this: whoever refuses whatever it is shown
/// costs its provider one fetch a minute, and not one for each probe.
const BETWEEN_REFUSALS: Duration = Duration::from_mins(1);

/// One thing that is fetched and kept.
///
/// Whoever fetches has the turn, and the others wait for what comes of it. Whoever gives up
/// half-way leaves everything as it was, and the next one fetches.
#[derive(Debug)]
pub(super) struct Lease<T> {
    turn: tokio::sync::Mutex<()>,
    held: Mutex<Held<T>>,
}

/// What can be said of a lease, whatever it is of.
pub(super) trait Ledger: fmt::Debug + Send + Sync {
    /// How often fetching came to what.
    fn counts(&self) -> BTreeMap<FetchOutcome, u64>;

    /// How things stand with its provider.
    fn standing(&self) -> Standing;
}

/// How things stand with a provider.
#[derive(Debug)]
pub(super) struct Standing {
    /// What it was last seen to answer, without the body.
    pub(super) seen: Option<Observation>,
    /// Why it gave nothing when it was last asked.
    pub(super) failure: Option<Unpresentable>,
}

/// What is handed out.
#[derive(Clone, Debug)]
pub(super) struct Leased<T> {
    pub(super) granted: Granted<T>,
    pub(super) provenance: Provenance,
}

struct Held<T> {
    kept: Option<Kept<T>>,
    /// What was fetched last, also where it has ended.
    last: Option<T>,
    failure: Option<Failure>,
    refused_at: Option<Instant>,
    seen: Option<Observation>,
    /// How many fetches have come to an end.
    fetches: u64,
    counts: BTreeMap<FetchOutcome, u64>,
}

struct Kept<T> {
    granted: Granted<T>,
    /// From here on a new one is fetched.
    renew_at: Instant,
    /// Until then it is better than nothing.
    ends_at: Instant,
}

struct Failure {
    why: Unpresentable,
    until: Instant,
    patience: Duration,
    /// Names the secrets that failed: others are shown at once.
    fingerprint: [u8; 32],
}

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

impl<T> Default for Lease<T> {
    fn default() -> Self {
        let held = Held {
            kept: None,
            last: None,
            failure: None,
            refused_at: None,
            seen: None,
            fetches: 0,
            counts: BTreeMap::new(),
        };
        Self {
            turn: tokio::sync::Mutex::default(),
            held: Mutex::new(held),
        }
    }
}

impl<T: Clone> Lease<T> {
    /// What is kept, or a new one. `prepare` reads the secrets that a new one takes and names them;
    /// `fetch` shows them, and is given what was fetched before.
    ///
    /// A failure answers for a while, unless the secrets have changed since; one to renew does not
    /// cost what still holds, unless the secrets were refused.
    pub(super) async fn get<S>(
        &self,
        clock: &SharedClock,
        prepare: impl AsyncFnOnce() -> Result<(S, [u8; 32]), Unpresentable>,
        fetch: impl AsyncFnOnce(S, Option<T>) -> Fetched<T>,
    ) -> Result<Leased<T>, Unpresentable> {
        let before = {
            let held = self.held();
            if let Some(kept) = held.kept(clock.monotonic()) {
                return Ok(kept);
            }
            held.fetches
        };
        let _turn = self.turn.lock().await;
        if let Some(leased) = self.held().meanwhile(before) {
            return Ok(leased);
        }
        let (secrets, fingerprint) = prepare().await?;
        let last = {
            let held = self.held();
            if let Some(why) = held.failure(before, fingerprint, clock.monotonic()) {
                return held.still(why, clock.monotonic());
            }
            held.last.clone()
        };
        let begun = clock.monotonic();
        let fetched = fetch(secrets, last).await;
        let took = clock.monotonic().saturating_duration_since(begun);
        self.held().take(fetched, fingerprint, took, clock)
    }

    /// Lets go of what was refused, unless another one took its place already; `is_it` knows it
    /// again. Whether the next caller gets something else.
    pub(super) fn refuse(&self, is_it: impl Fn(&T) -> bool, now: Instant) -> bool {
        let mut held = self.held();
        if !held
            .kept
            .as_ref()
            .is_some_and(|it| is_it(&it.granted.value))
        {
            return true;
        }
        let lately = |at: Instant| now.saturating_duration_since(at) < BETWEEN_REFUSALS;
        if held.refused_at.is_some_and(lately) {
            return false;
        }
        held.refused_at = Some(now);
        held.kept = None;
        held.count(FetchOutcome::Refused);
        true
    }

    /// What was fetched last, also where it has ended.
    pub(super) fn last(&self) -> Option<T> {
        self.held().last.clone()
    }

    /// Why there was nothing, when it was last asked for.
    pub(super) fn failure(&self) -> Option<Unpresentable> {
        self.held().failure.as_ref().map(Failure::again)
    }

    /// What is kept and holds.
    pub(super) fn current(&self, now: Instant) -> Option<T> {
        let held = self.held();
        let kept = held.kept.as_ref().filter(|kept| now < kept.ends_at)?;
        Some(kept.granted.value.clone())
    }

    fn held(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone + fmt::Debug + Send> Ledger for Lease<T> {
    fn counts(&self) -> BTreeMap<FetchOutcome, u64> {
        self.held().counts.clone()
    }

    fn standing(&self) -> Standing {
        let held = self.held();
        Standing {
            seen: held.seen.clone(),
            failure: held.failure.as_ref().map(Failure::again),
        }
    }
}

impl<T: Clone> Held<T> {
    fn kept(&self, now: Instant) -> Option<Leased<T>> {
        let kept = self.kept.as_ref().filter(|kept| now < kept.renew_at)?;
        Some(kept.handed_out(Provenance::Kept))
    }

    /// What was fetched while the caller waited, however short it holds: nobody fetches again for
    /// those who wanted it at the same time.
    fn meanwhile(&self, before: u64) -> Option<Leased<T>> {
        let has_come = self.fetches != before && self.failure.is_none();
        let kept = self.kept.as_ref().filter(|_| has_come)?;
        Some(kept.handed_out(Provenance::Fetched))
    }

    /// The answer to those who waited, or who come too soon after a failure.
    fn failure(&self, before: u64, fingerprint: [u8; 32], now: Instant) -> Option<Unpresentable> {
        let failure = self.failure.as_ref()?;
        let holds = now < failure.until || self.fetches != before;
        (holds && failure.fingerprint == fingerprint).then(|| failure.again())
    }

    /// What could not be renewed, where it holds on for a while.
    fn still(&self, why: Unpresentable, now: Instant) -> Result<Leased<T>, Unpresentable> {
        let kept = self.kept.as_ref().filter(|kept| now < kept.ends_at);
        match kept.filter(|_| !why.rejected) {
            Some(kept) => Ok(kept.handed_out(Provenance::Kept)),
            None => Err(why),
        }
    }

    /// Takes in what came of fetching, which took this long.
    fn take(
        &mut self,
        fetched: Fetched<T>,
        fingerprint: [u8; 32],
        took: Duration,
        clock: &SharedClock,
    ) -> Result<Leased<T>, Unpresentable> {
        self.fetches += 1;
        self.count(fetched.came_to());
        let rest = fetched.rest(clock.now()).unwrap_or_default();
        self.seen = fetched.seen.map(Fetched::<T>::bodiless);
        match fetched.outcome {
            Ok(granted) => Ok(self.keep(granted, clock)),
            Err(why) => {
                let now = clock.monotonic();
                // One that hangs is not asked all the time.
                let least = took.min(LONGEST_FAILURE).max(rest.min(LONGEST_REST));
                self.fail(why.clone(), fingerprint, least, now);
                self.still(why, now)
            }
        }
    }

    fn keep(&mut self, granted: Granted<T>, clock: &SharedClock) -> Leased<T> {
        let left = granted
            .expires_at
            .map(|end| end.duration_since(clock.now()));
        let life = left.map_or(UNSAID, |left| Duration::try_from(left).unwrap_or_default());
        let life = life.min(LONGEST);
        let now = clock.monotonic();
        self.failure = None;
        self.last = Some(granted.value.clone());
        let kept = self.kept.insert(Kept {
            granted,
            renew_at: now + good_for(life),
            ends_at: now + life,
        });
        kept.handed_out(Provenance::Fetched)
    }

    fn fail(&mut self, why: Unpresentable, fingerprint: [u8; 32], least: Duration, now: Instant) {
        let before = self.failure.take();
        let before = before.filter(|failure| failure.fingerprint == fingerprint);
        let before = before.map(|failure| failure.patience);
        let patience = patience(before, why.unanswered);
        // What the provider gave may have ended before what was configured.
        if why.rejected {
            self.last = None;
        }
        self.failure = Some(Failure {
            why,
            until: now + patience.max(least),
            patience,
            fingerprint,
        });
    }

    fn count(&mut self, outcome: FetchOutcome) {
        *self.counts.entry(outcome).or_default() += 1;
    }
}

impl<T: Clone> Kept<T> {
    fn handed_out(&self, provenance: Provenance) -> Leased<T> {
        Leased {
            granted: self.granted.clone(),
            provenance,
        }
    }
}

impl Failure {
    /// The same once more. What was refused once is not shown again.
    fn again(&self) -> Unpresentable {
        Unpresentable {
            rejected: false,
            unanswered: false,
            ..self.why.clone()
        }
    }
}

/// How long a failure answers, after one that answered so long.
fn patience(before: Option<Duration>, unanswered: bool) -> Duration {
    let (first, more) = UNANSWERED;
    match before {
        Some(before) if unanswered && before >= first => (before + more).min(LONGEST_UNANSWERED),
        Some(_) | None if unanswered => first,
        Some(before) => (before * 2).min(LONGEST_FAILURE),
        None => FAILURE,
    }
}

/// How long something is handed out before it is renewed: not up to its very end, lest it ends on
/// its way.
fn good_for(life: Duration) -> Duration {
    life.saturating_sub(MARGIN.min(life / 10))
}

#[cfg(test)]
mod tests;
