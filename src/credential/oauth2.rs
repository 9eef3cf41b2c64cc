//! Tokens: each is fetched once, kept while it holds, and shared by all who want the same.

mod fetch;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) use fetch::Grant;
use fetch::{Client, Failed, Granted};

use crate::clock::SharedClock;
use crate::domain::oauth2::OAuth2;
use crate::domain::presenter::{Token, Unpresentable};
use crate::domain::secret::Secret;

/// How long a token is kept whose endpoint does not say how long it holds.
const UNSAID: Duration = Duration::from_mins(5);

/// The longest that a token is kept, whatever its endpoint says.
const LONGEST: Duration = Duration::from_hours(24 * 30);

/// How long before its end a token is no longer good enough, unless a tenth of its life is less.
const MARGIN: Duration = Duration::from_mins(1);

/// How long a failure answers those who waited for the same token, so that an endpoint that hangs
/// is not asked by each of them in turn.
const FAILURE: Duration = Duration::from_secs(1);

/// Every token that was fetched and still holds.
#[derive(Debug)]
pub(super) struct Tokens {
    clock: SharedClock,
    client: Client,
    slots: Mutex<Vec<(OAuth2, Arc<Slot>)>>,
}

/// One token. Whoever fetches holds the lock, and the others wait for what comes of it.
type Slot = tokio::sync::Mutex<Held>;

#[derive(Default)]
struct Held {
    token: Option<(Token, Instant)>,
    failure: Option<(Unpresentable, Instant)>,
    /// What the endpoint gave in the place of the configured refresh token (RFC 6749 §6).
    refresh_token: Option<Secret>,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            client: Client::default(),
            slots: Mutex::default(),
        }
    }

    /// The token that is kept, or a new one; `grant` reads the secrets that a new one takes, and
    /// `register` is shown all secrets that came back.
    pub(super) async fn token(
        &self,
        wanted: &OAuth2,
        grant: impl AsyncFnOnce() -> Result<Grant, Unpresentable>,
        register: impl Fn(&[&Secret]),
    ) -> Result<Token, Unpresentable> {
        let slot = self.slot(wanted);
        let mut held = slot.lock().await;
        if let Some(kept) = held.kept(self.clock.monotonic()) {
            return kept;
        }
        let fetched = self.fetch(wanted, grant, &mut held).await;
        let now = self.clock.monotonic();
        match fetched {
            Ok(granted) => {
                let secrets = [Some(&granted.access_token), granted.refresh_token.as_ref()];
                let secrets: Vec<&Secret> = secrets.into_iter().flatten().collect();
                register(&secrets);
                Ok(self.keep(&mut held, granted, now))
            }
            Err(Failed { why, refused }) => {
                // What the endpoint gave may have ended before what was configured.
                if refused {
                    held.refresh_token = None;
                }
                held.failure = Some((why.clone(), now + FAILURE));
                Err(why)
            }
        }
    }

    /// Forgets a token that was refused, unless another one took its place already.
    pub(super) fn refuse(&self, wanted: &OAuth2, refused: &Secret) {
        // Where it is locked, a new one is on its way.
        if let Ok(mut held) = self.slot(wanted).try_lock()
            && held
                .token
                .as_ref()
                .is_some_and(|(token, _)| token.value == *refused)
        {
            held.token = None;
        }
    }

    async fn fetch(
        &self,
        wanted: &OAuth2,
        grant: impl AsyncFnOnce() -> Result<Grant, Unpresentable>,
        held: &mut Held,
    ) -> Result<Granted, Failed> {
        let unread = |why| Failed {
            why,
            refused: false,
        };
        let mut grant = grant().await.map_err(unread)?;
        if let (Some(configured), Some(newer)) = (&mut grant.refresh_token, &held.refresh_token) {
            *configured = newer.clone();
        }
        self.client.fetch(wanted, &grant).await
    }

    fn keep(&self, held: &mut Held, granted: Granted, now: Instant) -> Token {
        let life = granted.life.unwrap_or(UNSAID).min(LONGEST);
        let token = Token {
            value: granted.access_token,
            expires_at: granted.life.map(|_said| self.clock.now() + life),
        };
        held.token = Some((token.clone(), now + good_for(life)));
        held.failure = None;
        if granted.refresh_token.is_some() {
            held.refresh_token = granted.refresh_token;
        }
        token
    }

    fn slot(&self, wanted: &OAuth2) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = slots.iter().find(|(known, _)| known == wanted) {
            return Arc::clone(slot);
        }
        let slot = Arc::<Slot>::default();
        slots.push((wanted.clone(), Arc::clone(&slot)));
        slot
    }
}

impl Held {
    fn kept(&self, now: Instant) -> Option<Result<Token, Unpresentable>> {
        match (&self.token, &self.failure) {
            (Some((token, until)), _) if now < *until => Some(Ok(token.clone())),
            (_, Some((why, until))) if now < *until => Some(Err(why.clone())),
            _ => None,
        }
    }
}

/// How long a token is handed out: not up to its very end, lest it ends on its way.
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
