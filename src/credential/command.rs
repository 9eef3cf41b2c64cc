//! Credentials that a program prints: for the schemes that nobody else has.
//!
//! The program is started as it is configured: no shell, no environment, nothing on its standard
//! input, `/` as its directory. What it prints is a secret, and is kept for as long as it says.

mod printed;
mod run;

use std::sync::Arc;

pub(super) use printed::Token;
use printed::{Printed, Shape};

use super::holdings::{SharedHoldings, fingerprint};
use super::lease::{Fetched, Granted, Lease, Leased};
use super::leases::Leases;
use super::settings::Command;
use super::tokens::Fetcher;
use crate::clock::SharedClock;
use crate::domain::check::Name;
use crate::domain::finding::Reason;
use crate::domain::presenter::{Presentation, Unpresentable};
use crate::domain::secret::Secret;

/// Every credential that a program printed, and that still holds.
#[derive(Debug)]
pub(super) struct Programs {
    clock: SharedClock,
    holdings: SharedHoldings,
    leases: Leases<Printed>,
}

impl Programs {
    /// What programs print is kept in these places.
    pub(super) fn new(fetcher: &Fetcher, leases: Leases<Printed>) -> Self {
        Self {
            clock: Arc::clone(&fetcher.clock),
            holdings: fetcher.holdings.clone(),
            leases,
        }
    }

    /// Where what a credential's program printed is kept.
    pub(super) fn lease(&self, name: &Name) -> Option<Arc<Lease<Printed>>> {
        self.leases.of(name)
    }

    /// Lets go of what was refused; whether the next caller gets something else.
    pub(super) fn refuse(&self, name: &Name, shown: Option<[u8; 32]>) -> bool {
        let is_it = |printed: &Printed| Some(fingerprint(&printed.all())) == shown;
        let lease = self.leases.of(name);
        lease.is_some_and(|lease| lease.refuse(is_it, self.clock.monotonic()))
    }

    /// What the rightful holder shows.
    pub(super) async fn holder(
        &self,
        name: &Name,
        command: &Command,
    ) -> Result<Presentation, Unpresentable> {
        let leased = self.printed(name, command).await?;
        let mut shown = leased.granted.value.presentation();
        shown.validity.until = leased.granted.expires_at.or(shown.validity.until);
        shown.provenance = leased.provenance;
        Ok(shown)
    }

    /// Whether this is what the program printed last, and that still holds.
    pub(super) fn is_current(&self, name: &Name, shown: &Presentation) -> bool {
        let lease = self.leases.of(name);
        let printed = lease.and_then(|lease| lease.current(self.clock.monotonic()));
        printed.is_some_and(|printed| printed.presentation().fingerprint == shown.fingerprint)
    }

    /// The token that the program printed, for those who alter it.
    pub(super) async fn token(
        &self,
        name: &Name,
        command: &Command,
    ) -> Result<Token, Unpresentable> {
        let printed = self.printed(name, command).await?.granted.value;
        let none = || {
            let detail = format!("the program of `{name}` prints headers, and no `token` to alter");
            Unpresentable::new(Reason::ProbeFailed, detail)
        };
        printed.token().ok_or_else(none)
    }

    /// What the program printed last, all of it with this value in its place.
    ///
    /// While it prints nothing, what it would print is not known: a door that lets any of it in would
    /// pass for one that refuses.
    pub(super) fn made_up(
        &self,
        name: &Name,
        value: &Secret,
    ) -> Result<Presentation, Unpresentable> {
        let lease = self.leases.of(name);
        let last = lease.as_ref().and_then(|lease| lease.last());
        if let (None, Some(lease)) = (&last, &lease) {
            lease.failure().map_or(Ok(()), Err)?;
        }
        Ok(Shape::of(last.as_ref()).with(value).presentation())
    }

    async fn printed(
        &self,
        name: &Name,
        command: &Command,
    ) -> Result<Leased<Printed>, Unpresentable> {
        let Some(lease) = self.leases.of(name) else {
            let detail = format!("the credential `{name}` has no program");
            return Err(Unpresentable::new(Reason::ProbeFailed, detail));
        };
        // There is no secret that could change: a program that failed is asked again in its time.
        let prepare = async || Ok(((), [0; 32]));
        let fetch = async |(), _last| {
            let outcome = self.granted(name, command).await;
            Fetched {
                outcome,
                seen: None,
            }
        };
        lease.get(&self.clock, prepare, fetch).await
    }

    async fn granted(
        &self,
        name: &Name,
        command: &Command,
    ) -> Result<Granted<Printed>, Unpresentable> {
        let failed = |why: String| {
            let program = command.program.display();
            let detail = format!("the program `{program}` {why}");
            Unpresentable::new(Reason::SecretUnavailable, detail)
        };
        let output = run::run(command).await.map_err(failed)?;
        let (printed, expires_at) = Printed::read(&output, self.clock.now()).map_err(failed)?;
        let whom = name.as_str();
        self.holdings.lock().hold_fetched(whom, &printed.secrets());
        Ok(Granted {
            value: printed,
            expires_at,
        })
    }
}
