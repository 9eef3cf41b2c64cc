//! The web configuration file, as Prometheus' exporter-toolkit has it.

use serde::Deserialize;

use super::{Entries, Given, Period, SecretText, or_empty};

/// A web configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a map of web settings")]
pub(crate) struct WebFile {
    /// How the port speaks TLS.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) tls_server_config: Option<TlsServerConfig>,
    /// What answers carry.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) http_server_config: HttpServerConfig,
    /// Users and the bcrypt hashes of their passwords.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) basic_auth_users: Entries<SecretText>,
    /// How many requests are answered.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) rate_limit: RateLimit,
}

/// How the port speaks TLS.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a map of TLS settings")]
pub(crate) struct TlsServerConfig {
    pub(crate) cert: Given<SecretText>,
    pub(crate) key: Given<SecretText>,
    pub(crate) client_ca: Given<SecretText>,
    pub(crate) cert_file: Given<String>,
    pub(crate) key_file: Given<String>,
    pub(crate) client_ca_file: Given<String>,
    pub(crate) client_auth_type: Given<String>,
    pub(crate) client_allowed_sans: Vec<String>,
    pub(crate) min_version: Given<String>,
    pub(crate) max_version: Given<String>,
    pub(crate) cipher_suites: Vec<String>,
    pub(crate) prefer_server_cipher_suites: bool,
    pub(crate) curve_preferences: Vec<String>,
}

impl Default for TlsServerConfig {
    fn default() -> Self {
        Self {
            cert: Given::default(),
            key: Given::default(),
            client_ca: Given::default(),
            cert_file: Given::default(),
            key_file: Given::default(),
            client_ca_file: Given::default(),
            client_auth_type: Given::default(),
            client_allowed_sans: Vec::new(),
            min_version: Given::default(),
            max_version: Given::default(),
            cipher_suites: Vec::new(),
            prefer_server_cipher_suites: true,
            curve_preferences: Vec::new(),
        }
    }
}

/// What answers carry.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a map of HTTP settings")]
pub(crate) struct HttpServerConfig {
    /// Read, so that the file can be shared with others; this port speaks HTTP/1.1.
    pub(crate) http2: bool,
    pub(crate) headers: Entries<String>,
}

impl Default for HttpServerConfig {
    fn default() -> Self {
        Self {
            http2: true,
            headers: Entries::default(),
        }
    }
}

/// How many requests are answered.
#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `interval` and `burst`"
)]
pub(crate) struct RateLimit {
    pub(crate) interval: Given<Period>,
    pub(crate) burst: Given<u32>,
}
