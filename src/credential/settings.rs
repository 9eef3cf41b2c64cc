//! What a person configured of each credential.

use std::collections::BTreeMap;
use std::path::PathBuf;

use http::HeaderName;
use url::Url;

use crate::domain::check::Name;
pub use crate::domain::oauth2::OAuth2;
use crate::domain::reproduction::Presentation;
use crate::domain::secret::SecretRef;

/// Every configured credential, by name.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The credentials.
    pub credentials: BTreeMap<Name, Credential>,
}

/// A secret and the way to present it.
#[derive(Clone, Debug)]
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
            Self::OAuth2(_) => Presentation::Scheme("Bearer".into()),
            Self::LoginForm(_) => Presentation::Session,
        }
    }

    /// Whether a wrong one can lock an account, so that rejections must be counted.
    pub fn has_password(&self) -> bool {
        matches!(self, Self::Basic(_) | Self::Digest(_) | Self::LoginForm(_))
    }
}

/// A user and a password.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub struct LoginForm {
    /// The page with the form.
    pub url: Url,
    /// Fields to fill in.
    pub fields: BTreeMap<String, String>,
    /// The field that takes the secret.
    pub secret_field: String,
    /// The secret.
    pub secret: SecretRef,
}
