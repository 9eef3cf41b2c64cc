//! What expires soon: told at one check each, and in the daemon no part of its verdict.

mod certificate;
mod credential;

use std::time::Duration;

pub use certificate::{expiring, expiring_at};
pub use credential::{CredentialTeller, credential_tellers, expiring_credential};
use jiff::{SignedDuration, Timestamp};

use crate::domain::finding::Finding;

/// Nothing is said earlier than this before an expiry, unless it is configured.
const HORIZON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What expires soon, as far as it is told at one check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expiring {
    /// A certificate of the server's chain: told once for each host and port.
    pub certificate: Option<Finding>,
    /// The credential that the check's holder shows: told once for each credential.
    pub credential: Option<Finding>,
}

impl Expiring {
    /// Whatever expires soon.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.certificate.iter().chain(&self.credential)
    }

    /// Whether nothing expires soon.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How long before its end something is told of: what is configured, or else 14 days or a quarter of
/// its lifetime, whichever is less, so that what lives for a few days does not cry wolf.
fn horizon(
    configured: Option<Duration>,
    from: Option<Timestamp>,
    until: Timestamp,
) -> SignedDuration {
    let configured = configured.and_then(|least| SignedDuration::try_from(least).ok());
    let quarter = from.map(|from| until.duration_since(from) / 4);
    configured.unwrap_or_else(|| quarter.map_or(HORIZON, |quarter| quarter.min(HORIZON)))
}

/// That it expires, or has expired.
fn saw(what: &str, until: Timestamp, now: Timestamp) -> String {
    let remaining = until.duration_since(now);
    if remaining.is_negative() {
        return format!("{what} expired on {until}");
    }
    format!("{what} expires on {until}, in {}", days(remaining))
}

fn days(duration: SignedDuration) -> String {
    match duration.as_hours() {
        hours @ 0..48 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24),
    }
}
