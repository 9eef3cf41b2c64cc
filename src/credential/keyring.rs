//! The keyring: every configured credential, and what each persona makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, MutexGuard, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use http::HeaderName;
use http::header::AUTHORIZATION;
use url::Url;

use super::command::Programs;
use super::holdings::{Holdings, SharedHoldings, fingerprint};
use super::lease::{Leased, Ledger, Standing};
use super::leases::Leases;
use super::login::{self, Sessions};
use super::settings::{Credential, KeyPlace, PasswordUse, RegistryToken, Settings, UserPassword};
use super::source::{self, Source};
use super::tokens::{Fetcher, Tokens, Wanted};
use super::{certificate, digest, impostor, jwt, registry, tokens};
use crate::clock::SharedClock;
use crate::domain::check::{Disguise, Impostor, Name, Persona};
use crate::domain::courier::Courier;
use crate::domain::endpoint::Origin;
use crate::domain::fetches::{FetchOutcome, Fetches};
use crate::domain::finding::Reason;
use crate::domain::oauth2::OAuth2;
use crate::domain::observation::Observation;
use crate::domain::presenter::{
    Identity, Presentation, Presenter, Presenting, Provenance, Shown, Token, TokenSource,
    Unpresentable, Validity,
};
use crate::domain::secret::{Redactor, Secret, SecretRef};

/// Presents personas; knows every configured credential and what was last read of its secret.
#[derive(Debug)]
pub struct Keyring {
    source: Source,
    credentials: BTreeMap<Name, Credential>,
    /// Where each credential may be shown.
    origins: BTreeMap<Name, BTreeSet<Origin>>,
    /// A user that cannot exist; also a token and a key that nobody issued.
    nobody: String,
    nobody_identity: OnceLock<Result<Identity, Unpresentable>>,
    tokens: Tokens,
    sessions: Sessions,
    programs: Programs,
    held: SharedHoldings,
}

/// What a presentation is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose<'a> {
    /// To know the secrets behind it: nothing is logged in for, and no program runs.
    Read,
    /// To have what is fetched for it at hand.
    Fetch,
    /// To be shown to the endpoint at this URL.
    Show(&'a Url),
}

impl Keyring {
    /// A keyring that has read nothing yet.
    ///
    /// Whatever has to be asked of others, a token or a session, is asked by this `courier`.
    pub fn new(settings: Settings, clock: SharedClock, courier: Arc<dyn Courier>) -> Self {
        let fetcher = Fetcher {
            clock,
            courier,
            user_agent: settings.user_agent.clone(),
            holdings: SharedHoldings::default(),
        };
        Self::with(settings, fetcher, |_, _| None)
    }

    /// A keyring for other settings. What was fetched for a credential that is the same in both is
    /// kept, and so is the knowledge of every secret that was read.
    #[must_use]
    pub fn renewed(&self, settings: Settings) -> Self {
        let former = self.tokens.fetcher();
        let fetcher = Fetcher {
            clock: Arc::clone(&former.clock),
            courier: Arc::clone(&former.courier),
            user_agent: settings.user_agent.clone(),
            holdings: self.held.clone(),
        };
        Self::with(settings, fetcher, |name, credential| {
            let same = self.credentials.get(name) == Some(credential);
            same.then_some(self)
        })
    }

    /// A keyring that goes on from another one where `former` says so.
    fn with<'a>(
        settings: Settings,
        fetcher: Fetcher,
        former: impl Fn(&Name, &Credential) -> Option<&'a Self>,
    ) -> Self {
        let kept = |name: &Name, credential: &Credential| former(name, credential)?.tokens.of(name);
        let leases = |name: &Name| former(name, settings.credentials.get(name)?);
        let of_kind = |kind: &'static str| {
            let all = settings.credentials.iter();
            all.filter_map(move |(name, it)| (it.kind() == kind).then_some(name))
        };
        let sessions = Leases::new(of_kind("login_form"), |name| {
            leases(name)?.sessions.lease(name)
        });
        let programs = Leases::new(of_kind("command"), |name| {
            leases(name)?.programs.lease(name)
        });
        Self {
            sessions: Sessions::new(&fetcher, sessions),
            programs: Programs::new(&fetcher, programs),
            source: Source::new(Arc::clone(&fetcher.clock)),
            held: fetcher.holdings.clone(),
            tokens: Tokens::new(fetcher, &settings.credentials, kept),
            credentials: settings.credentials,
            origins: settings.origins,
            nobody: format!("authvigil-nobody-{}", source::installation()),
            nobody_identity: OnceLock::new(),
        }
    }

    /// When the password of a credential is shown.
    pub fn shows_password(&self, name: &Name) -> PasswordUse {
        let credential = self.credentials.get(name);
        credential.map_or(PasswordUse::Never, Credential::shows_password)
    }

    /// How often one probe may show the password of a credential: a Digest server may ask twice.
    pub fn shows_at_most(&self, name: &Name) -> usize {
        match self.credentials.get(name) {
            Some(Credential::Digest(_)) => 2,
            Some(_) | None => 1,
        }
    }

    /// The credentials of which a wrong one can lock an account.
    pub fn passwords(&self) -> impl Iterator<Item = &Name> {
        let has_password = |(_, credential): &(&Name, &Credential)| credential.has_password();
        self.credentials
            .iter()
            .filter(has_password)
            .map(|(name, _)| name)
    }

    /// Reads the secrets of all these personas, so that none is quoted before it was first shown.
    /// Nothing is fetched: what is fetched is known from that moment on.
    ///
    /// One that cannot be read says so when it is needed.
    pub async fn read_ahead(&self, personas: impl IntoIterator<Item = &Persona>) {
        // One that hangs does not keep the others waiting.
        let _needed_later = join_all(personas.into_iter().map(|it| self.read_of(it))).await;
        self.held().settle();
    }

    /// Sees to it that what is fetched for a credential's holder is at hand, and says what its token
    /// endpoint or login was last seen to answer. What still holds and cannot be renewed is a failure
    /// here, and here alone.
    pub async fn tend(&self, name: &Name) -> (Result<Observation, Unpresentable>, Shown) {
        let tended = async {
            let credential = self.find(name)?;
            let shown = Shown::of(&self.rightful(name, credential, Purpose::Fetch).await?);
            let standing = self.ledger(name).map(|ledger| ledger.standing());
            match standing {
                Some(Standing {
                    failure: Some(why), ..
                }) => Err(self.redacted(why)),
                Some(Standing {
                    seen: Some(seen), ..
                }) => Ok((seen, shown)),
                Some(_) | None => Err(failed(format!(
                    "nothing is fetched for the credential `{name}`"
                ))),
            }
        };
        match tended.await {
            Ok((seen, shown)) => (Ok(seen.redacted(&self.redactor())), shown),
            Err(why) => (Err(why), Shown::default()),
        }
    }

    /// Takes in that an endpoint refused what a persona showed. Says whether a second try would show
    /// something else: a secret that changed meanwhile, or a new token in the place of a kept one.
    pub async fn refused(&self, persona: &Persona, shown: &Shown) -> bool {
        let Persona::Holder(name) = persona else {
            return false;
        };
        if let Some(lease) = self.tokens.of(name) {
            let is_it = |token: &Secret| {
                let known = authorization("Bearer", token).fingerprint;
                known == shown.fingerprint
            };
            return shown.provenance == Provenance::Kept && self.tokens.refuse(&lease, is_it);
        }
        let kept = shown.provenance == Provenance::Kept;
        if self.sessions.lease(name).is_some() {
            return kept && self.sessions.refuse(name, shown.fingerprint);
        }
        if self.programs.lease(name).is_some() {
            return kept && self.programs.refuse(name, shown.fingerprint);
        }
        let now = self.fingerprint(persona).await;
        now.is_some() && now != shown.fingerprint
    }

    /// How often fetching came to what, for each credential that fetches anything: every outcome that
    /// there was, and from 0 those that are likely.
    pub fn fetches(&self) -> Vec<Fetches> {
        let ledgers = self
            .credentials
            .keys()
            .filter_map(|name| Some((name, self.ledger(name)?)));
        ledgers
            .flat_map(|(name, ledger)| {
                let mut counts = ledger.counts();
                for outcome in FetchOutcome::likely() {
                    counts.entry(outcome).or_default();
                }
                counts.into_iter().map(|(outcome, count)| Fetches {
                    credential: name.clone(),
                    outcome,
                    count,
                })
            })
            .collect()
    }

    /// What is known of what is fetched for a credential; `None` for kinds that fetch nothing.
    fn ledger(&self, name: &Name) -> Option<Arc<dyn Ledger>> {
        let token = self.tokens.of(name).map(|it| it as Arc<dyn Ledger>);
        let session = || self.sessions.lease(name).map(|it| it as Arc<dyn Ledger>);
        let printed = || self.programs.lease(name).map(|it| it as Arc<dyn Ledger>);
        token.or_else(session).or_else(printed)
    }

    /// Names the bytes that a persona's secret has now, without telling them: where something is
    /// fetched, those of what it is fetched with. Nothing is fetched for this.
    pub async fn fingerprint(&self, persona: &Persona) -> Option<[u8; 32]> {
        self.source.forget();
        self.read_of(persona).await.ok()?
    }

    /// Names the bytes that a persona would show now: as [`Self::fingerprint`], and from what was read
    /// a moment ago, where that is what would be shown.
    pub async fn name_bytes(&self, persona: &Persona) -> Option<[u8; 32]> {
        self.read_of(persona).await.ok()?
    }

    /// Reads a persona's secrets and names their bytes, as far as nothing has to be fetched for that.
    async fn read_of(&self, persona: &Persona) -> Result<Option<[u8; 32]>, Unpresentable> {
        match self.fetched_for(persona)? {
            Some(wanted) => Ok(Some(self.tokens.prepare(wanted, &self.source).await?)),
            None => Ok(self.presentation(persona, Purpose::Read).await?.fingerprint),
        }
    }

    /// What has to be fetched before the persona can be presented, if anything.
    fn fetched_for(&self, persona: &Persona) -> Result<Option<Wanted<'_>>, Unpresentable> {
        let name = match persona {
            Persona::Anonymous | Persona::Invalid(_) => None,
            Persona::Holder(name) => Some(name),
            Persona::Impostor(impostor) => match &impostor.disguise {
                Disguise::Empty | Disguise::Expired(_) | Disguise::TokenFile(_) => None,
                Disguise::Tampered
                | Disguise::Truncated
                | Disguise::Unsigned
                | Disguise::WrongPassword => impostor.credential.as_ref(),
            },
        };
        let credential = name.map(|name| self.find(name)).transpose()?;
        Ok(credential.and_then(Wanted::by))
    }

    async fn presentation(
        &self,
        persona: &Persona,
        purpose: Purpose<'_>,
    ) -> Result<Presentation, Unpresentable> {
        match persona {
            Persona::Anonymous => Ok(Presentation::default()),
            Persona::Invalid(name) => self.made_up(name, self.find(name)?),
            Persona::Holder(name) => self.rightful(name, self.find(name)?, purpose).await,
            Persona::Impostor(impostor) => self.disguised(impostor, purpose).await,
        }
    }

    /// A credential is shown where it was configured to be shown, and nowhere else.
    fn stay_home(&self, persona: &Persona, url: &Url) -> Result<(), Unpresentable> {
        let Some(name) = persona.credential() else {
            return Ok(());
        };
        let home = self.origins.get(name);
        if home.is_none_or(|origins| origins.contains(&Origin::of(url))) {
            return Ok(());
        }
        Err(failed(format!(
            "the credential `{name}` belongs to other origins than `{}`",
            url.origin().ascii_serialization()
        )))
    }

    fn find(&self, name: &Name) -> Result<&Credential, Unpresentable> {
        let missing = || failed(format!("the credential `{name}` is not configured"));
        self.credentials.get(name).ok_or_else(missing)
    }

    /// What the rightful holder shows.
    async fn rightful(
        &self,
        name: &Name,
        credential: &Credential,
        purpose: Purpose<'_>,
    ) -> Result<Presentation, Unpresentable> {
        match credential {
            Credential::Basic(UserPassword { username, password }) => {
                let password = self.source.read(password).await?;
                let pair = joined(username, password.expose());
                self.hold(&[&password, &pair]);
                Ok(basic(&pair))
            }
            Credential::Authorization {
                scheme,
                credentials,
            } => {
                let token = self.source.read(credentials).await?;
                self.hold(&[&token]);
                Ok(authorization(scheme, &token))
            }
            Credential::ApiKey { place, value } => {
                let key = self.source.read(value).await?;
                self.hold(&[&key]);
                Ok(api_key(place, &key))
            }
            Credential::ClientCertificate {
                cert_file,
                key_file,
            } => {
                let identity = certificate::of_files(&self.source, cert_file, key_file);
                identity
                    .await
                    .inspect(|(_, key)| self.hold(&[key]))
                    .map(|(shown, _)| shown)
            }
            Credential::OAuth2(wanted) => self.bearer(name, Wanted::OAuth2(wanted)).await,
            Credential::RegistryToken(wanted) => self.bearer(name, Wanted::Registry(wanted)).await,
            Credential::Digest(UserPassword { username, password }) => {
                let password = self.source.read(password).await?;
                self.hold(&[&password]);
                digest::presentation(username, password)
            }
            Credential::LoginForm(form) => {
                let wanted = login::Wanted { name, form };
                let shown = self.sessions.holder(wanted, purpose, &self.source).await;
                shown.map_err(|why| self.redacted(why))
            }
            // Nothing is known of what a program prints before it has run.
            Credential::Command(_) if purpose == Purpose::Read => Ok(Presentation::default()),
            Credential::Command(command) => {
                let shown = self.programs.holder(name, command).await;
                shown.map_err(|why| self.redacted(why))
            }
        }
    }

    /// A made-up credential of the same kind.
    fn made_up(&self, name: &Name, credential: &Credential) -> Result<Presentation, Unpresentable> {
        let nobody = Secret::new(self.nobody.as_str());
        match credential {
            Credential::Basic(_) => Ok(basic(&joined(&self.nobody, nobody.expose()))),
            Credential::Authorization { scheme, .. } => Ok(authorization(scheme, &nobody)),
            Credential::OAuth2(_) | Credential::RegistryToken(_) => {
                Ok(authorization("Bearer", &nobody))
            }
            Credential::ApiKey { place, .. } => Ok(api_key(place, &nobody)),
            Credential::ClientCertificate { .. } => {
                let identity = self
                    .nobody_identity
                    .get_or_init(|| certificate::made_up(&self.nobody));
                Ok(Presentation {
                    identity: Some(identity.clone()?),
                    ..Presentation::default()
                })
            }
            Credential::Digest(_) => digest::presentation(&self.nobody, nobody),
            Credential::LoginForm(_) => self.sessions.made_up(name, &self.nobody),
            Credential::Command(_) => self.programs.made_up(name, &nobody),
        }
    }

    /// What an impostor shows.
    async fn disguised(
        &self,
        impostor: &Impostor,
        purpose: Purpose<'_>,
    ) -> Result<Presentation, Unpresentable> {
        match &impostor.disguise {
            Disguise::Expired(path) | Disguise::TokenFile(path) => {
                let shown = self.read_from(path, impostor.credential.as_ref()).await?;
                self.is_an_impostor(impostor, path, shown).await
            }
            disguise @ (Disguise::Empty
            | Disguise::Tampered
            | Disguise::Truncated
            | Disguise::Unsigned
            | Disguise::WrongPassword) => {
                let name = impostor.credential.as_ref();
                let name = name.ok_or_else(|| failed("the impostor imitates nothing".into()))?;
                match (self.find(name)?, disguise) {
                    (Credential::LoginForm(form), Disguise::WrongPassword) => {
                        let wanted = login::Wanted { name, form };
                        let nobody = Secret::new(self.nobody.as_str());
                        let shown = self.sessions.wrong_password(wanted, purpose, &nobody);
                        shown.await.map_err(|why| self.redacted(why))
                    }
                    (Credential::Command(_), _) if purpose == Purpose::Read => {
                        Ok(Presentation::default())
                    }
                    (credential, disguise) => self.altered(name, credential, disguise).await,
                }
            }
        }
    }

    /// A token out of a file, presented the way the named credential is.
    async fn read_from(
        &self,
        path: &Path,
        like: Option<&Name>,
    ) -> Result<Presentation, Unpresentable> {
        let token = self.source.read(&SecretRef::File(path.to_owned())).await?;
        self.hold(&[&token]);
        let credential = like.map(|name| self.find(name)).transpose()?;
        if let Some(Credential::LoginForm(_)) = credential {
            let (shown, values) = login::stale(&token)?;
            self.hold(&values.iter().collect::<Vec<_>>());
            return Ok(shown);
        }
        if let (Some(name), Some(Credential::Command(_))) = (like, credential) {
            return self.programs.made_up(name, &token);
        }
        Ok(with_token(credential, &token))
    }

    /// A file may hold what must be let in: an alarm about that would be false.
    async fn is_an_impostor(
        &self,
        impostor: &Impostor,
        path: &Path,
        shown: Presentation,
    ) -> Result<Presentation, Unpresentable> {
        let path = path.display();
        let until = shown.validity.until;
        let is_expired = matches!(impostor.disguise, Disguise::Expired(_));
        if let Some(until) = until.filter(|until| is_expired && self.source.now() < *until) {
            return Err(failed(format!(
                "the token in `{path}` has not expired yet: it says that it holds until {until}"
            )));
        }
        if let Some(name) = &impostor.credential
            && self.is_holders(name, self.find(name)?, &shown).await
        {
            return Err(failed(format!(
                "the token in `{path}` is that of `{name}`, which must be let in"
            )));
        }
        Ok(shown)
    }

    /// Whether this is what the rightful holder shows now. Nothing is fetched to find out.
    async fn is_holders(&self, name: &Name, credential: &Credential, shown: &Presentation) -> bool {
        match credential {
            Credential::ApiKey { .. } | Credential::Authorization { .. } => {
                let holders = self.rightful(name, credential, Purpose::Read).await;
                holders.is_ok_and(|holders| holders.fingerprint == shown.fingerprint)
            }
            Credential::OAuth2(_) | Credential::RegistryToken(_) => {
                let now = self.tokens.fetcher().clock.monotonic();
                let lease = self.tokens.of(name);
                let token = lease.and_then(|lease| lease.current(now));
                let holders = token.map(|token| authorization("Bearer", &token.access_token));
                holders.is_some_and(|holders| holders.fingerprint == shown.fingerprint)
            }
            Credential::LoginForm(_) => self.sessions.is_current(name, shown),
            Credential::Command(_) => self.programs.is_current(name, shown),
            // A token is none of these, and altered ones are made of nothing.
            Credential::Basic(_) | Credential::ClientCertificate { .. } | Credential::Digest(_) => {
                false
            }
        }
    }

    async fn altered(
        &self,
        name: &Name,
        credential: &Credential,
        disguise: &Disguise,
    ) -> Result<Presentation, Unpresentable> {
        match (credential, disguise) {
            (Credential::Basic(_), Disguise::Empty) => Ok(basic(&Secret::new(":"))),
            (Credential::Basic(user), Disguise::WrongPassword) => {
                Ok(basic(&joined(&user.username, self.nobody.as_bytes())))
            }
            (Credential::LoginForm(_), Disguise::Empty) => self.sessions.made_up(name, ""),
            (Credential::Command(_), Disguise::Empty) => {
                self.programs.made_up(name, &Secret::new(""))
            }
            (Credential::Digest(_), Disguise::Empty) => digest::presentation("", Secret::new("")),
            (Credential::Digest(user), Disguise::WrongPassword) => {
                digest::presentation(&user.username, Secret::new(self.nobody.as_str()))
            }
            (_, Disguise::Empty) => Ok(with_token(Some(credential), &Secret::new(""))),
            (Credential::RegistryToken(wanted), Disguise::WrongPassword) => {
                self.with_wrong_password(name, wanted).await
            }
            (Credential::OAuth2(_) | Credential::RegistryToken(_), _) => {
                let wanted = Wanted::by(credential).ok_or_else(|| not_yet(credential))?;
                let token = self.token(name, wanted).await?.granted.value.access_token;
                let altered = altered(name, &token, disguise)?;
                self.held().hold_derived(name.as_str(), [&altered]);
                Ok(with_token(Some(credential), &altered))
            }
            (
                Credential::Authorization {
                    credentials: token, ..
                }
                | Credential::ApiKey { value: token, .. },
                _,
            ) => {
                let token = self.source.read(token).await?;
                self.hold(&[&token]);
                let altered = altered(name, &token, disguise)?;
                // What was altered can be undone, and its claims are those of the real one.
                self.hold(&[&altered]);
                Ok(with_token(Some(credential), &altered))
            }
            (Credential::Command(command), _) => {
                let token = self.programs.token(name, command).await;
                let token = token.map_err(|why| self.redacted(why))?;
                let altered = altered(name, &token.value, disguise)?;
                self.held().hold_derived(name.as_str(), [&altered]);
                Ok(authorization(&token.scheme, &altered))
            }
            _ => Err(not_yet(credential)),
        }
    }

    /// A token that is fetched: the one that is kept, or a new one.
    async fn token(
        &self,
        name: &Name,
        wanted: Wanted<'_>,
    ) -> Result<Leased<tokens::Token>, Unpresentable> {
        let leased = self.tokens.token(name, wanted, &self.source).await;
        leased.map_err(|why| self.redacted(why))
    }

    /// A token that is fetched, as its holder shows it (RFC 6750 §2.1).
    async fn bearer(&self, name: &Name, wanted: Wanted<'_>) -> Result<Presentation, Unpresentable> {
        let leased = self.token(name, wanted).await?;
        let mut shown = authorization("Bearer", &leased.granted.value.access_token);
        shown.validity.until = leased.granted.expires_at.or(shown.validity.until);
        shown.provenance = leased.provenance;
        Ok(shown)
    }

    /// What the token server gives to the real user with a made-up password: nothing, as it should
    /// be, and nothing is shown then.
    async fn with_wrong_password(
        &self,
        name: &Name,
        wanted: &RegistryToken,
    ) -> Result<Presentation, Unpresentable> {
        let whom = format!("{name} with a wrong password");
        let nobody = Secret::new(self.nobody.as_str());
        let fetched = registry::fetch(self.tokens.fetcher(), &whom, wanted, &nobody).await;
        match fetched.outcome {
            Ok(granted) => Ok(authorization("Bearer", &granted.value.access_token)),
            Err(why) if why.rejected => Ok(Presentation::default()),
            Err(why) => Err(self.redacted(why)),
        }
    }

    /// A server may repeat what it was asked with.
    fn redacted(&self, mut why: Unpresentable) -> Unpresentable {
        why.detail = self.redactor().text(&why.detail).into_owned();
        why
    }

    fn hold(&self, secrets: &[&Secret]) {
        self.held().hold(secrets.iter().copied());
    }

    fn held(&self) -> MutexGuard<'_, Holdings> {
        self.held.lock()
    }
}

impl Presenter for Keyring {
    fn present<'a>(&'a self, persona: &'a Persona, url: &'a Url) -> Presenting<'a, Presentation> {
        Box::pin(async move {
            self.stay_home(persona, url)?;
            self.presentation(persona, Purpose::Show(url)).await
        })
    }

    fn read<'a>(&'a self, secret: &'a SecretRef) -> Presenting<'a, Secret> {
        Box::pin(async move {
            let read = self.source.read(secret).await?;
            self.hold(&[&read]);
            Ok(read)
        })
    }

    fn redactor(&self) -> Redactor {
        self.held().redactor()
    }
}

impl TokenSource for Keyring {
    fn token<'a>(&'a self, wanted: &'a OAuth2) -> Presenting<'a, Token> {
        Box::pin(async move {
            let leased = self.tokens.token_of(wanted, &self.source).await;
            let granted = leased.map_err(|why| self.redacted(why))?.granted;
            Ok(Token {
                value: granted.value.access_token,
                expires_at: granted.expires_at,
            })
        })
    }

    fn refuse(&self, wanted: &OAuth2, refused: &Secret) {
        let place = self.tokens.place(wanted);
        let _another = self.tokens.refuse(&place, |token| token == refused);
    }
}

/// What an impostor makes of a token.
fn altered(name: &Name, token: &Secret, disguise: &Disguise) -> Result<Secret, Unpresentable> {
    let altered = impostor::altered(token.expose(), disguise).map(Secret::new);
    altered.map_err(|why| {
        let word = disguise.as_str();
        failed(format!("the token of `{name}` cannot be `{word}`: {why}"))
    })
}

fn joined(user: &str, password: &[u8]) -> Secret {
    Secret::new([user.as_bytes(), b":", password].concat())
}

/// RFC 7617 §2; the bytes of the configuration and of the file are UTF-8 as they are.
fn basic(pair: &Secret) -> Presentation {
    let mut shown = authorization("Basic", &Secret::new(STANDARD.encode(pair.expose())));
    shown.validity = Validity::default();
    shown
}

fn authorization(scheme: &str, token: &Secret) -> Presentation {
    let value = Secret::new([scheme.as_bytes(), b" ", token.expose()].concat());
    Presentation {
        validity: jwt::validity(token.expose()),
        ..in_header(AUTHORIZATION, value)
    }
}

fn api_key(place: &KeyPlace, key: &Secret) -> Presentation {
    match place {
        KeyPlace::Header(name) => Presentation {
            validity: jwt::validity(key.expose()),
            ..in_header(name.clone(), key.clone())
        },
        KeyPlace::Query(name) => Presentation {
            validity: jwt::validity(key.expose()),
            fingerprint: Some(fingerprint(key)),
            query: Some((name.clone(), key.clone())),
            ..Presentation::default()
        },
    }
}

fn with_token(credential: Option<&Credential>, token: &Secret) -> Presentation {
    match credential {
        Some(Credential::Authorization { scheme, .. }) => authorization(scheme, token),
        Some(Credential::ApiKey { place, .. }) => api_key(place, token),
        Some(
            Credential::Basic(_)
            | Credential::ClientCertificate { .. }
            | Credential::Digest(_)
            | Credential::Command(_)
            | Credential::LoginForm(_)
            | Credential::OAuth2(_)
            | Credential::RegistryToken(_),
        )
        | None => authorization("Bearer", token),
    }
}

fn in_header(name: HeaderName, value: Secret) -> Presentation {
    Presentation {
        fingerprint: Some(fingerprint(&value)),
        headers: vec![(name, value)],
        ..Presentation::default()
    }
}

fn failed(detail: String) -> Unpresentable {
    Unpresentable::new(Reason::ProbeFailed, detail)
}

fn not_yet(credential: &Credential) -> Unpresentable {
    let kind = credential.kind();
    failed(format!(
        "this version of authvigil cannot present `{kind}` credentials in this way yet"
    ))
}

#[cfg(test)]
mod tests;
