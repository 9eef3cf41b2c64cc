//! What a token endpoint is asked for: the words that those who need a token and those who fetch it
//! share.

use std::collections::BTreeMap;

use url::Url;

use super::secret::SecretRef;

/// A token by client credentials (RFC 6749 §4.4), or by a refresh token (§6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2 {
    /// The token endpoint.
    pub token_url: Url,
    /// Who asks.
    pub client_id: String,
    /// The client's secret; a public client with a refresh token has none.
    pub client_secret: Option<SecretRef>,
    /// What a user agreed to once, where the client does not ask on its own behalf.
    pub refresh_token: Option<SecretRef>,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// More parameters of the token request.
    pub endpoint_params: BTreeMap<String, String>,
}
