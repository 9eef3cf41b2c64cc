//! How a persona presents itself: the contract between those who hold credentials and those who knock.

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;

use super::check::Persona;
use super::finding::Reason;
use super::oauth2::OAuth2;
use super::secret::{Redactor, Secret, SecretRef};

/// Turns a persona into what its request carries.
///
/// Whoever knocks calls this once per probe and knows nothing of schemes.
pub trait Presenter: Send + Sync {
    /// Reads the secrets that the persona needs, now, and makes a presentation of them.
    fn present<'a>(&'a self, persona: &'a Persona) -> Presenting<'a, Presentation>;

    /// Reads one secret that stands outside of credentials: a configured header's value.
    fn read<'a>(&'a self, secret: &'a SecretRef) -> Presenting<'a, Secret>;

    /// What takes every secret that was read so far out of what is shown.
    fn redactor(&self) -> Redactor;
}

/// The future of something that may not be presentable.
pub type Presenting<'a, T> = Pin<Box<dyn Future<Output = Result<T, Unpresentable>> + Send + 'a>>;

/// Gets tokens from token endpoints, for those who show them: credentials, and mail.
pub trait TokenSource: Send + Sync {
    /// A token that holds for a while yet: one that was fetched before, or a new one.
    fn token<'a>(&'a self, wanted: &'a OAuth2) -> Presenting<'a, Token>;

    /// Says that a token was refused, so that the next caller gets another one.
    fn refuse(&self, wanted: &OAuth2, refused: &Secret);
}

/// What a token endpoint gave.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself.
    pub value: Secret,
    /// When it ends, as far as the endpoint said.
    pub expires_at: Option<Timestamp>,
}

/// What a request carries on behalf of a persona.
#[derive(Clone, Debug, Default)]
pub struct Presentation {
    /// Header fields.
    pub headers: Vec<(http::HeaderName, Secret)>,
    /// One more query parameter: name and value, not yet encoded.
    pub query: Option<(String, Secret)>,
    /// A client certificate for the TLS handshake.
    pub identity: Option<Identity>,
    /// Names the secret's bytes without telling them, so that a change is noticed.
    pub fingerprint: Option<[u8; 32]>,
    /// When the credential is known to expire.
    pub expires_at: Option<Timestamp>,
}

/// A client certificate with its key.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The chain in DER form, the client's own certificate first.
    pub chain: Vec<Vec<u8>>,
    /// The private key in DER form.
    pub key: PrivateKey,
}

/// A private key in DER form, by the container it came in.
#[derive(Clone, Debug)]
pub enum PrivateKey {
    /// PKCS #1, RSA only.
    Pkcs1(Secret),
    /// PKCS #8.
    Pkcs8(Secret),
    /// SEC 1, elliptic curves only.
    Sec1(Secret),
}

/// Why a persona could not be presented; the probe is then not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Unpresentable {
    /// `secret_unavailable`, `token_unavailable` or `probe_failed`.
    pub reason: Reason,
    /// What is missing, with the file's or the variable's name, and never a value.
    pub detail: String,
}
