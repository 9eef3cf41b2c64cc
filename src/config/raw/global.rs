//! The sections that hold for the whole program.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Given, Period};

/// Defaults for every endpoint.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map of global settings")]
pub(crate) struct Global {
    /// The time between two probes of a check; at least `1s`.
    pub(crate) interval: Period,
    /// How long a probe may take, from name resolution to the last byte of its whole chain; shorter
    /// than `interval`.
    pub(crate) timeout: Period,
    /// The time between two probes with a credential that must be refused (`invalid` and impostors).
    /// Left out, it is `interval` or `5m`, whichever is longer.
    pub(crate) refused_interval: Given<Period>,
    /// The `User-Agent` of every probe: fixed and recognisable, so that it can be allow-listed.
    pub(crate) user_agent: String,
    /// Labels for every endpoint: in `authvigil_endpoint_info`, in routing and in alerts.
    pub(crate) labels: Entries<String>,
}

impl Default for Global {
    fn default() -> Self {
        Self {
            interval: Period::secs(60),
            timeout: Period::secs(10),
            refused_interval: Given::default(),
            user_agent: concat!("authvigil/", env!("CARGO_PKG_VERSION")).to_owned(),
            labels: Entries::default(),
        }
    }
}

impl Global {
    /// The shortest `refused_interval` that is chosen where none is configured.
    pub(crate) const REFUSED_INTERVAL: Period = Period::secs(300);
}

/// The port with metrics, status page and API.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map of web settings")]
pub(crate) struct Web {
    /// Address and port to listen on.
    pub(crate) listen: String,
    /// The URL at which people reach this port, for links in mails: `https://monitor.example.com/`.
    /// Left out: the listen address, where it is one that can be reached.
    pub(crate) external_url: Given<String>,
    /// `Host` values to accept beside the listen address and loopback.
    pub(crate) hosts: Vec<String>,
    /// Whether `POST /-/reload` reads the configuration again.
    pub(crate) enable_lifecycle: bool,
    /// A web configuration file as Prometheus' exporter-toolkit has it: TLS, and users with bcrypt
    /// hashes.
    pub(crate) config_file: Given<String>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9401".to_owned(),
            external_url: Given::default(),
            hosts: Vec::new(),
            enable_lifecycle: false,
            config_file: Given::default(),
        }
    }
}

/// The state file: what every check last came to, verdict changes with their evidence, incidents, and
/// notices that are owed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `path` and `retention`"
)]
pub(crate) struct State {
    /// The database file. Its directory is made where it is missing.
    pub(crate) path: String,
    /// How long verdict changes, ended incidents and told notices are kept.
    pub(crate) retention: Retention,
}

impl Default for State {
    fn default() -> Self {
        Self {
            path: "/var/lib/authvigil/authvigil.db".to_owned(),
            retention: Retention::default(),
        }
    }
}

/// How long verdict changes, ended incidents and told notices are kept; the oldest go first. What is
/// open or owed stays.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `max_age` and `max_changes`"
)]
pub(crate) struct Retention {
    /// The age at which one goes; at least `1h`.
    pub(crate) max_age: Period,
    /// How many of each stay, of all checks together.
    pub(crate) max_changes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            max_age: Period::secs(90 * 86_400),
            max_changes: 100_000,
        }
    }
}
