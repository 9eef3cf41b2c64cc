//! Tokens of token endpoints, by what was asked of them.

mod fetch;

use std::sync::{Arc, Mutex, PoisonError};

pub(super) use fetch::Grant;
use fetch::Token;

use super::lease::{Lease, Leased};
use crate::clock::SharedClock;
use crate::domain::courier::Courier;
use crate::domain::oauth2::OAuth2;
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Secret;

/// Every token that was fetched and still holds.
#[derive(Debug)]
pub(super) struct Tokens {
    clock: SharedClock,
    courier: Arc<dyn Courier>,
    user_agent: http::HeaderValue,
    slots: Mutex<Vec<(OAuth2, Arc<Lease<Token>>)>>,
}

impl Tokens {
    pub(super) fn new(
        clock: SharedClock,
        courier: Arc<dyn Courier>,
        user_agent: http::HeaderValue,
    ) -> Self {
        Self {
            clock,
            courier,
            user_agent,
            slots: Mutex::default(),
        }
    }

    /// The token that is kept, or a new one; `grant` reads the secrets that a new one takes and
    /// names them, and `register` is shown all secrets that came back.
    pub(super) async fn token(
        &self,
        wanted: &OAuth2,
        grant: impl AsyncFnOnce() -> Result<(Grant, [u8; 32]), Unpresentable>,
        register: impl Fn(&[&Secret]),
    ) -> Result<Leased<Secret>, Unpresentable> {
        let fetch = async |mut grant: Grant, last: Option<Token>| {
            if let (Some(configured), Some(newer)) = (
                &mut grant.refresh_token,
                last.and_then(|last| last.refresh_token),
            ) {
                *configured = newer;
            }
            let fetched = fetch::fetch(self, wanted, &grant).await;
            if let Ok(granted) = &fetched.outcome {
                let token = &granted.value;
                let secrets = [Some(&token.access_token), token.refresh_token.as_ref()];
                register(&secrets.into_iter().flatten().collect::<Vec<_>>());
            }
            fetched
        };
        let leased = self.slot(wanted).get(&self.clock, grant, fetch).await?;
        Ok(Leased {
            granted: super::lease::Granted {
                value: leased.granted.value.access_token,
                expires_at: leased.granted.expires_at,
            },
            provenance: leased.provenance,
        })
    }

    /// Lets go of a token that was refused; whether the next caller gets another one.
    pub(super) fn refuse(&self, wanted: &OAuth2, is_it: impl Fn(&Secret) -> bool) -> bool {
        let now = self.clock.monotonic();
        let is_it = |token: &Token| is_it(&token.access_token);
        self.slot(wanted).refuse(is_it, now)
    }

    /// The place of a token, whether it was fetched or not.
    pub(super) fn slot(&self, wanted: &OAuth2) -> Arc<Lease<Token>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = slots.iter().find(|(known, _)| known == wanted) {
            return Arc::clone(slot);
        }
        let slot = Arc::<Lease<Token>>::default();
        slots.push((wanted.clone(), Arc::clone(&slot)));
        slot
    }
}
