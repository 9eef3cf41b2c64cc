//! Tokens that are fetched: each credential keeps one, and so does whoever asks for one by what it
//! takes, as mail does.

mod fetcher;
#[cfg(test)]
pub(super) mod samples;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) use fetcher::{
    Failed, Fetcher, Granting, LARGEST, object, presentable, refusal, seconds,
};

use super::lease::{Fetched, Lease, Leased};
use super::settings::{Credential, RegistryToken};
use super::source::Source;
use super::{oauth2, registry};
use crate::domain::check::Name;
use crate::domain::oauth2::OAuth2;
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Secret;

/// What a token server gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) access_token: Secret,
    /// What the server gave in the place of the configured one (RFC 6749 §6).
    pub(super) refresh_token: Option<Secret>,
}

/// What a token is fetched by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    /// By a grant of OAuth 2.0.
    OAuth2(&'a OAuth2),
    /// By a user's password, at a registry's token server.
    Registry(&'a RegistryToken),
}

impl<'a> Wanted<'a> {
    /// What a credential asks for, where it is of a kind whose tokens are fetched.
    pub(super) fn by(credential: &'a Credential) -> Option<Self> {
        match credential {
            Credential::OAuth2(wanted) => Some(Self::OAuth2(wanted)),
            Credential::RegistryToken(wanted) => Some(Self::Registry(wanted)),
            Credential::ApiKey { .. }
            | Credential::Authorization { .. }
            | Credential::Basic(_)
            | Credential::ClientCertificate { .. }
            | Credential::Command(_)
            | Credential::Digest(_)
            | Credential::LoginForm(_) => None,
        }
    }
}

/// Every token that was fetched and still holds.
#[derive(Debug)]
pub(super) struct Tokens {
    fetcher: Fetcher,
    by_name: BTreeMap<Name, Arc<Lease<Token>>>,
    by_value: Mutex<Vec<(OAuth2, Arc<Lease<Token>>)>>,
}

impl Tokens {
    /// No token yet, and a place for one for each of these credentials that fetches any; `kept` is
    /// the place that a credential had before.
    pub(super) fn new(
        fetcher: Fetcher,
        credentials: &BTreeMap<Name, Credential>,
        kept: impl Fn(&Name, &Credential) -> Option<Arc<Lease<Token>>>,
    ) -> Self {
        let fetching = credentials
            .iter()
            .filter(|(_, credential)| Wanted::by(credential).is_some());
        let place = |(name, credential): (&Name, &Credential)| {
            let place = kept(name, credential).unwrap_or_default();
            (name.clone(), place)
        };
        Self {
            fetcher,
            by_name: fetching.map(place).collect(),
            by_value: Mutex::default(),
        }
    }

    /// The place of a credential's token, whether it was fetched or not.
    pub(super) fn of(&self, name: &Name) -> Option<Arc<Lease<Token>>> {
        self.by_name.get(name).map(Arc::clone)
    }

    /// What fetching takes.
    pub(super) fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }

    /// Reads what a new token takes, and names its bytes; nothing is fetched.
    pub(super) async fn prepare(
        &self,
        wanted: Wanted<'_>,
        source: &Source,
    ) -> Result<[u8; 32], Unpresentable> {
        match wanted {
            Wanted::OAuth2(wanted) => {
                let (_grant, name) = oauth2::prepare(&self.fetcher, wanted, source).await?;
                Ok(name)
            }
            Wanted::Registry(wanted) => {
                let (_password, name) = registry::prepare(&self.fetcher, wanted, source).await?;
                Ok(name)
            }
        }
    }

    /// The token of a credential: the one that is kept, or a new one.
    pub(super) async fn token(
        &self,
        name: &Name,
        wanted: Wanted<'_>,
        source: &Source,
    ) -> Result<Leased<Token>, Unpresentable> {
        let lease = self.of(name).unwrap_or_default();
        match wanted {
            Wanted::OAuth2(wanted) => self.granted(&lease, name.as_str(), wanted, source).await,
            Wanted::Registry(wanted) => {
                let prepare = async || registry::prepare(&self.fetcher, wanted, source).await;
                let fetch = async |password: Secret, _last: Option<Token>| {
                    registry::fetch(&self.fetcher, name.as_str(), wanted, &password).await
                };
                lease.get(&self.fetcher.clock, prepare, fetch).await
            }
        }
    }

    /// A token for those who have no credential's name.
    pub(super) async fn token_of(
        &self,
        wanted: &OAuth2,
        source: &Source,
    ) -> Result<Leased<Token>, Unpresentable> {
        let whom = format!("{} at {}", wanted.client_id, wanted.token_url);
        let lease = self.place(wanted);
        self.granted(&lease, &whom, wanted, source).await
    }

    /// Lets go of a token that was refused; `is_it` knows it again. Whether the next caller gets
    /// another one.
    pub(super) fn refuse(&self, lease: &Lease<Token>, is_it: impl Fn(&Secret) -> bool) -> bool {
        let now = self.fetcher.clock.monotonic();
        lease.refuse(|token| is_it(&token.access_token), now)
    }

    /// The place of a token that is asked for by what it takes.
    pub(super) fn place(&self, wanted: &OAuth2) -> Arc<Lease<Token>> {
        let mut places = self.by_value.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, place)) = places.iter().find(|(known, _)| known == wanted) {
            return Arc::clone(place);
        }
        let place = Arc::<Lease<Token>>::default();
        places.push((wanted.clone(), Arc::clone(&place)));
        place
    }

    async fn granted(
        &self,
        lease: &Lease<Token>,
        whom: &str,
        wanted: &OAuth2,
        source: &Source,
    ) -> Result<Leased<Token>, Unpresentable> {
        let prepare = async || oauth2::prepare(&self.fetcher, wanted, source).await;
        let fetch = async |grant: oauth2::Grant, last: Option<Token>| -> Fetched<Token> {
            let grant = grant.after(last);
            oauth2::fetch(&self.fetcher, whom, wanted, &grant).await
        };
        lease.get(&self.fetcher.clock, prepare, fetch).await
    }
}
