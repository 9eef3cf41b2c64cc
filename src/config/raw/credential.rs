//! Credentials: secrets and the way to present them.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Entries, FETCH_TIMEOUT, Given, OAuth2, OneOrMany, Period, SecretText, TlsConfig, defaults,
};

/// A secret and the way to present it: exactly one of these kinds.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with the credential's kind"
)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub(crate) struct Credential {
    /// `Authorization: Basic …` (RFC 7617).
    pub(crate) basic_auth: Given<UserPassword>,
    /// `Authorization: Digest …` (RFC 7616).
    pub(crate) digest_auth: Given<UserPassword>,
    /// `Authorization: <type> <credentials>`, such as a Bearer token.
    pub(crate) authorization: Given<Authorization>,
    /// A token by OAuth 2.0 client credentials.
    pub(crate) oauth2: Given<OAuth2>,
    /// A key in a header or in the query.
    pub(crate) api_key: Given<ApiKey>,
    /// A session behind a login form.
    pub(crate) login_form: Given<LoginForm>,
    /// A client certificate in the TLS handshake.
    pub(crate) client_certificate: Given<ClientCertificate>,
    /// A token for a container registry, from the token server that its challenge names.
    pub(crate) registry_token: Given<RegistryToken>,
    /// A program and its arguments, as a list; what it prints is the credential. The program is an
    /// absolute path, or relative to this file; no shell and no `PATH` is used.
    #[schemars(with = "Vec<String>")]
    pub(crate) command: Given<OneOrMany>,
}

/// A user and a password.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `username` and `password_file`"
)]
#[schemars(extend("required" = ["username"]))]
pub(crate) struct UserPassword {
    /// The user's name.
    pub(crate) username: Given<String>,
    /// The password. Allowed and warned about: use `password_file` or `password_env`.
    pub(crate) password: Given<SecretText>,
    /// A file with the password; one trailing line break is dropped.
    pub(crate) password_file: Given<String>,
    /// An environment variable with the password.
    pub(crate) password_env: Given<String>,
}

/// What follows `Authorization:`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `credentials_file`"
)]
pub(crate) struct Authorization {
    /// The scheme.
    #[serde(rename = "type")]
    pub(crate) scheme: String,
    /// What follows the scheme. Allowed and warned about: use `credentials_file` or
    /// `credentials_env`.
    pub(crate) credentials: Given<SecretText>,
    /// A file with what follows the scheme; one trailing line break is dropped.
    pub(crate) credentials_file: Given<String>,
    /// An environment variable with what follows the scheme.
    pub(crate) credentials_env: Given<String>,
}

impl Default for Authorization {
    fn default() -> Self {
        Self {
            scheme: "Bearer".to_owned(),
            credentials: Given::default(),
            credentials_file: Given::default(),
            credentials_env: Given::default(),
        }
    }
}

/// A key in a header or in the query.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `header` or `query`"
)]
pub(crate) struct ApiKey {
    /// The header that carries the key. Either this or `query`.
    pub(crate) header: Given<String>,
    /// The query parameter that carries the key. Either this or `header`.
    pub(crate) query: Given<String>,
    /// The key. Allowed and warned about: use `value_file` or `value_env`.
    pub(crate) value: Given<SecretText>,
    /// A file with the key; one trailing line break is dropped.
    pub(crate) value_file: Given<String>,
    /// An environment variable with the key.
    pub(crate) value_env: Given<String>,
}

/// A session behind a login form.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `url` and `secret_field`"
)]
#[schemars(extend("required" = ["url", "secret_field"]), transform = fetch_defaults)]
pub(crate) struct LoginForm {
    /// Where the form is sent: `https`, or on loopback.
    pub(crate) url: Given<String>,
    /// Fields to fill in, by name.
    pub(crate) fields: Entries<String>,
    /// The field that takes the secret.
    pub(crate) secret_field: Given<String>,
    /// The secret. Allowed and warned about: use `secret_file` or `secret_env`.
    pub(crate) secret: Given<SecretText>,
    /// A file with the secret; one trailing line break is dropped.
    pub(crate) secret_file: Given<String>,
    /// An environment variable with the secret.
    pub(crate) secret_env: Given<String>,
    /// Trust and TLS towards the form; those of endpoints do not count there.
    /// `insecure_skip_verify` is taken on loopback alone.
    pub(crate) tls_config: Given<TlsConfig>,
    /// A proxy to the form: `http`, `https`, `socks5` or `socks5h`.
    pub(crate) proxy_url: Given<String>,
    /// How long the whole login may take, from name resolution to the last byte.
    pub(crate) timeout: Given<Period>,
}

fn fetch_defaults(schema: &mut Schema) {
    defaults::set(schema, json!({ "timeout": FETCH_TIMEOUT }));
}

/// A token for a container registry: user and password for a token.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `realm`, `username` and `password_file`"
)]
#[schemars(extend("required" = ["realm", "username"]), transform = fetch_defaults)]
pub(crate) struct RegistryToken {
    /// The token server: what the registry's challenge has to name as its `realm`. `https`, or on
    /// loopback; the password is sent nowhere else.
    pub(crate) realm: Given<String>,
    /// The registry, as the token server knows it. Left out: as its challenge names it.
    pub(crate) service: Given<String>,
    /// What the token is to allow, such as `repository:library/alpine:pull`.
    pub(crate) scopes: Vec<String>,
    /// The user's name.
    pub(crate) username: Given<String>,
    /// The password. Allowed and warned about: use `password_file` or `password_env`.
    pub(crate) password: Given<SecretText>,
    /// A file with the password; one trailing line break is dropped.
    pub(crate) password_file: Given<String>,
    /// An environment variable with the password.
    pub(crate) password_env: Given<String>,
    /// Trust and TLS towards the token server; those of endpoints do not count there.
    /// `insecure_skip_verify` is taken on loopback alone.
    pub(crate) tls_config: Given<TlsConfig>,
    /// A proxy to the token server: `http`, `https`, `socks5` or `socks5h`.
    pub(crate) proxy_url: Given<String>,
    /// How long the token server may take, from name resolution to the last byte.
    pub(crate) timeout: Given<Period>,
}

/// A client certificate in the TLS handshake.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `cert_file` and `key_file`"
)]
#[schemars(extend("required" = ["cert_file", "key_file"]))]
pub(crate) struct ClientCertificate {
    /// A PEM file with the certificate and its chain.
    pub(crate) cert_file: Given<String>,
    /// A PEM file with the private key, not encrypted.
    pub(crate) key_file: Given<String>,
}
