//! What expires soon: certificates and credentials.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::text::{LINE, Moment, counted, shown};
use crate::domain::judge::expiring;
use crate::domain::observation::{Certificate, Tls};
use crate::domain::status::{CredentialStatus, EndpointStatus, Snapshot};

/// A credential is named this long before it expires.
const HORIZON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Rows of the table; what expires later is only counted.
pub(super) const MOST: usize = 30;

/// Endpoints that are named for one certificate.
const MOST_NAMES: usize = 3;

/// Something that expires soon, or has expired.
pub(super) struct Expiry {
    /// `certificate` or `credential`.
    pub(super) kind: &'static str,
    pub(super) what: String,
    /// The endpoints that are concerned, as far as there is room.
    pub(super) endpoints: Vec<String>,
    pub(super) more: Option<String>,
    pub(super) at: Moment,
    pub(super) is_over: bool,
    instant: Timestamp,
}

/// Everything that expires soon, the first to expire first.
pub(super) fn soon(snapshot: &Snapshot) -> Vec<Expiry> {
    let now = snapshot.taken_at;
    let credentials = snapshot.credentials.iter();
    let mut soon: Vec<Expiry> = credentials
        .filter_map(|credential| of_credential(credential, now))
        .collect();
    soon.extend(certificates(snapshot));
    soon.sort_by(|a, b| (a.instant, &a.what).cmp(&(b.instant, &b.what)));
    soon
}

fn of_credential(credential: &CredentialStatus, now: Timestamp) -> Option<Expiry> {
    let instant = credential.expires_at?;
    (instant.duration_since(now) < HORIZON).then(|| Expiry {
        kind: "credential",
        what: credential.name.to_string(),
        endpoints: Vec::new(),
        more: None,
        at: Moment::of(instant, now),
        is_over: instant <= now,
        instant,
    })
}

/// Certificates that a check was told of, or that are within the default horizon; each once, however
/// many endpoints show it.
fn certificates(snapshot: &Snapshot) -> Vec<Expiry> {
    let now = snapshot.taken_at;
    let mut found: BTreeMap<[u8; 32], (&Arc<Certificate>, Vec<&EndpointStatus>)> = BTreeMap::new();
    for status in &snapshot.endpoints {
        let Some(certificate) = &status.certificate else {
            continue;
        };
        let told = status
            .checks
            .iter()
            .any(|check| check.expiring.certificate.is_some());
        if told || is_soon(certificate, now) {
            let entry = found.entry(certificate.fingerprint);
            entry.or_insert((certificate, Vec::new())).1.push(status);
        }
    }
    found
        .into_values()
        .map(|(certificate, at)| of_certificate(certificate, &at, now))
        .collect()
}

fn is_soon(certificate: &Arc<Certificate>, now: Timestamp) -> bool {
    let chain = Tls {
        version: None,
        chain: vec![Arc::clone(certificate)],
    };
    expiring(&chain, None, now).is_some()
}

fn of_certificate(certificate: &Certificate, at: &[&EndpointStatus], now: Timestamp) -> Expiry {
    let names = at
        .iter()
        .take(MOST_NAMES)
        .map(|status| status.endpoint.name.to_string());
    let more = at.len().saturating_sub(MOST_NAMES);
    Expiry {
        kind: "certificate",
        what: shown(&certificate.subject, LINE),
        endpoints: names.collect(),
        more: (more > 0).then(|| counted(more, "more endpoint")),
        at: Moment::of(certificate.not_after, now),
        is_over: certificate.not_after <= now,
        instant: certificate.not_after,
    }
}
