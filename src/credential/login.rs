//! Sessions behind login forms: one login for all checks that want the same session.
//!
//! A login opens the page with the form, fills the form in as it stands there, and sends it; the
//! cookies that come on the way are the session. Each login starts with an empty jar, and nothing
//! that a watched endpoint sets gets into it.

mod form;
mod jar;
mod walk;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::COOKIE;
use jar::Jar;
use jiff::Timestamp;
use url::Url;
use walk::Walk;

use super::holdings::{SharedHoldings, fingerprint};
use super::keyring::Purpose;
use super::lease::{Fetched, Granted, Lease, Leased};
use super::leases::Leases;
use super::settings::LoginForm;
use super::source::Source;
use super::tokens::Fetcher;
use crate::clock::SharedClock;
use crate::domain::check::Name;
use crate::domain::courier::Courier;
use crate::domain::finding::Reason;
use crate::domain::presenter::{Presentation, Unpresentable};
use crate::domain::secret::Secret;

/// How long a session is kept where no cookie says how long it holds: one that idles is ended by many
/// sites, and one that ends is let go where the endpoint refuses it.
const UNSAID: Duration = Duration::from_hours(1);

/// The cookie of a made-up session where no real one was seen yet.
const USUAL: &str = "session";

/// Cookies with shorter values prove nobody's identity. They are words such as `yes` and `dark`, and a
/// report without these could not be read any more.
const SHORTEST: usize = 8;

/// How many cookies are named in a message.
const NAMED: usize = 5;

/// Every session that was logged in for, and still holds.
#[derive(Debug)]
pub(super) struct Sessions {
    clock: SharedClock,
    courier: Arc<dyn Courier>,
    user_agent: HeaderValue,
    holdings: SharedHoldings,
    leases: Leases<Session>,
}

/// A credential with a login form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// What it is called.
    pub(super) name: &'a Name,
    /// How to log in.
    pub(super) form: &'a LoginForm,
}

/// A session: the cookies that a login gave.
#[derive(Clone)]
pub(super) struct Session {
    jar: Arc<Jar>,
    fingerprint: [u8; 32],
    /// When it ends, as far as its cookies say.
    until: Option<Timestamp>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Sessions {
    /// Sessions that are kept in these places, and fetched as tokens are.
    pub(super) fn new(fetcher: &Fetcher, leases: Leases<Session>) -> Self {
        Self {
            clock: Arc::clone(&fetcher.clock),
            courier: Arc::clone(&fetcher.courier),
            user_agent: fetcher.user_agent.clone(),
            holdings: fetcher.holdings.clone(),
            leases,
        }
    }

    /// Where a credential's session is kept.
    pub(super) fn lease(&self, name: &Name) -> Option<Arc<Lease<Session>>> {
        self.leases.of(name)
    }

    /// Lets go of a session that was refused; whether the next caller gets another one.
    pub(super) fn refuse(&self, name: &Name, fingerprint: Option<[u8; 32]>) -> bool {
        let is_it = |session: &Session| Some(session.fingerprint) == fingerprint;
        let lease = self.leases.of(name);
        lease.is_some_and(|lease| lease.refuse(is_it, self.clock.monotonic()))
    }

    /// What the rightful holder shows: the session's cookies, as far as they belong to the URL.
    pub(super) async fn holder(
        &self,
        wanted: Wanted<'_>,
        purpose: Purpose<'_>,
        source: &Source,
    ) -> Result<Presentation, Unpresentable> {
        if purpose == Purpose::Read {
            let (_, fingerprint) = self.prepare(wanted, source).await?;
            return Ok(Presentation {
                fingerprint: Some(fingerprint),
                ..Presentation::default()
            });
        }
        let leased = self.session(wanted, source).await?;
        let session = leased.granted.value;
        let mut shown = match purpose {
            Purpose::Show(url) => with_cookies(&session.jar, url)?,
            Purpose::Fetch | Purpose::Read => Presentation::default(),
        };
        shown.fingerprint = Some(session.fingerprint);
        shown.validity.until = session.until;
        shown.provenance = leased.provenance;
        Ok(shown)
    }

    /// What the real user with a wrong password gets to show: whatever cookies a login gave that was
    /// refused, as it should be.
    pub(super) async fn wrong_password(
        &self,
        wanted: Wanted<'_>,
        purpose: Purpose<'_>,
        made_up: &Secret,
    ) -> Result<Presentation, Unpresentable> {
        let Purpose::Show(url) = purpose else {
            return Ok(Presentation::default());
        };
        let came = self.walk(wanted.form).log_in(made_up).await;
        let whom = format!("{} with a wrong password", wanted.name);
        self.hold(&whom, &came.jar);
        match came.outcome {
            Err(failed) if !failed.rejected => Err(failed.unavailable(wanted.form)),
            Ok(()) | Err(_) => Ok(came.jar.header(url).map(cookie).unwrap_or_default()),
        }
    }

    /// Whether every cookie that is shown is one of the session that is kept and holds.
    pub(super) fn is_current(&self, name: &Name, shown: &Presentation) -> bool {
        let lease = self.leases.of(name);
        let Some(session) = lease.and_then(|lease| lease.current(self.clock.monotonic())) else {
            return false;
        };
        let kept = session.jar.values();
        let lines = shown.headers.iter().filter(|(name, _)| name == COOKIE);
        let mut pairs = lines.flat_map(|(_, line)| line.expose().split(|byte| *byte == b';'));
        !kept.is_empty()
            && pairs.all(|pair| {
                let value = pair.splitn(2, |byte| *byte == b'=').nth(1);
                let value = value.unwrap_or_default().trim_ascii();
                value.len() < SHORTEST || kept.iter().any(|kept| kept.expose() == value)
            })
    }

    /// The cookies of the last session, all with this value: nobody's session, or none at all.
    ///
    /// While nobody can log in, what a session looks like is not known: a door that lets any in would
    /// pass for one that refuses.
    pub(super) fn made_up(&self, name: &Name, value: &str) -> Result<Presentation, Unpresentable> {
        let lease = self.leases.of(name);
        let last = lease.as_ref().and_then(|lease| lease.last());
        if let (None, Some(lease)) = (&last, &lease) {
            lease.failure().map_or(Ok(()), Err)?;
        }
        let names = last.map(|session| session.jar.names()).unwrap_or_default();
        let pairs = match names.as_slice() {
            [] => format!("{USUAL}={value}"),
            names => {
                let pairs = names.iter().map(|name| format!("{name}={value}"));
                pairs.collect::<Vec<_>>().join("; ")
            }
        };
        Ok(cookie(Secret::new(pairs)))
    }

    /// The session that is kept, or a new one.
    async fn session(
        &self,
        wanted: Wanted<'_>,
        source: &Source,
    ) -> Result<Leased<Session>, Unpresentable> {
        let Some(lease) = self.leases.of(wanted.name) else {
            let detail = format!("the credential `{}` has no login form", wanted.name);
            return Err(Unpresentable::new(Reason::ProbeFailed, detail));
        };
        let prepare = async || self.prepare(wanted, source).await;
        let fetch = async |secret: Secret, _last| {
            let came = self.walk(wanted.form).log_in(&secret).await;
            self.hold(wanted.name.as_str(), &came.jar);
            let outcome = match came.outcome {
                Ok(()) => Ok(self.granted(came.jar)),
                Err(failed) => Err(failed.unavailable(wanted.form)),
            };
            let seen = came.seen;
            Fetched { outcome, seen }
        };
        lease.get(&self.clock, prepare, fetch).await
    }

    async fn prepare(
        &self,
        wanted: Wanted<'_>,
        source: &Source,
    ) -> Result<(Secret, [u8; 32]), Unpresentable> {
        let secret = source.read(&wanted.form.secret).await?;
        self.holdings.lock().hold([&secret]);
        let name = fingerprint(&secret);
        Ok((secret, name))
    }

    /// Holds what a login gave, for those who quote it.
    fn hold(&self, whom: &str, jar: &Jar) {
        self.holdings.lock().hold_fetched(whom, &jar.values());
    }

    fn granted(&self, jar: Jar) -> Granted<Session> {
        let until = jar.until();
        let unsaid = || self.clock.now().saturating_add(UNSAID);
        Granted {
            expires_at: until.or_else(|| unsaid().ok()),
            value: Session {
                fingerprint: fingerprint(&jar.all()),
                jar: Arc::new(jar),
                until,
            },
        }
    }

    fn walk<'a>(&'a self, form: &'a LoginForm) -> Walk<'a> {
        Walk::new(self, form)
    }
}

/// Cookies out of a file, of a session that has ended or that belongs to somebody else: as a browser
/// sends them, `name=value; name2=value2`. The second part is the values, to be held as secrets.
pub(super) fn stale(text: &Secret) -> Result<(Presentation, Vec<Secret>), Unpresentable> {
    let pairs: Vec<&[u8]> = text.expose().split(|byte| *byte == b';').collect();
    let values: Option<Vec<Secret>> = pairs.iter().map(|pair| value(pair)).collect();
    let Some(mut values) = values else {
        let detail = "what is in the file is no session's cookies: it must read `name=value; \
                      name2=value2`";
        return Err(Unpresentable::new(Reason::SecretUnavailable, detail));
    };
    values.retain(|value| value.expose().len() >= SHORTEST);
    Ok((cookie(text.clone()), values))
}

/// The value of a pair that has a name.
fn value(pair: &[u8]) -> Option<Secret> {
    let at = pair.iter().position(|byte| *byte == b'=')?;
    let (name, value) = pair.split_at_checked(at)?;
    let value = value.get(1..)?.trim_ascii();
    (!name.trim_ascii().is_empty()).then(|| Secret::new(value))
}

fn with_cookies(jar: &Jar, url: &Url) -> Result<Presentation, Unpresentable> {
    let unsent = || {
        let named: Vec<String> = jar.names().into_iter().take(NAMED).collect();
        Unpresentable::new(
            Reason::TokenUnavailable,
            format!(
                "the session's cookies do not reach the endpoint: the domain, the path or `Secure` of \
                 `{}` keeps them from `{}`",
                named.join("`, `"),
                without_query(url),
            ),
        )
    };
    jar.header(url).map(cookie).ok_or_else(unsent)
}

fn cookie(pairs: Secret) -> Presentation {
    Presentation {
        fingerprint: Some(fingerprint(&pairs)),
        headers: vec![(COOKIE, pairs)],
        ..Presentation::default()
    }
}

/// A URL as messages show it.
fn without_query(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests;
