//! A token endpoint, for a credential and for mail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Given, SecretText};

/// A token by client credentials (RFC 6749, section 4.4), or by a refresh token (section 6).
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `token_url`")]
#[schemars(extend("required" = ["token_url", "client_id"]))]
pub(crate) struct OAuth2 {
    /// The token endpoint: `https`, or on loopback.
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
    /// A refresh token, for a user's own mailbox. Left out: the client asks on its own behalf.
    /// Allowed and warned about: use `refresh_token_file` or `refresh_token_env`.
    pub(crate) refresh_token: Given<SecretText>,
    /// A file with the refresh token.
    pub(crate) refresh_token_file: Given<String>,
    /// An environment variable with the refresh token.
    pub(crate) refresh_token_env: Given<String>,
    /// The scopes to ask for.
    pub(crate) scopes: Vec<String>,
    /// More parameters of the token request, such as `audience`.
    pub(crate) endpoint_params: Entries<String>,
}
