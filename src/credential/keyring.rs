//! The keyring: every configured credential, and what each persona makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use http::HeaderName;
use http::header::AUTHORIZATION;
use url::Url;

use super::command::Programs;
use super::holdings::{Holdings, fingerprint};
use super::leases::Leases;
use super::login::{self, Sessions};
use super::oauth2::{Grant, Tokens};
use super::settings::{Credential, KeyPlace, PasswordUse, Settings, UserPassword};
use super::source::{self, Source};
use super::{certificate, impostor};
use crate::clock::SharedClock;
use crate::domain::check::{Disguise, Impostor, Name, Persona};
use crate::domain::courier::Courier;
use crate::domain::endpoint::Origin;
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
    held: Mutex<Holdings>,
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
        let of_kind = |kind: &'static str| {
            let all = settings.credentials.iter();
            all.filter_map(move |(name, it)| (it.kind() == kind).then_some(name))
        };
        let programs = Leases::new(of_kind("command"), |_| None);
        let sessions = Sessions {
            clock: Arc::clone(&clock),
            courier: Arc::clone(&courier),
            user_agent: settings.user_agent.clone(),
            leases: Leases::new(of_kind("login_form"), |_| None),
            names: Mutex::default(),
        };
        Self {
            programs: Programs::new(Arc::clone(&clock), programs),
            sessions,
            tokens: Tokens::new(Arc::clone(&clock), courier, settings.user_agent),
            source: Source::new(clock),
            credentials: settings.credentials,
            origins: settings.origins,
            nobody: format!("authvigil-nobody-{}", source::installation()),
            nobody_identity: OnceLock::new(),
            held: Mutex::default(),
        }
    }

    /// When the password of a credential is shown.
    pub fn shows_password(&self, name: &Name) -> PasswordUse {
        let credential = self.credentials.get(name);
        credential.map_or(PasswordUse::Never, Credential::shows_password)
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
    ///
    /// One that cannot be read says so when it is needed.
    pub async fn read_ahead(&self, personas: impl IntoIterator<Item = &Persona>) {
        // One that hangs does not keep the others waiting.
        let _needed_later = join_all(
            personas
                .into_iter()
                .map(|it| self.presentation(it, Purpose::Read)),
        )
        .await;
        self.held().settle();
    }

    /// Sees to it that what is fetched for a credential's holder is at hand, and says what its token
    /// endpoint or login was last seen to answer.
    pub async fn tend(&self, name: &Name) -> (Result<Observation, Unpresentable>, Shown) {
        let tended = async {
            let credential = self.find(name)?;
            let shown = self.rightful(name, credential, Purpose::Fetch).await?;
            let shown = Shown::of(&shown);
            let seen = match credential {
                Credential::OAuth2(wanted) => self.tokens.slot(wanted).seen().await,
                Credential::LoginForm(_) => match self.sessions.lease(name) {
                    Some(lease) => lease.seen().await,
                    None => None,
                },
                Credential::ApiKey { .. }
                | Credential::Authorization { .. }
                | Credential::Basic(_)
                | Credential::ClientCertificate { .. }
                | Credential::Command(_)
                | Credential::Digest(_)
                | Credential::RegistryToken(_) => None,
            };
            let nothing = || failed(format!("nothing is fetched for the credential `{name}`"));
            Ok((seen.ok_or_else(nothing)?, shown))
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
        match self.find(name) {
            Ok(Credential::OAuth2(wanted)) => {
                let is_it = |token: &Secret| {
                    let known = authorization("Bearer", token).fingerprint;
                    known == shown.fingerprint
                };
                shown.provenance == Provenance::Kept && self.tokens.refuse(wanted, is_it)
            }
            Ok(Credential::LoginForm(_)) => {
                let kept = shown.provenance == Provenance::Kept;
                kept && self.sessions.refuse(name, shown.fingerprint)
            }
            Ok(Credential::Command(_)) => {
                let kept = shown.provenance == Provenance::Kept;
                kept && self.programs.refuse(name, shown.fingerprint)
            }
            Ok(_) => {
                let now = self.fingerprint(persona).await;
                now.is_some() && now != shown.fingerprint
            }
            Err(_) => false,
        }
    }

    /// Names the bytes that a persona's secret has now, without telling them.
    pub async fn fingerprint(&self, persona: &Persona) -> Option<[u8; 32]> {
        self.source.forget();
        let read = self.presentation(persona, Purpose::Read).await;
        read.ok()?.fingerprint
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
                let chain = self.source.file(cert_file).await?;
                let key = self.source.file(key_file).await?;
                self.hold(&[&key]);
                certificate::presentation(&chain, &key)
            }
            Credential::OAuth2(wanted) => {
                let grant = async || self.grant(wanted).await;
                let register = |secrets: &[&Secret]| self.hold(secrets);
                let leased = self.tokens.token(wanted, grant, register).await;
                let leased = leased.map_err(|why| self.redacted(why))?;
                let token = leased.granted.value;
                let mut shown = authorization("Bearer", &token);
                shown.validity.until = leased.granted.expires_at.or(shown.validity.until);
                shown.provenance = leased.provenance;
                Ok(shown)
            }
            Credential::LoginForm(form) => {
                let wanted = login::Wanted { name, form };
                let register = |secrets: &[&Secret]| self.hold(secrets);
                let shown = self
                    .sessions
                    .holder(wanted, purpose, &self.source, register);
                shown.await.map_err(|why| self.redacted(why))
            }
            // Nothing is known of what a program prints before it has run.
            Credential::Command(_) if purpose == Purpose::Read => Ok(Presentation::default()),
            Credential::Command(command) => {
                let register = |secrets: &[&Secret]| self.hold(secrets);
                let shown = self.programs.holder(name, command, register);
                shown.await.map_err(|why| self.redacted(why))
            }
            Credential::Digest(_) | Credential::RegistryToken(_) => Err(not_yet(credential)),
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
            Credential::LoginForm(_) => Ok(self.sessions.made_up(name, &self.nobody)),
            Credential::Command(_) => Ok(self.programs.made_up(name, &nobody)),
            Credential::Digest(_) => Err(not_yet(credential)),
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
                self.read_from(path, impostor.credential.as_ref()).await
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
                        let register = |secrets: &[&Secret]| self.hold(secrets);
                        let shown = self
                            .sessions
                            .wrong_password(wanted, purpose, &nobody, register);
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
        Ok(with_token(credential, &token))
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
            (Credential::LoginForm(_), Disguise::Empty) => Ok(self.sessions.made_up(name, "")),
            (Credential::Command(_), Disguise::Empty) => {
                Ok(self.programs.made_up(name, &Secret::new("")))
            }
            (_, Disguise::Empty) => Ok(with_token(Some(credential), &Secret::new(""))),
            (
                Credential::Authorization {
                    credentials: token, ..
                }
                | Credential::ApiKey { value: token, .. },
                _,
            ) => {
                let token = self.source.read(token).await?;
                self.hold(&[&token]);
                let altered = self.altered_token(name, &token, disguise)?;
                Ok(with_token(Some(credential), &altered))
            }
            (Credential::Command(command), _) => {
                let register = |secrets: &[&Secret]| self.hold(secrets);
                let token = self.programs.token(name, command, register).await;
                let token = token.map_err(|why| self.redacted(why))?;
                let altered = self.altered_token(name, &token.value, disguise)?;
                Ok(authorization(&token.scheme, &altered))
            }
            _ => Err(not_yet(credential)),
        }
    }

    /// What an impostor makes of a token.
    fn altered_token(
        &self,
        name: &Name,
        token: &Secret,
        disguise: &Disguise,
    ) -> Result<Secret, Unpresentable> {
        let altered = alter(token.expose(), disguise).ok_or_else(|| {
            let word = disguise.as_str();
            failed(format!(
                "the token of `{name}` cannot be made `{word}`: is it a JWT?"
            ))
        })?;
        let altered = Secret::new(altered);
        // What was altered can be undone, and its claims are those of the real one.
        self.hold(&[&altered]);
        self.hold(&claims(token.expose()).iter().collect::<Vec<_>>());
        Ok(altered)
    }

    /// Reads what a token endpoint wants to see.
    async fn grant(&self, wanted: &OAuth2) -> Result<(Grant, [u8; 32]), Unpresentable> {
        let mut read = [None, None];
        let references = [&wanted.client_secret, &wanted.refresh_token];
        for (secret, reference) in read.iter_mut().zip(references) {
            if let Some(reference) = reference {
                let value = self.source.read(reference).await?;
                self.hold(&[&value]);
                *secret = Some(value);
            }
        }
        let [client_secret, refresh_token] = read;
        let named = [&client_secret, &refresh_token].map(|secret| {
            let bytes = secret.as_ref().map(Secret::expose);
            bytes.unwrap_or_default()
        });
        let fingerprint = fingerprint(&Secret::new(named.join(&b'\n')));
        let grant = Grant {
            client_secret,
            refresh_token,
        };
        Ok((grant, fingerprint))
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
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
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
            let grant = async || self.grant(wanted).await;
            let token = self
                .tokens
                .token(wanted, grant, |secrets| self.hold(secrets));
            let leased = token.await.map_err(|why| self.redacted(why))?;
            Ok(Token {
                value: leased.granted.value,
                expires_at: leased.granted.expires_at,
            })
        })
    }

    fn refuse(&self, wanted: &OAuth2, refused: &Secret) {
        let is_it = |token: &Secret| token == refused;
        let _another = self.tokens.refuse(wanted, is_it);
    }
}

fn alter(token: &[u8], disguise: &Disguise) -> Option<Vec<u8>> {
    match disguise {
        Disguise::Tampered => impostor::tampered(token),
        Disguise::Unsigned => impostor::unsigned(token),
        Disguise::Truncated => impostor::truncated(token),
        Disguise::Empty
        | Disguise::Expired(_)
        | Disguise::TokenFile(_)
        | Disguise::WrongPassword => None,
    }
}

/// Header and payload of a JWT, together and the payload alone.
fn claims(token: &[u8]) -> Vec<Secret> {
    let text = String::from_utf8_lossy(token);
    let Some((signed, _)) = text.rsplit_once('.') else {
        return Vec::new();
    };
    let payload = signed.split_once('.').map(|(_, payload)| payload);
    [Some(signed), payload]
        .into_iter()
        .flatten()
        .map(Secret::new)
        .collect()
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
        validity: impostor::validity(token.expose()),
        ..in_header(AUTHORIZATION, value)
    }
}

fn api_key(place: &KeyPlace, key: &Secret) -> Presentation {
    match place {
        KeyPlace::Header(name) => Presentation {
            validity: impostor::validity(key.expose()),
            ..in_header(name.clone(), key.clone())
        },
        KeyPlace::Query(name) => Presentation {
            validity: impostor::validity(key.expose()),
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
    Unpresentable {
        reason: Reason::ProbeFailed,
        detail,
        rejected: false,
    }
}

fn not_yet(credential: &Credential) -> Unpresentable {
    let kind = credential.kind();
    failed(format!(
        "this version of authvigil cannot present `{kind}` credentials in this way yet"
    ))
}
