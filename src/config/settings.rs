//! What a valid configuration says beside endpoints and credentials.

use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderValue;

/// Defaults for every endpoint; they are in each [`crate::domain::endpoint::Endpoint`] already.
#[derive(Clone, Debug)]
pub struct Global {
    /// The time between two probes of a check.
    pub interval: Duration,
    /// How long a probe may take.
    pub timeout: Duration,
    /// The `refused_interval` that was configured; left out, it follows from each interval.
    pub explicit_refused_interval: Option<Duration>,
    /// The `User-Agent` of every probe.
    pub user_agent: HeaderValue,
    /// Labels of every endpoint.
    pub labels: BTreeMap<String, String>,
}
