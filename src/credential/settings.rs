//! What a person configured of each credential.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use crate::domain::check::Name;
use crate::domain::endpoint::{Origin, Transport};
pub use crate::domain::oauth2::{ClientAuth, OAuth2};
use crate::domain::reproduction::Presentation;
use crate::domain::secret::SecretRef;

/// Every configured credential, by name.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The credentials.
    pub credentials: BTreeMap<Name, Credential>,
    /// The origins of the endpoints that name each credential: it is shown nowhere else.
    pub origins: BTreeMap<Name, BTreeSet<Origin>>,
    /// The `User-Agent` of requests to token endpoints and login forms.
    pub user_agent: HeaderValue,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            credentials: BTreeMap::new(),
            origins: BTreeMap::new(),
            user_agent: HeaderValue::from_static(concat!("authvigil/", env!("CARGO_PKG_VERSION"))),
        }
    }
}

/// A secret and the way to present it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Basic …`, RFC 7617.
    Basic(UserPassword),
    /// `Authorization: Digest …`, RFC 7616.
    Digest(UserPassword),
    /// `Authorization: <scheme> <credentials>`: Bearer unless configured.
    Authorization {
        /// The scheme.
        scheme: String,
        /// What follows it.
        credentials: SecretRef,
    },
    /// A key in a header or in the query.
    ApiKey {
        /// Where the key goes.
        place: KeyPlace,
        /// The key.
        value: SecretRef,
    },
    /// A client certificate in the TLS handshake.
    ClientCertificate {
        /// The PEM file with the certificate and its chain.
        cert_file: PathBuf,
        /// The PEM file with the private key.
        key_file: PathBuf,
    },
    /// A token from a token endpoint, RFC 6749.
    OAuth2(Box<OAuth2>),
    /// A session behind a login form.
    LoginForm(Box<LoginForm>),
    /// A token for a container registry: user and password for a token, by the token server that the
    /// registry's challenge names (the token authentication of the distribution project).
    RegistryToken(Box<RegistryToken>),
    /// What a program prints: the scheme that nobody else has.
    Command(Command),
}

impl Credential {
    /// The configuration's word for the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Basic(_) => "basic_auth",
            Self::Digest(_) => "digest_auth",
            Self::Authorization { .. } => "authorization",
            Self::ApiKey { .. } => "api_key",
            Self::ClientCertificate { .. } => "client_certificate",
            Self::OAuth2(_) => "oauth2",
            Self::LoginForm(_) => "login_form",
            Self::RegistryToken(_) => "registry_token",
            Self::Command(_) => "command",
        }
    }

    /// How it travels, for those who show how to ask by hand.
    pub fn presentation(&self) -> Presentation {
        match self {
            Self::Basic(_) => Presentation::Basic,
            Self::Digest(_) => Presentation::Digest,
            Self::Authorization { scheme, .. } => Presentation::Scheme(scheme.as_str().into()),
            Self::ApiKey { place, .. } => match place {
                KeyPlace::Header(name) => Presentation::HeaderKey(name.clone()),
                KeyPlace::Query(name) => Presentation::QueryKey(name.as_str().into()),
            },
            Self::ClientCertificate { .. } => Presentation::ClientCertificate,
            Self::OAuth2(_) | Self::RegistryToken(_) => Presentation::Scheme("Bearer".into()),
            Self::LoginForm(_) => Presentation::Session,
            Self::Command(_) => Presentation::Unknown,
        }
    }

    /// Whether a wrong one can lock an account, so that rejections must be counted.
    pub fn has_password(&self) -> bool {
        self.shows_password() != PasswordUse::Never
    }

    /// When an account's password is shown.
    pub fn shows_password(&self) -> PasswordUse {
        match self {
            Self::Basic(_) | Self::Digest(_) => PasswordUse::EachProbe,
            Self::LoginForm(_) | Self::RegistryToken(_) => PasswordUse::AtLogin,
            Self::ApiKey { .. }
            | Self::Authorization { .. }
            | Self::ClientCertificate { .. }
            | Self::Command(_)
            | Self::OAuth2(_) => PasswordUse::Never,
        }
    }

    /// Where tokens or sessions come from that are fetched and kept: a token endpoint, a login form.
    pub fn source(&self) -> Option<TokenPlace<'_>> {
        match self {
            Self::OAuth2(it) => Some(TokenPlace {
                url: &it.token_url,
                transport: &it.transport,
                timeout: it.timeout,
            }),
            Self::LoginForm(it) => Some(TokenPlace {
                url: &it.url,
                transport: &it.transport,
                timeout: it.timeout,
            }),
            Self::RegistryToken(it) => Some(TokenPlace {
                url: &it.realm,
                transport: &it.transport,
                timeout: it.timeout,
            }),
            Self::ApiKey { .. }
            | Self::Authorization { .. }
            | Self::Basic(_)
            | Self::ClientCertificate { .. }
            | Self::Command(_)
            | Self::Digest(_) => None,
        }
    }
}

/// When an account's password is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordUse {
    /// With every probe, to the endpoint.
    EachProbe,
    /// Where a token or a session is fetched, and only then.
    AtLogin,
    /// There is none.
    Never,
}

/// Where tokens or sessions come from.
#[derive(Clone, Copy, Debug)]
pub struct TokenPlace<'a> {
    /// The token endpoint, or the page with the form.
    pub url: &'a Url,
    /// How requests to it travel.
    pub transport: &'a Transport,
    /// How long fetching may take.
    pub timeout: Duration,
}

/// A user and a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPassword {
    /// The user's name; never holds a colon.
    pub username: String,
    /// The password.
    pub password: SecretRef,
}

/// Where an API key goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// The value of this header.
    Header(HeaderName),
    /// The value of this query parameter.
    Query(String),
}

/// A session by a login form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginForm {
    /// The page with the form.
    pub url: Url,
    /// Fields to fill in.
    pub fields: BTreeMap<String, String>,
    /// The field that takes the secret.
    pub secret_field: String,
    /// The secret.
    pub secret: SecretRef,
    /// How requests to the form travel.
    pub transport: Transport,
    /// The whole login, from name resolution to the last byte.
    pub timeout: Duration,
}

/// A token for a container registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryToken {
    /// The token server: the `realm` that the registry's challenge has to name.
    pub realm: Url,
    /// The registry, as the token server knows it.
    pub service: Option<String>,
    /// What the token is to allow, such as `repository:library/alpine:pull`.
    pub scopes: Vec<String>,
    /// Who asks.
    pub user: UserPassword,
    /// How requests to the token server travel.
    pub transport: Transport,
    /// From name resolution to the last byte of the token server's answer.
    pub timeout: Duration,
}

/// A program that prints a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program: an absolute path.
    pub program: PathBuf,
    /// Its arguments; no shell sees them.
    pub arguments: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
}

impl Command {
    /// How long a program may take unless configured.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}
