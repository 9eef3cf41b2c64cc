//! Credentials that will expire soon.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::super::severity_at;
use super::{days, horizon, saw};
use crate::domain::check::{CheckId, Name, Persona};
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::{Finding, Reason};
use crate::domain::presenter::{Provenance, Shown};

/// Where it is told that a credential expires soon, however many checks show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialTeller {
    /// The first check whose persona is the credential's rightful holder.
    pub check: CheckId,
    /// The longest time that any of its holder's checks asks to be left.
    pub min_remaining: Option<Duration>,
}

/// One teller for each credential whose holder knocks somewhere.
pub fn credential_tellers<E: Borrow<Endpoint>>(
    endpoints: impl IntoIterator<Item = E>,
) -> BTreeMap<Name, CredentialTeller> {
    let mut tellers: BTreeMap<Name, CredentialTeller> = BTreeMap::new();
    for endpoint in endpoints {
        let endpoint = endpoint.borrow();
        for check in &endpoint.checks {
            let Persona::Holder(name) = &check.persona else {
                continue;
            };
            let least = check.expectation.credential_min_remaining;
            let teller = tellers
                .entry(name.clone())
                .or_insert_with(|| CredentialTeller {
                    check: endpoint.check_id(check),
                    min_remaining: None,
                });
            teller.min_remaining = teller.min_remaining.max(least);
        }
    }
    tellers
}

/// A finding where a credential that was shown expires within the horizon.
///
/// What was fetched is renewed by this program, and nobody has to act on its end.
pub fn expiring_credential(
    endpoint: &Endpoint,
    (name, shown): (&Name, &Shown),
    min_remaining: Option<Duration>,
    now: Timestamp,
) -> Option<Finding> {
    let until = match shown.provenance {
        Provenance::Configured => shown.validity.until?,
        Provenance::Fetched | Provenance::Kept => return None,
    };
    let least = horizon(min_remaining, shown.validity.from, until);
    let reason = Reason::CredentialExpiring;
    (until.duration_since(now) < least).then(|| Finding {
        severity: severity_at(endpoint, reason),
        ..Finding::new(
            reason,
            format!("at least {} of a credential's lifetime left", days(least)),
            saw(&format!("`{name}`"), until, now),
        )
    })
}
