//! What is fetched once, kept while it holds, and shared by all who want the same: a token, a
//! session, what a program printed.

use std::fmt;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::clock::SharedClock;
use crate::domain::observation::Observation;
use crate::domain::presenter::{Provenance, Unpresentable};

/// How long it is kept where nobody says how long it holds.
const UNSAID: Duration = Duration::from_mins(5);

/// The longest that it is kept, whatever is said.
const LONGEST: Duration = Duration::from_hours(24 * 30);

/// How long before its end it is no longer good enough, unless a tenth of its life is less.
const MARGIN: Duration = Duration::from_mins(1);

/// How long a first failure answers all who want the same; each further one in a row doubles that.
const FAILURE: Duration = Duration::from_secs(1);

/// The longest that a failure answers.
const LONGEST_FAILURE: Duration = Duration::from_secs(30);

/// A refusal makes a new one be fetched no oftener than this: whoever refuses whatever it is shown
/// costs its provider one fetch a minute, and not one for each probe.
const BETWEEN_REFUSALS: Duration = Duration::from_mins(1);

/// One thing that is fetched and kept. Whoever fetches holds the lock, and the others wait for what
/// comes of it.
#[derive(Debug)]
pub(super) struct Lease<T>(Mutex<Held<T>>);

struct Held<T> {
    /// What was fetched last, when it was fetched, and until when it is handed out.
    kept: Option<(Granted<T>, Instant)>,
    /// What was fetched last, also where it has ended.
    last: Option<T>,
    failure: Option<Failure>,
    refused_at: Option<Instant>,
    /// What the provider was last seen to answer.
    seen: Option<Observation>,
}

struct Failure {
    why: Unpresentable,
    until: Instant,
    patience: Duration,
    /// Names the secrets that failed: others are shown at once.
    fingerprint: [u8; 32],
}

/// What a provider gave.
#[derive(Clone, Debug)]
pub(super) struct Granted<T> {
    pub(super) value: T,
    /// When it ends, as far as anybody said.
    pub(super) expires_at: Option<Timestamp>,
}

/// What came of fetching.
#[derive(Debug)]
pub(super) struct Fetched<T> {
    pub(super) outcome: Result<Granted<T>, Unpresentable>,
    /// What the provider answered, redacted; `None` where it was not asked.
    pub(super) seen: Option<Observation>,
}

/// What is handed out.
#[derive(Clone, Debug)]
pub(super) struct Leased<T> {
    pub(super) granted: Granted<T>,
    pub(super) provenance: Provenance,
}

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

impl<T> Default for Lease<T> {
    fn default() -> Self {
        Self(Mutex::new(Held {
            kept: None,
            last: None,
            failure: None,
            refused_at: None,
            seen: None,
        }))
    }
}

impl<T: Clone> Lease<T> {
    /// What is kept, or a new one. `prepare` reads the secrets that a new one takes and names them;
    /// `fetch` shows them, and is given what was fetched before.
    ///
    /// A failure answers for a while, unless the secrets have changed since.
    pub(super) async fn get<S>(
        &self,
        clock: &SharedClock,
        prepare: impl AsyncFnOnce() -> Result<(S, [u8; 32]), Unpresentable>,
        fetch: impl AsyncFnOnce(S, Option<T>) -> Fetched<T>,
    ) -> Result<Leased<T>, Unpresentable> {
        let mut held = self.0.lock().await;
        if let Some(granted) = held.kept(clock.monotonic()) {
            let provenance = Provenance::Kept;
            return Ok(Leased {
                granted,
                provenance,
            });
        }
        let (secrets, fingerprint) = prepare().await?;
        if let Some(why) = held.failure(fingerprint, clock.monotonic()) {
            return Err(why);
        }
        let Fetched { outcome, seen } = fetch(secrets, held.last.clone()).await;
        held.seen = seen;
        match outcome {
            Ok(granted) => {
                held.keep(granted.clone(), clock);
                let provenance = Provenance::Fetched;
                Ok(Leased {
                    granted,
                    provenance,
                })
            }
            Err(why) => {
                held.fail(why.clone(), fingerprint, clock.monotonic());
                Err(why)
            }
        }
    }

    /// Lets go of what was refused, unless another one took its place already; `is_it` knows it
    /// again. Whether the next caller gets something else.
    pub(super) fn refuse(&self, is_it: impl Fn(&T) -> bool, now: Instant) -> bool {
        // Where it is locked, a new one is on its way.
        let Ok(mut held) = self.0.try_lock() else {
            return true;
        };
        let Some((granted, _)) = &held.kept else {
            return true;
        };
        if !is_it(&granted.value) {
            return true;
        }
        let lately = |at: Instant| now.saturating_duration_since(at) < BETWEEN_REFUSALS;
        if held.refused_at.is_some_and(lately) {
            return false;
        }
        held.refused_at = Some(now);
        held.kept = None;
        true
    }

    /// What the provider was last seen to answer.
    pub(super) async fn seen(&self) -> Option<Observation> {
        self.0.lock().await.seen.clone()
    }
}

impl<T: Clone> Held<T> {
    fn kept(&self, now: Instant) -> Option<Granted<T>> {
        let (granted, until) = self.kept.as_ref()?;
        (now < *until).then(|| granted.clone())
    }

    /// The answer to those who waited, or who come too soon after a failure.
    fn failure(&self, fingerprint: [u8; 32], now: Instant) -> Option<Unpresentable> {
        let failure = self.failure.as_ref()?;
        let holds = now < failure.until && failure.fingerprint == fingerprint;
        holds.then(|| Unpresentable {
            // It was refused once, and is not shown again.
            rejected: false,
            ..failure.why.clone()
        })
    }

    fn keep(&mut self, granted: Granted<T>, clock: &SharedClock) {
        let now = clock.now();
        let left = granted.expires_at.map(|end| end.duration_since(now));
        let life = left.map_or(UNSAID, |left| Duration::try_from(left).unwrap_or_default());
        self.last = Some(granted.value.clone());
        self.kept = Some((granted, clock.monotonic() + good_for(life.min(LONGEST))));
        self.failure = None;
    }

    fn fail(&mut self, why: Unpresentable, fingerprint: [u8; 32], now: Instant) {
        let before = self.failure.take();
        let before = before.filter(|failure| failure.fingerprint == fingerprint);
        let patience = before.map_or(FAILURE, |failure| {
            (failure.patience * 2).min(LONGEST_FAILURE)
        });
        // What the provider gave may have ended before what was configured.
        if why.rejected {
            self.last = None;
        }
        self.failure = Some(Failure {
            why,
            until: now + patience,
            patience,
            fingerprint,
        });
    }
}

/// How long something is handed out: not up to its very end, lest it ends on its way.
fn good_for(life: Duration) -> Duration {
    life.saturating_sub(MARGIN.min(life / 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_a_minute_or_a_tenth_of_its_life_before_its_end() {
        let lives = [0, 10, 600, 3600].map(Duration::from_secs);
        assert_eq!(
            lives.map(good_for),
            [0, 9, 540, 3540].map(Duration::from_secs)
        );
    }
}
