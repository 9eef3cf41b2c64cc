//! What a token endpoint is asked for: the words that those who need a token and those who fetch it
//! share.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::endpoint::Transport;
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
    /// How the client's secret is shown.
    pub client_auth: ClientAuth,
    /// What a user agreed to once, where the client does not ask on its own behalf.
    pub refresh_token: Option<SecretRef>,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// Whom the token is for, at providers that ask for an `audience`.
    pub audience: Option<String>,
    /// Where the token is to be used (RFC 8707 §2), as it was written: providers compare it byte by
    /// byte.
    pub resource: Vec<String>,
    /// More parameters of the token request.
    pub endpoint_params: BTreeMap<String, String>,
    /// How the request travels: it has nothing to do with how endpoints are reached.
    pub transport: Transport,
    /// From name resolution to the last byte of the token endpoint's answer.
    pub timeout: Duration,
}

impl OAuth2 {
    /// How long a token endpoint may take unless configured.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}

/// How a client shows its secret (RFC 6749 §2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// By Basic, both parts form-encoded.
    #[default]
    Basic,
    /// In the body.
    Body,
}
