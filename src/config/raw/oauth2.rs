//! A token endpoint, for a credential and for mail.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Entries, Given, OneOrMany, Period, SecretText, TlsConfig, defaults};
use crate::domain::oauth2;

/// How long a token endpoint or a login may take unless configured.
pub(crate) const FETCH_TIMEOUT: Period = Period(oauth2::OAuth2::TIMEOUT);

/// A token by client credentials (RFC 6749, section 4.4), or by a refresh token (section 6).
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `token_url`")]
#[schemars(extend("required" = ["token_url", "client_id"]), transform = oauth2_defaults)]
pub(crate) struct OAuth2 {
    /// The token endpoint: `https`, or on loopback; without a user or a password.
    pub(crate) token_url: Given<String>,
    /// Who asks.
    pub(crate) client_id: Given<String>,
    /// The client's secret; with a refresh token it may be left out. Allowed and warned about: use
    /// `client_secret_file` or `client_secret_env`.
    pub(crate) client_secret: Given<SecretText>,
    /// A file with the client's secret.
    pub(crate) client_secret_file: Given<String>,
    /// An environment variable with the client's secret.
    pub(crate) client_secret_env: Given<String>,
    /// How the client shows its secret to the token endpoint.
    pub(crate) client_auth: Given<ClientAuth>,
    /// A refresh token, for a user's own mailbox. Left out: the client asks on its own behalf.
    /// Allowed and warned about: use `refresh_token_file` or `refresh_token_env`.
    pub(crate) refresh_token: Given<SecretText>,
    /// A file with the refresh token.
    pub(crate) refresh_token_file: Given<String>,
    /// An environment variable with the refresh token.
    pub(crate) refresh_token_env: Given<String>,
    /// The scopes to ask for.
    pub(crate) scopes: Vec<String>,
    /// Whom the token is for, at providers that ask for an `audience`.
    pub(crate) audience: Given<String>,
    /// Where the token is to be used (RFC 8707): an absolute URI without a fragment, or a list of them.
    pub(crate) resource: Given<OneOrMany>,
    /// More parameters of the token request.
    pub(crate) endpoint_params: Entries<String>,
    /// Trust and TLS towards the token endpoint; those of endpoints do not count there.
    /// `insecure_skip_verify` is taken on loopback alone.
    pub(crate) tls_config: Given<TlsConfig>,
    /// A proxy to the token endpoint: `http`, `https`, `socks5` or `socks5h`.
    pub(crate) proxy_url: Given<String>,
    /// How long the token endpoint may take, from name resolution to the last byte.
    pub(crate) timeout: Given<Period>,
}

fn oauth2_defaults(schema: &mut Schema) {
    let values = json!({ "client_auth": ClientAuth::default(), "timeout": FETCH_TIMEOUT });
    defaults::set(schema, values);
}

/// How a client shows its secret (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// By Basic authentication, both parts form-encoded.
    #[default]
    Basic,
    /// In the body of the request.
    Body,
}
